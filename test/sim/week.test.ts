import { expect, it } from 'vitest';
import { newYorkDay, weekdayOf } from '../../src/core/model/calendar/calendar.js';
import { expectAllToHold, replayedSeed, SOAK } from './orders/shard.js';
import type { OrderWorld, WorldOptions } from './orders/world.js';
import { playSession } from './session/run.js';

const HOURS = 6 * 3_600_000;
const WEDNESDAY = 3;
/** Weeks that are played when nobody says otherwise. */
const WEEKS = Number(process.env['FXTRADE_WEEKS'] ?? (SOAK ? 100 : 2));

it(
  'after a week with a weekend, crashes and faults the ledger is the account, interest and the triple day included',
  async () => {
    const seen = { fills: 0, interest: 0, triple: 0, starts: 0 };
    const play = async (options: WorldOptions) => {
      let world: OrderWorld | undefined;
      const played = await playSession({ ...options, week: true }, (one) => {
        world = one;
      });
      const { cash, fills } = world?.sandbox.truth() ?? { cash: [], fills: [] };
      const interest = cash.filter(({ why }) => why === 'financing');
      seen.fills += fills.length;
      seen.interest += interest.length;
      // A roll ends the day before it.
      seen.triple += interest.filter(({ at }) => weekdayOf(newYorkDay(at - 1)) === WEDNESDAY).length;
      seen.starts += world?.starts ?? 0;
      return played;
    };
    await expectAllToHold('week', { from: 1, step: 1, count: WEEKS }, play);
    console.log(`weeks: ${JSON.stringify(seen)}`);
    if (replayedSeed() !== undefined) return;
    expect(seen.interest).toBeGreaterThan(WEEKS * 2);
    expect(seen.triple).toBeGreaterThan(0);
    expect(seen.fills).toBeGreaterThan(WEEKS * 20);
    expect(seen.starts).toBeGreaterThan(WEEKS);
  },
  HOURS,
);
