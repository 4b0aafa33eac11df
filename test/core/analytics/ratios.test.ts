import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawdownOf, drawdownPath, ulcerIndex } from '../../../src/core/analytics/drawdown.js';
import {
  calmar,
  downsideDeviation,
  omega,
  sharpe,
  sharpeGeometric,
  sharpeStandardError,
  sortino,
} from '../../../src/core/analytics/ratios.js';
import {
  annualReturnByCount,
  annualVolatility,
  cumulativeReturn,
  growthByDate,
  logReturns,
  simpleReturns,
  timeWeightedReturn,
} from '../../../src/core/analytics/returns.js';
import { isNumber } from '../../../src/core/math/stats.js';

const terms = { rfPerPeriod: 0, periodsPerYear: 252 };
const aReturn = fc.integer({ min: -500, max: 500 }).map((bps) => bps / 10_000);
const returnsOf = (minLength: number) => fc.array(aReturn, { minLength, maxLength: 60 });
const times = fc.constantFrom(0.5, 2, 4);
const scaled = (list: readonly number[], by: number) => list.map((r) => r * by);
const near = (actual: unknown, expected: unknown, digits = 9) =>
  typeof expected === 'string' ? expect(actual).toBe(expected) : expect(actual).toBeCloseTo(Number(expected), digits);

describe('returns', () => {
  it.each`
    given                  | prices               | simple
    ${'a rise and a fall'} | ${[100, 110, 99]}    | ${[0.1, -0.1]}
    ${'one price'}         | ${[100]}             | ${[]}
    ${'no price'}          | ${[]}                | ${[]}
    ${'a zero'}            | ${[1.1, 0, 1.2]}     | ${'INVALID_PRICE'}
    ${'a negative price'}  | ${[1.1, -1]}         | ${'INVALID_PRICE'}
    ${'a missing price'}   | ${[1.1, Number.NaN]} | ${'INVALID_PRICE'}
    ${'an infinite price'} | ${[Infinity, 1]}     | ${'INVALID_PRICE'}
  `('$given gives $simple', ({ prices, simple }) => {
    const result = simpleReturns(prices);
    if (typeof simple === 'string') expect([result, logReturns(prices)]).toEqual([simple, simple]);
    else expect([...(result as Float64Array)].map((r) => Math.round(r * 1e12) / 1e12)).toEqual(simple);
  });

  it('log returns add up to the log of the whole move, and simple ones compound to it', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 2, maxLength: 40 }), (prices) => {
        const whole = (prices.at(-1) ?? 1) / (prices[0] ?? 1);
        const logs = [...(logReturns(prices) as Float64Array)].reduce((a, b) => a + b, 0);
        expect(logs).toBeCloseTo(Math.log(whole), 9);
        expect(cumulativeReturn(simpleReturns(prices) as Float64Array)).toBeCloseTo(whole - 1, 9);
      }),
    );
  });

  it.each`
    given                      | returns               | expected
    ${'nothing'}               | ${[]}                 | ${'TOO_FEW'}
    ${'a total loss'}          | ${[0.05, -1, 0.1]}    | ${-1}
    ${'a debt'}                | ${[-1.5]}             | ${'NEGATIVE_WEALTH'}
    ${'a debt that came back'} | ${[-1.5, -1.5]}       | ${'NEGATIVE_WEALTH'}
    ${'half a year of 10 %'}   | ${Array(126).fill(0)} | ${0}
  `('after $given the annual return is $expected', ({ returns, expected }) => {
    expect(annualReturnByCount(returns, 252)).toBe(expected);
  });

  it('annual figures do not depend on the order, and repeating a year changes no annual return', () => {
    fc.assert(
      fc.property(returnsOf(2), (list) => {
        near(annualReturnByCount([...list].reverse(), 252), annualReturnByCount(list, 252), 6);
        const once = Number(annualReturnByCount(list, 252));
        const twice = Number(annualReturnByCount([...list, ...list], 252));
        expect(twice / (1 + Math.abs(once))).toBeCloseTo(once / (1 + Math.abs(once)), 9);
        near(annualVolatility([...list].reverse(), 252), annualVolatility(list, 252));
      }),
    );
  });

  it.each`
    start  | end      | days      | expected
    ${100} | ${121}   | ${730.5}  | ${0.1}
    ${100} | ${100}   | ${10}     | ${0}
    ${100} | ${0}     | ${365.25} | ${-1}
    ${0}   | ${100}   | ${365.25} | ${'INVALID_EQUITY'}
    ${100} | ${-5}    | ${365.25} | ${'NEGATIVE_WEALTH'}
    ${100} | ${105}   | ${0}      | ${'TOO_FEW'}
    ${1}   | ${1e300} | ${1}      | ${'NOT_FINITE'}
  `('from $start to $end in $days days is $expected a year', ({ start, end, days, expected }) => {
    near(growthByDate({ startEquity: start, endEquity: end, days }), expected, 12);
  });

  it('a deposit is no profit, and a time-weighted return without flows is the plain one', () => {
    expect(timeWeightedReturn([100, 200], [0, 100])).toMatchObject({ total: 0 });
    expect(timeWeightedReturn([100, 110, 121], [50, 0, 0])).toMatchObject({ total: expect.closeTo(0.21, 12) });
    expect(timeWeightedReturn([100, 110], [0])).toBe('LENGTH_MISMATCH');
    expect(timeWeightedReturn([100], [0])).toBe('TOO_FEW');
    expect(timeWeightedReturn([100, 0, 5], [0, 0, 5])).toBe('INVALID_EQUITY');
  });
});

