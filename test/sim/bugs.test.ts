import { expect, it } from 'vitest';
import { type Planted, plant } from './bugs/plant.js';
import type { playOrders } from './orders/run.js';
import type { playSession } from './session/run.js';

const MOST_SEEDS = 10_000;
/** What must go wrong for a bug to matter at all. */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  'wall-clock-timeout': ['clock-jump', 'drop-before', 'late'],
  'snapshot-before-journal': ['kill-in-call'],
};
const HOURS = 3_600_000;

type Level = 'orders' | 'halts' | 'session' | 'approvals';

/** The first seed at which the simulator sees a planted bug. */
async function firstBadSeed(bug: string, level: Level) {
  const planted = plant(bug);
  try {
    const play = await playerOf(planted, level);
    for (let seed = 1; seed <= MOST_SEEDS; seed++) {
      const asks = level === 'approvals';
      const { failure } = await play({ seed, halting: level === 'halts', asks, always: ALWAYS[bug] ?? [] });
      if (failure !== undefined) return { seed, failure };
    }
    return undefined;
  } finally {
    planted.remove();
  }
}

async function playerOf(planted: Planted, level: Level): Promise<typeof playOrders> {
  if (level === 'session' || level === 'approvals') {
    return ((await planted.load('test/sim/session/run.ts')) as { playSession: typeof playSession }).playSession;
  }
  return ((await planted.load('test/sim/orders/run.ts')) as { playOrders: typeof playOrders }).playOrders;
}

it.each`
  bug                          | rule              | level
  ${'no-fsync'}                | ${/^\([ae]\)/}    | ${'orders'}
  ${'new-id-on-retry'}         | ${/^\(a\)/}       | ${'orders'}
  ${'resend-on-5xx'}           | ${/^\(a\)/}       | ${'orders'}
  ${'latch-cached'}            | ${/^\(d\)/}       | ${'halts'}
  ${'fills-not-deduped'}       | ${/^\([bf]\)/}    | ${'orders'}
  ${'cancel-assumed'}          | ${/^\([cfi]\)/}   | ${'orders'}
  ${'partial-fill-lost'}       | ${/^\([bcefi]\)/} | ${'orders'}
  ${'limits-ignore-in-flight'} | ${/^\(c\)/}       | ${'session'}
  ${'cash-not-rounded'}        | ${/^\(f\)/}       | ${'session'}
  ${'wall-clock-timeout'}      | ${/^\(i\)/}       | ${'session'}
  ${'snapshot-before-journal'} | ${/^\([aefg]\)/}  | ${'session'}
  ${'approval-used-twice'}     | ${/^\(j\)/}       | ${'approvals'}
`(
  'the planted bug $bug is seen',
  async ({ bug, rule, level }) => {
    const found = await firstBadSeed(bug, level);
    console.log(`${bug}: seed ${found?.seed}, ${found?.failure}`);
    expect(found?.failure).toMatch(rule);
  },
  HOURS,
);
