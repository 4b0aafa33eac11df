import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
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

const known = JSON.parse(readFileSync(new URL('./seeds.json', import.meta.url), 'utf8')) as {
  readonly sessions: readonly number[];
};

it.each(known.sessions)('seed %d, which once broke a rule, breaks none', async (seed) => {
  expect((await playSession({ seed, wholeQuiet: true })).failure).toBeUndefined();
});
