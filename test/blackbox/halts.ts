import { setTimeout as wait } from 'node:timers/promises';
import { type FaultScript, parseFaultScript } from '../../src/brokers/oanda/sandbox/faults.js';
import { type Rng, seededRng } from '../../src/core/base/rng.js';
import { Desk, type Running } from './desk.js';

/** What the session is doing when somebody halts. */
export type Situation = 'busy' | 'hung' | 'stopped' | 'dead';
export const SITUATIONS: readonly Situation[] = ['busy', 'hung', 'stopped', 'dead'];

export interface Halted {
  readonly situation: Situation;
  readonly code: number | null;
  readonly ms: number;
  /** Orders that reached the venue before the halt ended, and after. */
  readonly before: number;
  readonly after: number;
  /** Entries that still work at the venue. */
  readonly working: number;
  readonly notProven: readonly string[];
  readonly killed: boolean;
  /** It had to wait for an order that was sent and not answered. */
  readonly waited: boolean;
  readonly problems: readonly string[];
}

const FAULTS: FaultScript = parseFaultScript({
  rules: [
    { on: 'submit', chance: 0.08, fault: { kind: 'late', ms: 900 } },
    { on: 'submit', chance: 0.08, fault: { kind: 'drop-after' } },
    { on: 'submit', chance: 0.08, fault: { kind: 'slow', ms: 500 } },
    { on: 'cancel', chance: 0.1, fault: { kind: 'error-before', status: 503 } },
  ],
});

/** Longer than any answer or late order of the faults above. */
const AFTERMATH_MS = 2_500;

/** Starts a session, halts it from another process, and watches what the venue still accepts. */
export async function haltOnce(bin: string, seed: string, situation: Situation): Promise<Halted> {
  const desk = await Desk.open(bin, seed, FAULTS);
  const random = seededRng(`halt ${seed}`);
  const hang = situation === 'hung' ? ['--param', 'hangAfter=12', '--set', 'strategy.timeout=10m'] : [];
  const running = desk.start(desk.session(hang));
  try {
    await into(situation, desk, running, random);
    return await halt(desk, running, situation);
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
    await desk.close();
  }
}

async function into(situation: Situation, desk: Desk, { child }: Running, random: Rng): Promise<void> {
  const wanted = 1 + Math.floor(random.next() * 6);
  await new Promise<void>((done) => {
    let seen = 0;
    desk.venue.onOrder(() => {
      if (++seen === wanted) done();
    });
    // A session that met its faults early may send fewer.
    setTimeout(done, 9_000);
  });
  await wait(Math.floor(random.next() * 30));
  if (situation === 'stopped') child.kill('SIGSTOP');
  if (situation === 'dead') child.kill('SIGKILL');
  if (situation === 'hung') await wait(3_000);
}

async function halt(desk: Desk, running: Running, situation: Situation): Promise<Halted> {
  const { venue } = desk;
  const begin = performance.now();
  const end = await desk.run(['halt', '--reason', 'from outside', '--json']);
  const ms = performance.now() - begin;
  const [before, known] = [venue.arrived.length, venue.truth().orders.length];
  running.child.kill('SIGCONT');
  await wait(AFTERMATH_MS);
  const late = venue.truth().orders.slice(known);
  const ours = late.filter(({ reason, state }) => reason === 'CLIENT_ORDER' && state !== 'REFUSED');
  const working = venue.truth().orders.filter(({ state, type }) => state === 'PENDING' && type === 'LIMIT');
  const said = answerOf(end.stdout);
  const notProven = said?.notProven?.map(({ reason }) => reason) ?? [];
  const problems: string[] = [];
  const told = `${situation}, exit ${end.code}`;
  if (said?.entriesBlocked !== true)
    problems.push(`${told}: the latch is not said to stand: ${end.stdout}${end.stderr}`);
  if (end.code !== 0 && !(end.code === 4 && notProven.length > 0)) problems.push(`${told}: ${end.stdout.slice(-800)}`);
  // What was said not to be proven may come; after a success nothing may.
  if (end.code === 0 && ours.length > 0) problems.push(`${told}: accepted afterwards: ${JSON.stringify(ours)}`);
  if (end.code === 0 && working.length > 0) problems.push(`${told}: still works: ${JSON.stringify(working)}`);
  if (venue.arrived.length !== before)
    problems.push(`${told}: ${venue.arrived.length - before} order(s) sent afterwards`);
  if (problems.length > 0) problems.unshift(`evidence: ${desk.keep()}`);
  const killed = said?.sessions?.some((one) => one.killed) === true;
  return {
    situation,
    code: end.code,
    ms,
    before,
    after: ours.length,
    working: working.length,
    notProven,
    killed,
    waited: end.stderr.includes('was sent and not answered'),
    problems,
  };
}

interface Answer {
  readonly entriesBlocked?: boolean;
  readonly notProven?: readonly { readonly reason: string }[];
  readonly sessions?: readonly { readonly killed: boolean }[];
}

function answerOf(stdout: string): Answer | undefined {
  try {
    return (JSON.parse(stdout) as { readonly data?: Answer }).data;
  } catch {
    return undefined;
  }
}
