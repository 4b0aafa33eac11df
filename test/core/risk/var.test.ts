import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bookTail, PRIOR_DAY_VOLATILITY, tailOf, tailRisk, VAR_DAYS } from '../../../src/core/risk/var.js';
import { aBook, aCandidate, anIntent, aView, only, stoppedBy } from './a-book.js';

/** −1 %, −2 %, … −n % of a percent, shuffled by a fixed step. */
function ladder(days: number): Float64Array {
  return Float64Array.from({ length: days }, (_, day) => -((((day * 7) % days) + 1) / 10_000));
}

/** Quantile type 7 and the mean of the days at or below it, the long way. */
function oracle(values: readonly number[]): { var95Day: number; es95Day: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * 0.05;
  const low = Math.floor(at);
  const below = sorted[low] as number;
  const quantile = below + (at - low) * ((sorted[low + 1] ?? below) - below);
  const beyond = sorted.slice(0, low + 1);
  return { var95Day: -quantile, es95Day: -beyond.reduce((sum, value) => sum + value, 0) / beyond.length };
}

describe('the tail of some days', () => {
  it('agrees with sorting', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 1, maxLength: VAR_DAYS }),
        (values) => {
          const tail = tailOf(Float64Array.from(values), values.length);
          const expected = oracle(values);
          expect(tail.var95Day).toBeCloseTo(expected.var95Day, 12);
          expect(tail.es95Day).toBeCloseTo(expected.es95Day, 12);
        },
      ),
    );
  });

  it('given a hole, is unknown', () => {
    expect(tailOf(Float64Array.of(0.1, Number.NaN), 2)).toEqual({ var95Day: Number.NaN, es95Day: Number.NaN });
  });

  it.each([0, VAR_DAYS + 1])('of %s days is a bug', (count) => {
    expect(() => tailOf(new Float64Array(300), count)).toThrow('a tail is taken of 1 to 250 days');
  });
});

describe('the tail of the book', () => {
  it('takes the newest 250 days of the held position', () => {
    const old = new Float64Array(400).fill(-1);
    old.set(ladder(250), 150);
    const view = aView('EUR/USD', { dailyReturns: old });
    const book = aBook([view]);
    const tail = bookTail(aCandidate(anIntent({ units: 100_000 }), book), book, 'after');
    expect(tail.var95Day).toBeCloseTo(oracle([...ladder(250)]).var95Day, 12);
    expect(tail.es95Day).toBeCloseTo(oracle([...ladder(250)]).es95Day, 12);
    expect(bookTail(aCandidate(anIntent(), book), book, 'before')).toEqual({ var95Day: 0, es95Day: 0 });
  });

  it('of a hedged book is nothing, of a short the other tail', () => {
    const returns = ladder(100);
    const book = aBook([
      aView('EUR/USD', { dailyReturns: returns }),
      aView('GBP/USD', { dailyReturns: returns, units: -50_000 }),
    ]);
    expect(bookTail(aCandidate(anIntent({ units: 50_000 }), book), book, 'after').var95Day).toBeCloseTo(0, 15);
    expect(bookTail(aCandidate(anIntent(), book), book, 'before').var95Day).toBeLessThan(0);
  });

  it('given few days, is the normal tail of the prior volatility, without credit for hedges', () => {
    const short = new Float64Array(59).fill(-0.5);
    const book = aBook([aView('EUR/USD', { dailyReturns: short }), aView('AAA', { units: -50_000 })]);
    const tail = bookTail(aCandidate(anIntent({ units: 50_000 }), book), book, 'after');
    const daily = 0.5 * (PRIOR_DAY_VOLATILITY.fx + PRIOR_DAY_VOLATILITY.stock);
    expect(tail.var95Day).toBeCloseTo(1.6448536 * daily, 8);
    expect(tail.es95Day).toBeCloseTo(2.0627128 * daily, 8);
  });

  it('aligns on the newest day and adds the unknown to the known', () => {
    const book = aBook([
      aView('EUR/USD', { dailyReturns: new Float64Array(250).fill(-0.01) }),
      aView('GBP/USD', { dailyReturns: new Float64Array(60).fill(0.01), units: 100_000 }),
      aView('AAA', { units: 10_000 }),
    ]);
    const tail = bookTail(aCandidate(anIntent({ units: 100_000 }), book), book, 'after');
    expect(tail.var95Day).toBeCloseTo(0.1 * PRIOR_DAY_VOLATILITY.stock * 1.6448536, 8);
  });
});