describe('ratios', () => {
  // Returns 1 %, −1 %, 3 %: mean 1 %, deviation 2 %, losses 1 %, gains 4 %.
  const hand = [0.01, -0.01, 0.03];
  it('equal their definitions worked by hand', () => {
    near(sharpe(hand, { rfPerPeriod: 0, periodsPerYear: 4 }), 1);
    near(sharpe(hand, { rfPerPeriod: 0.01, periodsPerYear: 4 }), 0);
    near(downsideDeviation(hand, 0), 0.01 / Math.sqrt(3));
    near(downsideDeviation(hand, 0, 'subset'), 0.01);
    near(sortino(hand, { rfPerPeriod: 0, periodsPerYear: 4 }), 2 * Math.sqrt(3));
    near(omega(hand, 0), 4);
    near(omega(hand, 0.01), 1);
    near(calmar(0.1, 0.05), 2);
    near(sharpeStandardError({ sharpe: 0, n: 101, skew: 0, kurtosis: 3 }), 0.1);
    near(sharpeGeometric(hand, { rfPerPeriod: 0, periodsPerYear: 3 }), (1.01 * 0.99 * 1.03 - 1) / 0.02 / Math.sqrt(3));
  });

  it.each`
    given               | returns              | expected
    ${'no returns'}     | ${[]}                | ${['TOO_FEW', 'TOO_FEW', 'TOO_FEW']}
    ${'one return'}     | ${[0.01]}            | ${['TOO_FEW', 'TOO_FEW', 'TOO_FEW']}
    ${'flat returns'}   | ${[0, 0, 0]}         | ${['ZERO_VARIANCE', 'ZERO_VARIANCE', 'ZERO_VARIANCE']}
    ${'a missing one'}  | ${[0.1, Number.NaN]} | ${['NOT_FINITE', 'NOT_FINITE', 'NOT_FINITE']}
    ${'an endless one'} | ${[0.1, -Infinity]}  | ${['NOT_FINITE', 'NOT_FINITE', 'NOT_FINITE']}
  `('$given have the ratios $expected', ({ returns, expected }) => {
    expect([sharpe(returns, terms), sortino(returns, terms), omega(returns, 0)]).toEqual(expected);
  });

  it('do not change with leverage or order', () => {
    fc.assert(
      fc.property(returnsOf(2), times, (list, by) => {
        for (const ratio of [sharpe, sortino]) {
          near(ratio(scaled(list, by), terms), ratio(list, terms), 6);
          near(ratio([...list].reverse(), terms), ratio(list, terms), 6);
        }
        near(omega(scaled(list, by), 0), omega(list, 0), 6);
        near(omega([...list].reverse(), 0), omega(list, 0), 6);
      }),
    );
  });

  it('turn their sign with the returns, and omega turns over', () => {
    fc.assert(
      fc.property(returnsOf(3), (list) => {
        const mirrored = sharpe(scaled(list, -1), terms);
        const straight = sharpe(list, terms);
        near(mirrored, isNumber(straight) ? -straight : straight, 6);
        const up = omega(list, 0);
        const down = omega(scaled(list, -1), 0);
        if (isNumber(up) && isNumber(down)) expect(up * down).toBeCloseTo(1, 6);
      }),
    );
  });

  it('rise when every day pays more, and taking it away as the risk-free return gives the old ratio', () => {
    fc.assert(
      fc.property(returnsOf(2), (list) => {
        const better = list.map((r) => r + 0.001);
        near(sharpe(better, { ...terms, rfPerPeriod: 0.001 }), sharpe(list, terms), 5);
        const before = sharpe(list, terms);
        const after = sharpe(better, terms);
        if (isNumber(before) && isNumber(after)) expect(after).toBeGreaterThan(before);
      }),
    );
  });

  it('sortino and omega do not change when the whole history is lived twice', () => {
    fc.assert(
      fc.property(returnsOf(2), (list) => {
        near(sortino([...list, ...list], terms), sortino(list, terms), 6);
        near(omega([...list, ...list], 0), omega(list, 0), 6);
      }),
    );
  });
});

