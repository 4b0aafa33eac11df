import type { FaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import type { SandboxTruth } from '../../src/brokers/oanda/sandbox/message.js';
import { seededRng } from '../../src/core/base/rng.js';
import { check, type Verdict } from './checker.js';
import { Desk } from './desk.js';
import { Lane } from './lane.js';

export interface LongPlan {
  readonly bin: string;
  readonly seed: string;
  readonly faults: FaultScript;
  /** How long it trades, ms. */
  readonly lengthMs: number;
  /** From the moment at which a session is up to its kill, ms. */
  readonly everyMs: number;
  /** What the clocks of the venue and of the program show at first. */
  readonly start: number;
  /** The account's. */
  readonly currency: string;
  /** Told now and then how far it is. */
  readonly onProgress: (text: string) => void;
}

export interface LongRun extends Verdict {
  readonly kills: number;
  readonly ends: ReadonlyMap<string, number>;
  readonly adopted: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Fills by the currency that their profit is in. */
  readonly currencies: ReadonlyMap<string, number>;
  /** What the venue charged at 17:00 New York. */
  readonly interest: readonly { readonly at: string; readonly amount: number; readonly trades: number }[];
  readonly balance: number;
}

const PROGRESS_MS = 60_000;

/** A book that trades for as long as it is told, each session killed after the same time; then the checker. */
export async function tradeOn(plan: LongPlan): Promise<LongRun> {
  const { start, currency } = plan;
  const desk = await Desk.open(plan.bin, plan.seed, plan.faults, { start, currency });
  const lane = new Lane(desk, seededRng(plan.seed), { moments: ['time'], skip: 1 });
  try {
    const begin = performance.now();
    const lasted = (): number => performance.now() - begin;
    let next = PROGRESS_MS;
    await lane.begin();
    while (lasted() < plan.lengthMs && lane.problems.length === 0) {
      await lane.killAfter(plan.everyMs);
      if (lasted() < next) continue;
      next += PROGRESS_MS;
      const { fills, accounts } = desk.venue.truth();
      const minutes = Math.round(lasted() / 60_000);
      plan.onProgress(`${minutes} min, ${lane.kills} kills, ${fills.length} fills, balance ${accounts[0]?.balance}`);
    }
    const ending = await lane.end();
    const { home, book: folder, venue } = desk;
    const truth = venue.truth();
    const verdict = check({ home, folder, truth, arrived: venue.arrived });
    const problems = [...lane.problems, ...ending, ...verdict.problems];
    if (problems.length > 0) problems.unshift(`seed ${plan.seed}, evidence: ${desk.keep()}`);
    const { kills, ends, adopted } = lane;
    const balance = truth.accounts[0]?.balance ?? Number.NaN;
    return { ...verdict, problems, kills, ends, adopted, faults: venue.faults, balance, ...summed(truth) };
  } finally {
    await desk.close();
  }
}

function summed({ fills, cash, accounts }: SandboxTruth): Pick<LongRun, 'currencies' | 'interest'> {
  const currencies = new Map<string, number>();
  for (const { instrument } of fills) {
    const quote = instrument.slice(-3);
    currencies.set(quote, (currencies.get(quote) ?? 0) + 1);
  }
  const records = new Map(accounts.flatMap(({ transactions }) => transactions.map((one) => [String(one['id']), one])));
  const interest = cash
    .filter(({ why }) => why === 'financing')
    .map(({ at, amount, transactionId }) => {
      const trades = (JSON.stringify(records.get(transactionId)).match(/"tradeID"/g) ?? []).length;
      return { at: new Date(at).toISOString(), amount, trades };
    });
  return { currencies, interest };
}