describe('the days that count', () => {
  /** A loss on each of the first days, nothing after. */
  const early = (days: number) => Float64Array.from({ length: days }, (_, day) => (day < 20 ? -0.05 : 0));
  const held = (change: Parameters<typeof aView>[1]) => aView('GBP/USD', { units: 100_000, ...change });

  it('are not cut by the few of what is not held', () => {
    const book = aBook([aView('EUR/USD', { dailyReturns: new Float64Array(60) }), held({ dailyReturns: early(250) })]);
    const order = aCandidate(anIntent({ units: 1 }), book);
    expect(bookTail(order, book, 'before').var95Day).toBeCloseTo(0.05, 12);
    expect(bookTail(order, book, 'after').var95Day).toBe(0);
  });

  it('are not cut by what has too few of them, nor spoiled by holes in what is not held', () => {
    const few = aBook([aView('EUR/USD', { dailyReturns: new Float64Array(59) }), held({ dailyReturns: early(250) })]);
    const after = bookTail(aCandidate(anIntent({ units: 1 }), few), few, 'after').var95Day;
    expect(after).toBeCloseTo(0.05, 4);
    const holes = aBook([
      aView('EUR/USD', { dailyReturns: new Float64Array(250).fill(Number.NaN) }),
      held({ dailyReturns: early(250) }),
    ]);
    const order = aCandidate(anIntent({ units: 1 }), holes);
    expect(bookTail(order, holes, 'before').var95Day).toBeCloseTo(0.05, 12);
    expect(bookTail(order, holes, 'after').var95Day).toBeNaN();
    expect(stoppedBy(only({ var95DayBps: 9999 }), [anIntent({ units: 1 })], holes)).toEqual(['var95DayBps']);
  });

  it('given none at all, are no risk of their own', () => {
    const book = aBook();
    expect(bookTail({ rows: [] }, book, 'after')).toEqual({ var95Day: 0, es95Day: 0 });
  });

  it('stop an order by the worst of them, wherever it lies', () => {
    const book = aBook([aView('EUR/USD', { dailyReturns: early(250) })]);
    const limits = only({ var95DayBps: 499 });
    expect(stoppedBy(limits, [anIntent({ units: 100_000 })], book)).toEqual(['var95DayBps']);
    expect(stoppedBy(limits, [anIntent({ units: 99_000 })], book)).toEqual([]);
  });
});

describe('var95DayBps and es95DayBps', () => {
  const flat = new Float64Array(250).fill(-0.01);
  const book = aBook([aView('EUR/USD', { dailyReturns: flat })]);

  it.each`
    units      | limits                                   | stopped
    ${200_000} | ${{ var95DayBps: 200 }}                  | ${[]}
    ${200_100} | ${{ var95DayBps: 200 }}                  | ${['var95DayBps']}
    ${200_000} | ${{ es95DayBps: 200 }}                   | ${[]}
    ${200_100} | ${{ es95DayBps: 200 }}                   | ${['es95DayBps']}
    ${200_100} | ${{ var95DayBps: 300, es95DayBps: 200 }} | ${['es95DayBps']}
    ${200_100} | ${{ var95DayBps: 200, es95DayBps: 200 }} | ${['var95DayBps', 'es95DayBps']}
    ${900_000} | ${{}}                                    | ${[]}
  `('$units units against $limits are stopped by $stopped', ({ units, limits, stopped }) => {
    expect(stoppedBy(only(limits), [anIntent({ units })], book)).toEqual(stopped);
  });

  it('never stops an exit, nor an order that lowers a broken risk', () => {
    const over = aBook([
      aView('EUR/USD', { dailyReturns: flat, units: 900_000 }),
      aView('GBP/USD', { dailyReturns: flat }),
    ]);
    const limits = only({ var95DayBps: 200, es95DayBps: 300 });
    expect(stoppedBy(limits, [anIntent({ side: 'sell' })], over)).toEqual([]);
    expect(stoppedBy(limits, [anIntent({ side: 'sell', symbol: 'GBP/USD' })], over)).toEqual([]);
    expect(stoppedBy(limits, [anIntent({ symbol: 'GBP/USD' })], over)).toEqual(['var95DayBps', 'es95DayBps']);
  });

  it('given no equity, refuses', () => {
    const broke = { ...book, equity: 0 };
    expect(tailRisk(only({ var95DayBps: 200 }), aCandidate(anIntent(), broke), broke)).toHaveLength(1);
  });
});
