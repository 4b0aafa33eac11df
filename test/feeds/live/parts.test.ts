import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import { BarMaker, type LiveBar } from '../../../src/feeds/live/bar-maker.js';
import { LastGood } from '../../../src/feeds/live/last-good.js';
import { Steady } from '../../../src/feeds/live/news.js';
import { Periods } from '../../../src/feeds/live/periods.js';
import { Silence } from '../../../src/feeds/live/silence.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const iso = (ts: number): string => new Date(ts).toISOString();
const at = (text: string): number => Date.parse(`${text}Z`);

describe('the close of the bar that a moment lies in', () => {
  it.each`
    hours         | timeframe   | dayEnd        | moment                | close
    ${'fx'}       | ${MINUTE}   | ${'utc'}      | ${'2026-01-06T10:00'} | ${'2026-01-06T10:01'}
    ${'fx'}       | ${HOUR}     | ${'new-york'} | ${'2026-01-06T10:59'} | ${'2026-01-06T11:00'}
    ${'fx'}       | ${4 * HOUR} | ${'utc'}      | ${'2026-01-06T10:00'} | ${'2026-01-06T12:00'}
    ${'fx'}       | ${4 * HOUR} | ${'new-york'} | ${'2026-01-06T10:00'} | ${'2026-01-06T14:00'}
    ${'fx'}       | ${4 * HOUR} | ${'new-york'} | ${'2026-07-07T10:00'} | ${'2026-07-07T13:00'}
    ${'fx'}       | ${DAY}      | ${'new-york'} | ${'2026-01-06T10:00'} | ${'2026-01-06T22:00'}
    ${'fx'}       | ${DAY}      | ${'new-york'} | ${'2026-01-09T22:00'} | ${'2026-01-12T22:00'}
    ${'fx'}       | ${DAY}      | ${'utc'}      | ${'2026-01-06T10:00'} | ${'2026-01-07T00:00'}
    ${'us-stock'} | ${DAY}      | ${'utc'}      | ${'2026-01-06T15:00'} | ${'2026-01-06T21:00'}
    ${'us-stock'} | ${DAY}      | ${'utc'}      | ${'2026-01-09T21:00'} | ${'2026-01-12T21:00'}
    ${'always'}   | ${DAY}      | ${'new-york'} | ${'2026-01-06T10:00'} | ${'2026-01-07T00:00'}
  `(
    '$hours, $timeframe ms, $dayEnd: $moment lies in the bar of $close',
    ({ hours, timeframe, dayEnd, moment, close }) => {
      expect(iso(new Periods(hours, timeframe, dayEnd).closeOf(at(moment)))).toBe(iso(at(close)));
    },
  );

  it('after a weekend the next one is that of Sunday evening', () => {
    const periods = new Periods('fx', HOUR, 'utc');
    expect(iso(periods.closeAfter(at('2026-01-09T22:00')))).toBe(iso(at('2026-01-11T23:00')));
  });
});

