import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  garchFilter,
  garchFit,
  garchForecast,
  garchForecastSum,
  garchLongRun,
} from '../../../src/core/analytics/garch.js';
import {
  averageTrueRange,
  ewmaHalfLife,
  ewmaVariance,
  rangeVolatility,
  trueRanges,
  yangZhangVolatility,
} from '../../../src/core/analytics/volatility.js';
import { seededRng } from '../../../src/core/base/rng.js';
import { inverseNormalCdf } from '../../../src/core/math/special.js';
import { isNumber } from '../../../src/core/math/stats.js';
import type { PriceColumns } from '../../../src/core/model/market.js';

function columns(rows: readonly (readonly [number, number, number, number])[]): PriceColumns {
  const at = (place: 0 | 1 | 2 | 3) => Float64Array.from(rows, (row) => row[place]);
  return { open: at(0), high: at(1), low: at(2), close: at(3) };
}

const price = fc.integer({ min: 9_000, max: 11_000 });
const aBar = fc
  .tuple(price, price, price, price)
  .map(([a, b, c, d]): [number, number, number, number] => [a, Math.max(a, b, c, d), Math.min(a, b, c, d), d]);
const bars = fc.array(aBar, { minLength: 12, maxLength: 30 });
const times = (rows: readonly (readonly [number, number, number, number])[], by: number) =>
  columns(rows.map(([o, h, l, c]) => [o * by, h * by, l * by, c * by] as const));

/** A GARCH path with known parameters. */
function simulated(seed: number, n: number): Float64Array {
  const rng = seededRng(seed);
  let variance = 1;
  return Float64Array.from({ length: n }, () => {
    const e = Math.sqrt(variance) * inverseNormalCdf((rng.next() * 2 ** 32 + 0.5) / 2 ** 32);
    variance = 0.05 + 0.1 * e * e + 0.85 * variance;
    return e;
  });
}

