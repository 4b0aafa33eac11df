import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FaultScript, faultKinds } from '../../src/brokers/oanda/sandbox/faults.js';
import type { ClientIdRule } from '../../src/brokers/oanda/sandbox/message.js';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { allFaults } from './faults.js';
import { type Killed, type KillPlan, killOften } from './kills.js';
import type { Moment } from './lane.js';
import { added, isSoak, several, told } from './several.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram();
}, 120_000);
afterAll(() => program.remove());

const SHORT = {
  books: 4,
  kills: 15,
  width: 4,
  skip: 4,
  orders: 60,
  inFlight: 9,
  each: 0,
  faults: { knowable: 0.04, unknowable: 0, outside: 0 },
};
const LONG = {
  books: 50,
  kills: 40,
  width: 12,
  skip: 14,
  orders: 5_000,
  inFlight: 300,
  each: 20,
  faults: { knowable: 0.015, unknowable: 0.005, outside: 0.005 },
};
const SIZE = isSoak ? LONG : SHORT;

/** One lane of each kind, in turn: an id that is refused for ever, or among pending orders only; a file, or a built-in. */
const LANES: readonly Required<Pick<KillPlan, 'clientIds' | 'trades'>>[] = [
  { clientIds: 'pending', trades: ['restless.mjs'] },
  { clientIds: 'for-ever', trades: ['sma-cross', '--param', 'fast=2', '--param', 'slow=3'] },
  { clientIds: 'for-ever', trades: ['restless.mjs'] },
  { clientIds: 'pending', trades: ['sma-cross', '--param', 'fast=2', '--param', 'slow=3'] },
];

function faultsOf(clientIds: ClientIdRule | undefined): FaultScript {
  return allFaults({ ...SIZE.faults, duplicate: clientIds === 'for-ever' ? SIZE.faults.knowable : 0 });
}

const MOMENTS: readonly Moment[] = ['time', 'arrival', 'arrival', 'arrival'];
const EVERY_MOMENT: readonly Moment[] = [...MOMENTS, ...MOMENTS, 'submit', 'attempt'];

const total = (runs: readonly Killed[], of: (run: Killed) => number): number =>
  runs.reduce((sum, run) => sum + of(run), 0);

function summary(runs: readonly Killed[], what: string): string {
  const of = (count: (run: Killed) => number): number => total(runs, count);
  return [
    `black box, ${what}: ${of((run) => run.kills)} kills, ${of((run) => run.intents)} intents, ${of((run) => run.orders)} orders, ${of((run) => run.fills)} fills`,
    `${of((run) => run.duplicates)} duplicate, ${of((run) => run.lost)} lost, ${of((run) => run.problems.length)} problems`,
    `${of((run) => run.inFlight)} kills between an intent's fsync and its outcome (${of((run) => run.attempted)} of them with the bytes under way), ${of((run) => run.inDoubt)} in doubt`,
    `${of((run) => run.adopted)} times a person decided`,
    `ends: ${told(added(runs.map((run) => run.ends))) || 'none'}`,
    `faults: ${told(added(runs.map((run) => run.faults)))}`,
  ].join('; ');
}

it(
  'killed again and again while it trades at a venue with faults, no order is sent twice and none is lost',
  async () => {
    const begin = process.env['BLACKBOX_SEED'] ?? '1';
    const plans = Array.from({ length: SIZE.books }, (_, i): KillPlan => {
      const { clientIds, trades } = LANES[i % LANES.length] ?? { clientIds: 'pending', trades: ['restless.mjs'] };
      const [bin, seed, faults] = [program.bin, `${begin}-${i}`, faultsOf(clientIds)];
      return {
        bin,
        seed,
        faults,
        clientIds,
        trades,
        kills: SIZE.kills,
        skip: SIZE.skip,
        moments: isSoak ? EVERY_MOMENT : MOMENTS,
      };
    });

    let done = 0;
    const runs = await several(plans, SIZE.width, async (plan) => {
      const run = await killOften(plan);
      done += run.kills;
      if (isSoak) console.log(summary([run], `${plan.clientIds}, ${String(plan.trades?.[0])}, ${done} so far`));
      return run;
    });

    const happened = added(runs.map((run) => run.faults));
    console.log(summary(runs, `${SIZE.books} books`));
    expect(runs.flatMap((run) => run.problems)).toEqual([]);
    expect(total(runs, (run) => run.kills)).toBe(SIZE.books * SIZE.kills);
    expect(total(runs, (run) => run.inFlight)).toBeGreaterThanOrEqual(SIZE.inFlight);
    expect(total(runs, (run) => run.orders)).toBeGreaterThanOrEqual(SIZE.orders);
    for (const kind of faultKinds) expect(happened.get(kind) ?? 0, kind).toBeGreaterThanOrEqual(SIZE.each);
  },
  isSoak ? 5 * 3_600_000 : 1_200_000,
);