describe('bars made of quotes', () => {
  it('are the open, high, low and close of each period in which something was quoted', () => {
    const quote = fc.record({ gap: fc.integer({ min: 0, max: 90_000 }), bid: fc.integer({ min: 1, max: 1_000 }) });
    fc.assert(
      fc.property(fc.array(quote, { maxLength: 200 }), (quotes) => {
        const maker = new BarMaker(new Periods('always', MINUTE, 'utc'));
        const made: LiveBar[] = [];
        const groups = new Map<number, number[]>();
        let ts = at('2026-01-06T10:00');
        for (const { gap, bid } of quotes) {
          ts += gap;
          const close = (Math.floor(ts / MINUTE) + 1) * MINUTE;
          groups.set(close, [...(groups.get(close) ?? []), bid]);
          const bar = maker.hear(ts, bid, bid + 1);
          if (bar !== undefined) made.push(bar);
        }
        const last = maker.closeUpTo(Number.POSITIVE_INFINITY);
        if (last !== undefined) made.push(last);
        const wanted = [...groups].map(([close, bids]) => [
          close,
          bids.length,
          [bids[0], Math.max(...bids), Math.min(...bids), bids.at(-1)],
        ]);
        expect(made.map(({ ts: close, volume, bid }) => [close, volume, bid])).toEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });

  it('are closed once: what comes later for a closed period makes no second bar', () => {
    const maker = new BarMaker(new Periods('always', MINUTE, 'utc'));
    const start = at('2026-01-06T10:00');
    maker.hear(start + 1_000, 1, 2);
    expect(maker.closeUpTo(start + MINUTE)?.volume).toBe(1);
    expect(maker.hear(start + 59_000, 9, 10)).toBeUndefined();
    expect([maker.late, maker.closeUpTo(start + 10 * MINUTE)]).toEqual([1, undefined]);
  });
});

describe('the newest good quote', () => {
  const quote = (ts: number, bid: number) =>
    ({ kind: 'quote', instrument: instrumentId('EUR/USD'), ts, bid, ask: bid + 0.0002, tradeable: true }) as const;

  it('goes only forward in time, whatever order quotes come in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 100 }), (times) => {
        const good = new LastGood();
        let newest = Number.NEGATIVE_INFINITY;
        for (const ts of times) {
          good.hear(quote(ts, 1.1 + ts / 1e7), 0);
          newest = Math.max(newest, ts);
          expect(good.of('EUR/USD')?.venueTs).toBe(newest);
        }
        const { good: kept, late, duplicate } = good.counts;
        expect(kept + late + duplicate).toBe(times.length);
      }),
      { numRuns: 200 },
    );
  });

  it('is doubted while a jump stands that nothing has confirmed, and whether it can be traded is believed at once', () => {
    const good = new LastGood();
    const doubted = () => good.of('EUR/USD')?.isDoubted;
    good.hear(quote(0, 1.1), 0);
    expect(doubted()).toBe(false);
    expect(good.hear({ ...quote(1, 1.2), tradeable: false }, 0)).toBe('spike');
    expect([doubted(), good.of('EUR/USD')?.bid, good.of('EUR/USD')?.tradeable]).toEqual([true, 1.1, false]);
    // A market that runs is never near where it was a moment ago.
    expect([good.hear(quote(2, 1.3), 0), doubted()]).toEqual(['spike', true]);
    expect([good.hear(quote(3, 1.1), 0), doubted()]).toEqual(['good', false]);
    expect([4, 5, 6].map((ts) => good.hear(quote(ts, 1.2), 0))).toEqual(['spike', 'spike', 'good']);
    expect([doubted(), good.of('EUR/USD')?.bid]).toEqual([false, 1.2]);
  });

  it('twice the same is counted once', () => {
    const good = new LastGood();
    expect([1, 2].map(() => good.hear(quote(5, 1.1), 0))).toEqual(['good', 'duplicate']);
  });
});

describe('silence', () => {
  const start = at('2026-01-06T10:00');

  it('is longer than what is usual for the instrument, and never shorter than half a minute', () => {
    const [quick, slow] = [
      new Silence(new Periods('fx', MINUTE, 'utc')),
      new Silence(new Periods('fx', MINUTE, 'utc')),
    ];
    for (let i = 0; i < 100; i++) {
      quick.heard(start + i * 100);
      slow.heard(start + i * 10_000);
    }
    expect(quick.silentSince(start + 9_900 + 30_000, start)).toBeUndefined();
    expect(quick.silentSince(start + 9_900 + 30_001, start)).toBe(start + 9_900);
    expect(slow.silentSince(start + 990_000 + 199_000, start)).toBeUndefined();
    expect(slow.silentSince(start + 990_000 + 201_000, start)).toBe(start + 990_000);
  });

  it('a pause that was too long is told by the quote that ends it; one over a weekend is none', () => {
    const silence = new Silence(new Periods('fx', MINUTE, 'utc'));
    for (let i = 0; i < 100; i++) silence.heard(start + i * 100);
    expect([silence.heard(start + 10_000), silence.heard(start + 100_000)]).toEqual([false, true]);
    const friday = at('2026-01-09T21:59:59');
    silence.forget();
    silence.heard(friday);
    expect(silence.silentSince(at('2026-01-10T12:00'), friday)).toBeUndefined();
    expect(iso(silence.silentSince(at('2026-01-11T22:10'), friday) ?? 0)).toBe(iso(at('2026-01-11T22:00')));
    expect(silence.heard(at('2026-01-11T22:00:01'))).toBe(false);
  });
});

it('what flickers is said neither to be away nor to be back', () => {
  const steady = new Steady();
  const said = Array.from({ length: 60 }, (_, second) => steady.look(second % 2 === 0, second * 1_000));
  expect(said.filter(Boolean)).toEqual([]);
  expect([steady.look(true, 100_000), steady.look(true, 102_000), steady.look(true, 200_000)]).toEqual([
    false,
    true,
    false,
  ]);
});
