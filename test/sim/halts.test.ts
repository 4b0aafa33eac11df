import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { playOrders } from './orders/run.js';
import { expectAllToHold, replayedSeed, SOAK, seedsOf } from './orders/shard.js';
import { LONG_TROUBLE } from './orders/world.js';

const HOURS = 6 * 3_600_000;
const known = JSON.parse(readFileSync(new URL('./seeds.json', import.meta.url), 'utf8')) as {
  readonly orders: readonly number[];
  readonly halts: readonly number[];
};

it(
  'after a halt is proven no order is taken, wherever it lands',
  async () => {
    const count = SOAK ? 10_000 : seedsOf(400, 10_000);
    const { haltsInFlight } = await expectAllToHold('halts', { from: 1, step: 1, count, halting: true });
    // The halts that matter are those that land while an order is on its way.
    if (replayedSeed() === undefined) expect(haltsInFlight).toBeGreaterThan(count * 0.3);
  },
  HOURS,
);

it.each([
  ...known.orders.map((seed) => ({ seed, halting: false })),
  ...known.halts.map((seed) => ({ seed, halting: true })),
])('seed $seed, which once broke a rule, breaks none', async (options) => {
  expect((await playOrders({ ...options, trouble: LONG_TROUBLE, wholeQuiet: true })).failure).toBeUndefined();
});
