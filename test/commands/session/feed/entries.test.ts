import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { barAt, ScriptedFeed, START } from '../../../feeds/live/scripted-feed.js';
import { playOnFeed, SleepingTime } from '../../../helpers/feed-session.js';
import { journalOf } from '../../../helpers/live-desk.js';
import { asKilledNow, newHome } from '../../../helpers/paper-session.js';

const MINUTE = 60_000;

interface Script {
  readonly home: string;
  readonly from?: number;
  readonly minutes: number;
  /** What happens at a second of the session, beside a quote of each vendor. */
  readonly each?: (second: number, main: ScriptedFeed, second_: ScriptedFeed) => boolean | undefined;
  readonly secondPrice?: (second: number) => number;
  readonly onEvent?: () => void;
}

/** A session that turns its position at every bar of a minute, on two vendors who quote every second. */
async function turnEveryMinute({ home, from = START, minutes, each, secondPrice, onEvent }: Script) {
  const time = new SleepingTime(from, Number.POSITIVE_INFINITY);
  const [main, second] = [new ScriptedFeed('main'), new ScriptedFeed('second')];
  main.bars = { 'EUR/USD': Array.from({ length: 200 }, (_, i) => barAt(START + (i - 99) * MINUTE)) };
  void (async () => {
    for (let n = 0; ; n++) {
      await time.wait(1_000);
      const isQuiet = each?.(n, main, second) ?? false;
      if (!isQuiet) main.quote('EUR/USD', time.now(), 1.1);
      if (!isQuiet) second.quote('EUR/USD', time.now(), secondPrice?.(n) ?? 1.1);
    }
  })();
  const used = ({ feed }: ScriptedFeed) => ({ feed, dayEnd: 'utc', requestMs: 0 }) as const;
  const orders: { readonly minute: number; readonly what: string }[] = [];
  const played = await playOnFeed({
    ...{ home, time, feed: 'oanda', main: used(main), fallback: used(second), durationMs: minutes * MINUTE },
    request: { timeframe: '1m', strategy: join(home, 'forgetful.mjs') },
    sets: ['risk.maxOrdersPerMinute=null', 'risk.maxRepeatedExecutions=null'],
    ...(onEvent === undefined ? {} : { onEvent }),
    onRecord: (what, ts) => {
      const minute = (ts - START) / MINUTE;
      if (what.kind === 'submit') orders.push({ minute, what: what.order.intent.reduceOnly ? 'exit' : 'entry' });
      if (what.kind === 'refused') orders.push({ minute, what: what.failures.map(({ limit }) => limit).join() });
    },
  });
  return { ...played, orders };
}

describe('entries', () => {
  it('are refused while two vendors disagree, exits go on, and entries leave again when they agree', async () => {
    const { orders, told } = await turnEveryMinute({
      home: newHome(),
      minutes: 12,
      secondPrice: (second) => (second > 140 && second < 440 ? 1.12 : 1.1),
    });
    const within = orders.filter(({ minute }) => minute >= 3 && minute <= 7).map(({ what }) => what);
    expect(new Set(within)).toEqual(new Set(['exit', 'priceCollarBps']));
    for (const stretch of [orders.filter(({ minute }) => minute < 3), orders.filter(({ minute }) => minute > 7)]) {
      expect(new Set(stretch.map(({ what }) => what))).toEqual(new Set(['entry', 'exit']));
    }
    expect(told.filter(({ kind }) => kind === 'feed').map(({ fields }) => fields['state'])).toEqual([
      'disagree',
      'back',
    ]);
  });

  it('are refused on a price that is old, though the vendor still tells its bars', async () => {
    const { orders, told } = await turnEveryMinute({
      home: newHome(),
      minutes: 14,
      each(n, main, second) {
        const isAway = n > 200 && n < 500;
        for (const feed of [main, second]) {
          if (isAway && !feed.isDown) feed.cut();
          feed.isDown = isAway;
        }
        return isAway;
      },
    });
    const within = orders.filter(({ minute }) => minute >= 5 && minute <= 8).map(({ what }) => what);
    expect(within.filter((what) => what !== 'exit').every((what) => what.startsWith('maxQuoteAge'))).toBe(true);
    expect(within.some((what) => what.startsWith('maxQuoteAge'))).toBe(true);
    expect(orders.filter(({ minute }) => minute > 9).map(({ what }) => what)).toContain('entry');
    const feeds = told
      .filter(({ kind }) => kind === 'feed')
      .map(({ fields }) => `${fields['feed']} ${fields['state']}`);
    expect(feeds.toSorted()).toEqual(['main back', 'main stale', 'second back', 'second stale']);
  });
});

describe('a session on a feed that is killed', () => {
  it('goes on from its journal: every bar once, no order twice, whatever the vendor tells now', async () => {
    const home = newHome();
    const copies: string[] = [];
    let events = 0;
    await turnEveryMinute({
      home,
      minutes: 6,
      onEvent: () => {
        if (++events === 4) copies.push(asKilledNow(home));
      },
    });
    const [killed = ''] = copies;
    const before = journalOf(join(killed, 'books', 'paper-default'));
    const { missed } = await turnEveryMinute({ home: killed, from: START + 10 * MINUTE + 5_000, minutes: 3 });
    const after = journalOf(join(killed, 'books', 'paper-default'));
    expect(after.slice(0, before.length)).toEqual(before);
    const bars = after
      .filter(({ type }) => type === 'bars')
      .flatMap(({ input }) => (input as { readonly bars: readonly (readonly number[][])[] }).bars[0] ?? [])
      .map(([ts = 0]) => ts);
    expect(bars).toEqual(Array.from({ length: bars.length }, (_, i) => (bars[0] ?? 0) + i * MINUTE));
    expect(bars.at(-1)).toBe(START + 13 * MINUTE);
    expect(missed).toBeGreaterThan(3);
    const clients = after.filter(({ type }) => type === 'submit').map((record) => JSON.stringify(record['order']));
    expect(new Set(clients).size).toBe(clients.length);
  });

  it('is bound to its feed', async () => {
    const home = newHome();
    await turnEveryMinute({ home, minutes: 2 });
    const time = new SleepingTime(START + 5 * MINUTE);
    const main = { feed: new ScriptedFeed('other').feed, dayEnd: 'utc', requestMs: 0 } as const;
    const request = { timeframe: '1m', strategy: join(home, 'forgetful.mjs') };
    const other = playOnFeed({ ...{ home, time, feed: 'tiingo', main, once: true }, request });
    await expect(other).rejects.toMatchObject({ code: 'USAGE.BOOK_BOUND' });
  });
});
