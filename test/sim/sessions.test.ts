import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { expectAllToHold, replayedSeed, seedsOf } from './orders/shard.js';
import type { WorldOptions } from './orders/world.js';
import { playSession } from './session/run.js';

const HOURS = 6 * 3_600_000;

it(
  'every rule holds in every schedule of a whole session',
  async () => {
    await expectAllToHold('sessions', { from: 1, step: 1, count: seedsOf(200, 4_000) }, playSession);
  },
  HOURS,
);

it(
  'every rule holds in every schedule of a session that asks people, who answer twice, late, or in the wrong place',
  async () => {
    const count = seedsOf(20, 2_000);
    const play = (options: WorldOptions) => playSession({ ...options, asks: true });
    const { counts } = await expectAllToHold('sessions', { from: 1, step: 1, count }, play);
    if (replayedSeed() === undefined) expect(counts['accepted']).toBeGreaterThan(count);
  },
  HOURS,
);

const known = JSON.parse(readFileSync(new URL('./seeds.json', import.meta.url), 'utf8')) as {
  readonly sessions: readonly number[];
};

it.each(known.sessions)('seed %d, which once broke a rule, breaks none', async (seed) => {
  expect((await playSession({ seed, wholeQuiet: true })).failure).toBeUndefined();
});
