import { it } from 'vitest';
import { expectAllToHold, replayedSeed, seedsOf } from './orders/shard.js';

const HOURS = 6 * 3_600_000;

it.skipIf(replayedSeed() !== undefined)(
  'every rule of the order path holds in every schedule: even seeds',
  async () => {
    await expectAllToHold('orders-a', { from: 2, step: 2, count: seedsOf(9_400, 100_000) / 2 });
  },
  HOURS,
);
