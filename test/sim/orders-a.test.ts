import { it } from 'vitest';
import { expectAllToHold, seedsOf } from './orders/shard.js';

const HOURS = 6 * 3_600_000;

it(
  'every rule of the order path holds in every schedule: odd seeds',
  async () => {
    await expectAllToHold('orders-a', { from: 1, step: 2, count: seedsOf(9_400, 100_000) / 2 });
  },
  HOURS,
);
