import { it } from 'vitest';
import { expectAllToHold, seedsOf } from './orders/shard.js';
import { playSession } from './session/run.js';

const HOURS = 6 * 3_600_000;

it(
  'every rule holds in every schedule of a whole session',
  async () => {
    await expectAllToHold('sessions', { from: 1, step: 1, count: seedsOf(200, 4_000) }, playSession);
  },
  HOURS,
);
