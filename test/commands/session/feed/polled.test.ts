import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../src/core/base/rng.js';
import { openPriceFeed } from '../../../../src/feeds/registry.js';
import { type Http, type HttpAnswer, type HttpRequest, WireError } from '../../../../src/wire/message.js';
import { playOnFeed, SleepingTime } from '../../../helpers/feed-session.js';
import { journalOf } from '../../../helpers/live-desk.js';
import { newHome } from '../../../helpers/paper-session.js';
import { KEY, madeBars } from '../../../helpers/vendors/keyed.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Tuesday 2026-01-06 10:00:20 UTC. */
const START = Date.UTC(2026, 0, 6, 10, 0, 20);

type Trouble = 'throttle' | 'outage' | 'stall' | 'drop' | 'garbage' | 'reorder' | 'well';

/** Massive in memory and in the time of the session: what goes wrong is drawn, and every request is counted when it arrives. */
function massive(time: SleepingTime, isGone: (now: number) => boolean) {
  const rng = seededRng('massive');
  const arrivals: number[] = [];
  const troubles: Trouble[] = ['throttle', 'outage', 'stall', 'drop', 'garbage', 'reorder'];
  const met = new Set<Trouble>();
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    await time.wait(100);
    arrivals.push(time.now());
    if (isGone(time.now())) throw new WireError('refused', false);
    const trouble: Trouble = rng.next() < 0.3 ? (troubles[Math.floor(rng.next() * troubles.length)] ?? 'well') : 'well';
    met.add(trouble);
    if (trouble === 'stall') {
      await time.wait(request.deadlineMs);
      throw new WireError('timeout', true);
    }
    await time.wait(100);
    if (trouble === 'drop') throw new WireError('reset', true);
    if (trouble === 'throttle') return { status: 429, headers: {}, body: '{"error":"too many"}' };
    if (trouble === 'outage') return { status: 503, headers: {}, body: '<html>' };
    const [, from = '', to = ''] = /\/(\d{13})\/(\d{13})\?/.exec(request.url) ?? [];
    const bars = madeBars(Number(from), Math.min(Number(to), time.now()), 5 * MINUTE);
    const results = bars.map(({ begin, ...corners }) => ({ t: begin, ...corners, v: 10 }));
    if (trouble === 'reorder') results.reverse();
    const body = JSON.stringify({ status: 'OK', results });
    return { status: 200, headers: {}, body: trouble === 'garbage' ? `${body.slice(0, 40)}NaN` : body };
  };
  const http: Http = {
    send,
    async *lines() {
      yield* [];
      throw new WireError('refused', false);
    },
  };
  const busiest = (perMs: number): number =>
    Math.max(...arrivals.map((at) => arrivals.filter((other) => other >= at && other < at + perMs).length));
  return { http, arrivals, met, busiest };
}

async function polledFeed(time: SleepingTime, http: Http) {
  const feed = await openPriceFeed('polygon', {
    secrets: { get: () => ({ reveal: () => KEY }), plain: () => undefined, hide: (text) => text },
    ...{
      clock: time,
      stopwatch: time,
      wait: time.wait,
      rng: seededRng('polled'),
      signal: new AbortController().signal,
    },
    ...{ http, resolve: async () => ['93.184.216.34'] },
  });
  // Without its stream: a plan that has none.
  const { name, bars } = feed;
  return { name, bars: bars.bind(feed), clockOffsetMs: undefined, close: () => undefined };
}

describe('a vendor that is polled and has a bad day', () => {
  it('never gets more requests than the plan allows; every bar comes once, with its prices, whatever went wrong', async () => {
    const home = newHome();
    const time = new SleepingTime(START);
    time.slow = 5;
    const gone = [START + 2 * HOUR, START + 3 * HOUR] as const;
    const vendor = massive(time, (now) => now >= gone[0] && now < gone[1]);
    const feed = await polledFeed(time, vendor.http);
    const played = await playOnFeed({
      ...{ home, time, feed: 'polygon', durationMs: 5 * HOUR },
      main: { feed, dayEnd: 'utc', requestMs: 12_000 },
      request: { timeframe: '5m', instruments: ['EUR/USD', 'GBP/USD'] },
    });
    expect([...vendor.met].sort()).toEqual(['drop', 'garbage', 'outage', 'reorder', 'stall', 'throttle', 'well']);
    expect(vendor.busiest(60_000)).toBeLessThanOrEqual(5);
    const inputs = journalOf(join(home, 'books', 'paper-default')).filter(({ type }) => type === 'bars');
    for (const index of [0, 1]) {
      const bars = inputs
        .flatMap(({ input }) => (input as { readonly bars: readonly (readonly number[][])[] }).bars[index] ?? [])
        .filter(([ts = 0]) => ts > START);
      const last = bars.at(-1)?.[0] ?? 0;
      expect(last).toBeGreaterThan(START + 5 * HOUR - 15 * MINUTE);
      const wanted = madeBars(START - 5 * MINUTE, last - 5 * MINUTE, 5 * MINUTE).filter(
        ({ begin }) => begin + 5 * MINUTE > START,
      );
      expect(bars.map(([ts, , ...corners]) => [ts, ...corners])).toEqual(
        wanted.map(({ begin, o, h, l, c }) => [begin + 5 * MINUTE, o, h, l, c]),
      );
    }
    const feeds = played.told.filter(({ kind }) => kind === 'feed').map(({ fields }) => fields['state']);
    expect(feeds.slice(0, 2)).toEqual(['stale', 'back']);
    expect(feeds.length).toBeLessThanOrEqual(4);
    expect(played.missed).toBeGreaterThanOrEqual(8);
  });
});
