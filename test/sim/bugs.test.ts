import { expect, it } from 'vitest';
import { plant } from './bugs/plant.js';
import type { playOrders } from './orders/run.js';

const MOST_SEEDS = 10_000;
const HOURS = 3_600_000;

/** The first seed at which the simulator sees a planted bug. */
async function firstBadSeed(bug: string, halting: boolean) {
  const planted = plant(bug);
  try {
    const { playOrders: play } = (await planted.load('test/sim/orders/run.ts')) as { playOrders: typeof playOrders };
    for (let seed = 1; seed <= MOST_SEEDS; seed++) {
      const { failure } = await play({ seed, halting });
      if (failure !== undefined) return { seed, failure };
    }
    return undefined;
  } finally {
    planted.remove();
  }
}

it.each`
  bug                    | rule              | halting
  ${'no-fsync'}          | ${/^\(a\)/}       | ${false}
  ${'new-id-on-retry'}   | ${/^\(a\)/}       | ${false}
  ${'resend-on-5xx'}     | ${/^\(a\)/}       | ${false}
  ${'latch-cached'}      | ${/^\(d\)/}       | ${true}
  ${'fills-not-deduped'} | ${/^\([bf]\)/}    | ${false}
  ${'cancel-assumed'}    | ${/^\([cfi]\)/}   | ${false}
  ${'partial-fill-lost'} | ${/^\([bcefi]\)/} | ${false}
`(
  'the planted bug $bug is seen',
  async ({ bug, rule, halting }) => {
    const found = await firstBadSeed(bug, halting);
    console.log(`${bug}: seed ${found?.seed}, ${found?.failure}`);
    expect(found?.failure).toMatch(rule);
  },
  HOURS,
);
