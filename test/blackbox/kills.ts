import type { FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import type { ClientIdRule } from '../../src/brokers/oanda/sandbox/message.js';
import { seededRng } from '../../src/core/base/rng.js';
import { check, type Verdict } from './checker.js';
import { Desk } from './desk.js';
import { Lane, type Striking } from './lane.js';

export interface KillPlan extends Striking {
  readonly bin: string;
  readonly seed: string;
  readonly faults: FaultScript;
  readonly kills: number;
  readonly clientIds: ClientIdRule;
}

export interface Killed extends Verdict {
  readonly kills: number;
  /** Kills at which an intent was safe on disk and its outcome was not. */
  readonly inFlight: number;
  /** Of those, kills at which the bytes may have left. */
  readonly attempted: number;
  /** Kills while an answer that told nothing was being looked into. */
  readonly inDoubt: number;
  /** Sessions that ended by themselves, by exit code. */
  readonly ends: ReadonlyMap<string, number>;
  /** Times a person had to take the venue's word. */
  readonly adopted: number;
  readonly faults: ReadonlyMap<string, number>;
}

/** One book, killed again and again while it trades; then a session that nobody touches, then the checker. */
export async function killOften(plan: KillPlan): Promise<Killed> {
  const desk = await Desk.open(plan.bin, plan.seed, plan.faults, { clientIds: plan.clientIds });
  const lane = new Lane(desk, seededRng(`kills ${plan.seed}`), plan);
  try {
    await lane.begin();
    while (lane.kills < plan.kills && lane.problems.length === 0) await lane.next();
    const ending = await lane.end();
    const { home, book: folder, venue } = desk;
    const verdict = check({ home, folder, truth: venue.truth(), arrived: venue.arrived });
    const problems = [...ending, ...(await lane.byHand())];
    const { kills, inFlight, attempted, inDoubt, ends, adopted } = lane;
    const all = [...lane.problems, ...problems, ...verdict.problems];
    if (all.length > 0) all.unshift(`seed ${plan.seed}, evidence: ${desk.keep()}`);
    return { ...verdict, problems: all, kills, inFlight, attempted, inDoubt, ends, adopted, faults: venue.faults };
  } finally {
    await desk.close();
  }
}