describe('EWMA variance', () => {
  it('mixes the old variance with the newest square', () => {
    expect(ewmaVariance([0.02], 0.75, 0.0001)).toMatchObject({ next: 0.75 * 0.0001 + 0.25 * 0.0004 });
    expect(ewmaHalfLife(0.5)).toBe(1);
    expect([ewmaVariance([1], 1, 1), ewmaVariance([1], 0.9, -1), ewmaHalfLife(0)]).toEqual(
      Array(3).fill('INVALID_INPUT'),
    );
    expect(ewmaVariance([Number.NaN], 0.9, 1)).toBe('NOT_FINITE');
  });

  it('scales with the square of the returns, goes on from where it stopped, and ignores their sign', () => {
    const list = fc.array(fc.double({ min: -0.1, max: 0.1, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(list, list, (one, two) => {
        const next = (r: readonly number[], start: number) => (ewmaVariance(r, 0.94, start) as { next: number }).next;
        expect(next([...one, ...two], 1e-4)).toBe(next(two, next(one, 1e-4)));
        expect(
          next(
            one.map((r) => r * 2),
            4e-4,
          ),
        ).toBeCloseTo(4 * next(one, 1e-4), 15);
        expect(
          next(
            one.map((r) => -r),
            1e-4,
          ),
        ).toBe(next(one, 1e-4));
      }),
    );
  });
});

describe('ranges', () => {
  // True ranges 3, 4 (the gap down counts), 2; ATR(2): 3.5, then (3.5 + 2) ÷ 2.
  const three = columns([
    [10, 11, 9, 10],
    [10, 12, 9, 11],
    [8, 9, 7, 8],
    [8, 9, 7, 8],
  ]);
  it('count gaps, and Wilder smooths them', () => {
    expect([...trueRanges(three)]).toEqual([3, 4, 2]);
    expect(averageTrueRange(three, 2)).toEqual(Float64Array.of(3.5, 2.75));
    expect([averageTrueRange(three, 4), averageTrueRange(three, 0)]).toEqual(['TOO_FEW', 'INVALID_INPUT']);
  });

  it('refuse too few bars and prices that are none', () => {
    expect([rangeVolatility(three, 5, 252), yangZhangVolatility(three, { n: 4, periodsPerYear: 252 })]).toEqual([
      'TOO_FEW',
      'TOO_FEW',
    ]);
    expect(rangeVolatility(columns([[1, 1, 0, 1]]), 1, 252)).toBe('INVALID_PRICE');
    expect(rangeVolatility(columns([[2, 2, 2, 2]]), 1, 252)).toEqual({
      parkinson: 0,
      garmanKlass: 0,
      rogersSatchell: 0,
    });
  });

  it('do not depend on the unit of the price, and ATR has that unit', () => {
    fc.assert(
      fc.property(bars, (rows) => {
        const one = rangeVolatility(columns(rows), 10, 252);
        const ten = rangeVolatility(times(rows, 10), 10, 252);
        if (!isNumber(one) || !isNumber(ten)) throw new Error('exists');
        for (const key of ['parkinson', 'garmanKlass', 'rogersSatchell'] as const) {
          if (isNumber(one[key])) expect(ten[key]).toBeCloseTo(Number(one[key]), 7);
        }
        const terms = { n: 10, periodsPerYear: 252 };
        expect(yangZhangVolatility(times(rows, 10), terms)).toBeCloseTo(
          Number(yangZhangVolatility(columns(rows), terms)),
          7,
        );
        const [atr, atrTen] = [averageTrueRange(columns(rows), 5), averageTrueRange(times(rows, 10), 5)];
        expect((atrTen as Float64Array)[0]).toBeCloseTo(10 * ((atr as Float64Array)[0] ?? 0), 6);
      }),
    );
  });

  it('look at the last bars alone, and grow with the root of the periods', () => {
    fc.assert(
      fc.property(bars, (rows) => {
        const last = rangeVolatility(columns(rows.slice(-10)), 10, 252);
        expect(rangeVolatility(columns(rows), 10, 252)).toEqual(last);
        const four = rangeVolatility(columns(rows), 10, 1008);
        if (!isNumber(last) || !isNumber(four)) throw new Error('exists');
        expect(four.parkinson).toBeCloseTo(2 * Number(last.parkinson), 9);
      }),
    );
  });
});

describe('GARCH(1,1)', () => {
  const params = { omega: 0.05, alpha: 0.1, beta: 0.85 };

  it('filters and forecasts as worked by hand', () => {
    const run = garchFilter([1, 2], params, 1);
    // Variances 1, then 0.05 + 0.1 + 0.85 = 1, then 0.05 + 0.4 + 0.85 = 1.3.
    expect(run).toMatchObject({ nextVariance: expect.closeTo(1.3, 12) });
    expect(run).toMatchObject({ logLik: expect.closeTo(-0.5 * (2 * Math.log(2 * Math.PI) + 5), 12) });
    expect(garchLongRun(params)).toBeCloseTo(1, 12);
    expect(garchForecast(params, 1.3, 1)).toBeCloseTo(1.3, 12);
    expect(garchForecast(params, 1.3, 2)).toBeCloseTo(1 + 0.95 * 0.3, 12);
    expect(garchForecastSum(params, 1.3, 2)).toBeCloseTo(1.3 + 1.285, 12);
    expect(garchLongRun({ omega: 1, alpha: 0.5, beta: 0.5 })).toBe('NOT_STATIONARY');
    expect(garchFilter([1], { ...params, omega: 0 }, 1)).toBe('INVALID_INPUT');
  });

  it('finds the parameters of a long path again', () => {
    const fit = garchFit(simulated(1, 4000));
    if (!isNumber(fit)) throw new Error(fit);
    expect(fit.alpha).toBeCloseTo(0.1, 1);
    expect(fit.beta).toBeCloseTo(0.85, 1);
    expect(fit.persistence).toBeCloseTo(fit.alpha + fit.beta, 12);
  });

  it('is the same fit in another unit, and beats its neighbors', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(0.01, 100), (seed, unit) => {
        const path = simulated(seed, 600);
        const one = garchFit(path);
        const other = garchFit(path.map((e) => e * unit));
        if (!isNumber(one) || !isNumber(other)) return expect(other).toEqual(one);
        expect(other.alpha).toBeCloseTo(one.alpha, 4);
        expect(other.persistence).toBeCloseTo(one.persistence, 4);
        expect(other.omega / unit / unit).toBeCloseTo(one.omega, 4);
        expect(one.omega > 0 && one.alpha >= 0 && one.beta >= 0 && one.persistence < 1).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it.each`
    given              | residuals                                       | reason
    ${'a short path'}  | ${new Float64Array(249)}                        | ${'TOO_FEW'}
    ${'zeros'}         | ${new Float64Array(300)}                        | ${'ZERO_VARIANCE'}
    ${'a missing one'} | ${new Float64Array(300).fill(Number.NaN, 5, 6)} | ${'NOT_FINITE'}
  `('$given has no fit: $reason', ({ residuals, reason }) => {
    expect(garchFit(residuals)).toBe(reason);
  });
});