describe('drawdown', () => {
  it.each`
    given                       | returns                        | depth  | peak | trough | recovery | longest
    ${'a first loss'}           | ${[-0.1, 0.05, 0.02]}          | ${0.1} | ${0} | ${1}   | ${null}  | ${3}
    ${'a loss made good'}       | ${[0.1, -0.5, 1.5, 0.1]}       | ${0.5} | ${1} | ${2}   | ${3}     | ${1}
    ${'gains only'}             | ${[0.1, 0.1]}                  | ${0}   | ${0} | ${0}   | ${null}  | ${0}
    ${'two, the second deeper'} | ${[-0.1, 0.5, -0.2, -0.25, 2]} | ${0.4} | ${2} | ${4}   | ${5}     | ${2}
    ${'ruin'}                   | ${[0.5, -1, 0.3]}              | ${1}   | ${1} | ${2}   | ${null}  | ${2}
  `('$given: $depth deep, from $peak to $trough', ({ returns, depth, peak, trough, recovery, longest }) => {
    expect(drawdownOf(returns)).toMatchObject({
      maxDrawdown: expect.closeTo(depth, 12),
      peakIndex: peak,
      troughIndex: trough,
      recoveryIndex: recovery,
      longestUnderwater: longest,
    });
  });

  it('is between 0 and 1, the ulcer index is between its mean and its maximum', () => {
    fc.assert(
      fc.property(returnsOf(1), (list) => {
        const result = drawdownOf(list);
        if (!isNumber(result)) throw new Error('a drawdown exists');
        expect(result.maxDrawdown).toBeGreaterThanOrEqual(0);
        expect(result.maxDrawdown).toBeLessThanOrEqual(1);
        expect(Number(ulcerIndex(list))).toBeLessThanOrEqual(result.maxDrawdown + 1e-12);
        expect(Number(ulcerIndex(list))).toBeGreaterThanOrEqual(result.avgDrawdown - 1e-12);
        expect(Math.max(...drawdownPath(list))).toBe(result.maxDrawdown);
        expect(result.peakIndex).toBeLessThanOrEqual(result.troughIndex);
      }),
    );
  });

  it('never gets shallower when more history follows, and a gain before it changes nothing', () => {
    fc.assert(
      fc.property(returnsOf(1), returnsOf(1), (list, more) => {
        const depth = (values: readonly number[]) =>
          Number((drawdownOf(values) as { maxDrawdown: number }).maxDrawdown);
        expect(depth([...list, ...more])).toBeGreaterThanOrEqual(depth(list));
        expect(depth([0.5, ...list])).toBeCloseTo(depth(list), 12);
        expect(depth([...list, 0])).toBe(depth(list));
      }),
    );
  });
});
