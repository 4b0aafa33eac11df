import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltProgram, builtProgram } from '../helpers/built-program.js';
import { allFaults } from './faults.js';
import { type Killed, killOften } from './kills.js';
import type { Moment } from './lane.js';
import { added, isSoak, several, told } from './several.js';

let program: BuiltProgram;
beforeAll(async () => {
  program = await builtProgram({ isPacked: true });
}, 120_000);
afterAll(() => program.remove());

const SHORT = { books: 6, kills: 10, chance: 0.04, unknowable: 0, width: 6, skip: 4, orders: 60, inFlight: 9, each: 0 };
const LONG = {
  books: 20,
  kills: 100,
  chance: 0.02,
  unknowable: 0.006,
  width: 4,
  skip: 9,
  orders: 5_000,
  inFlight: 300,
  each: 20,
};
const SIZE = isSoak ? LONG : SHORT;

const MOMENTS: readonly Moment[] = ['time', 'arrival', 'arrival', 'arrival'];
const EVERY_MOMENT: readonly Moment[] = [...MOMENTS, ...MOMENTS, 'submit', 'attempt'];

const total = (runs: readonly Killed[], of: (run: Killed) => number): number =>
  runs.reduce((sum, run) => sum + of(run), 0);

it(
  'killed again and again while it trades at a venue with faults, no order is sent twice and none is lost',
  async () => {
    const begin = process.env['BLACKBOX_SEED'] ?? '1';
    const seeds = Array.from({ length: SIZE.books }, (_, i) => `${begin}-${i}`);

    const runs = await several(seeds, SIZE.width, (seed) =>
      killOften({
        bin: program.bin,
        seed,
        faults: allFaults(SIZE.chance, SIZE.unknowable),
        kills: SIZE.kills,
        skip: SIZE.skip,
        moments: isSoak ? EVERY_MOMENT : MOMENTS,
      }),
    );

    const kills = total(runs, (run) => run.kills);
    const orders = total(runs, (run) => run.orders);
    const inFlight = total(runs, (run) => run.inFlight);
    const happened = added(runs.map((run) => run.faults));
    console.log(
      `black box: ${kills} kills, ${total(runs, (run) => run.intents)} intents, ${orders} orders, ${total(runs, (run) => run.fills)} fills, ${total(runs, (run) => run.duplicates)} duplicate, ${total(runs, (run) => run.lost)} lost; ${inFlight} kills between an intent's fsync and its outcome (${total(runs, (run) => run.attempted)} of them with the bytes under way), ${total(runs, (run) => run.inDoubt)} in doubt; ${total(runs, (run) => run.adopted)} times a person decided; ends: ${told(added(runs.map((run) => run.ends))) || 'none'}; faults: ${told(happened)}`,
    );
    expect(runs.flatMap((run) => run.problems)).toEqual([]);
    expect(kills).toBe(SIZE.books * SIZE.kills);
    expect(inFlight).toBeGreaterThanOrEqual(SIZE.inFlight);
    expect(orders).toBeGreaterThanOrEqual(SIZE.orders);
    const kinds = allFaults(1, 1).rules.map(({ fault }) => fault.kind);
    for (const kind of kinds) expect(happened.get(kind) ?? 0, kind).toBeGreaterThanOrEqual(SIZE.each);
  },
  isSoak ? 5 * 3_600_000 : 600_000,
);
