import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixFrom } from '../../../src/core/math/linalg.js';
import { atrSize } from '../../../src/core/sizing/atr.js';
import { fixedFractional, onLotGrid } from '../../../src/core/sizing/fixed-fractional.js';
import {
  kellyBinary,
  kellyContinuous,
  kellyGrowth,
  kellyMultiple,
  meanLowerBound,
  winProbLowerBound,
} from '../../../src/core/sizing/kelly.js';
import { periodsPerYear, volTargetLeverage } from '../../../src/core/sizing/volatility-target.js';

const grid = { lotStep: 1, minUnits: 1 };

describe('the lot grid', () => {
  it.each`
    raw         | lotStep   | minUnits  | units     | reason
    ${0.29}     | ${0.01}   | ${0.01}   | ${0.29}   | ${undefined}
    ${-0.29}    | ${0.01}   | ${0.01}   | ${-0.29}  | ${undefined}
    ${1999.99}  | ${1000}   | ${1000}   | ${1000}   | ${undefined}
    ${-1999.99} | ${1000}   | ${1000}   | ${-1000}  | ${undefined}
    ${999.99}   | ${1000}   | ${1000}   | ${0}      | ${'BELOW_MIN_SIZE'}
    ${9}        | ${1}      | ${10}     | ${0}      | ${'BELOW_MIN_SIZE'}
    ${0}        | ${1}      | ${0}      | ${0}      | ${'BELOW_MIN_SIZE'}
    ${0.00015}  | ${0.0001} | ${0.0001} | ${0.0001} | ${undefined}
  `('$raw on a step of $lotStep, at least $minUnits, is $units', ({ raw, lotStep, minUnits, units, reason }) => {
    expect(onLotGrid(raw, { lotStep, minUnits })).toEqual(reason === undefined ? { units } : { units, reason });
  });
});

describe('fixed fractional', () => {
  it.each`
    given                                          | equity    | risk    | stop     | rate       | units
    ${'10,000 at 1 %, 50 pips on EUR/USD'}         | ${10_000} | ${0.01} | ${0.005} | ${1}       | ${20_000}
    ${'the same from an account in pounds'}        | ${10_000} | ${0.01} | ${0.005} | ${0.7874}  | ${25_400}
    ${'10,000 at 1 %, 150 pips of yen at 150/USD'} | ${10_000} | ${0.01} | ${1.5}   | ${1 / 150} | ${10_000}
  `('$given is $units units', ({ equity, risk, stop, rate, units }) => {
    const size = fixedFractional({ equity, riskFraction: risk, stopDistance: stop, quoteToAccount: rate, ...grid });
    expect(size.units).toBe(units);
    expect(size.reason).toBeUndefined();
  });

  it.each`
    change                     | reason
    ${{ equity: 0 }}           | ${'NO_EQUITY'}
    ${{ equity: -5 }}          | ${'NO_EQUITY'}
    ${{ stopDistance: 0 }}     | ${'NO_STOP'}
    ${{ stopDistance: -0.1 }}  | ${'NO_STOP'}
    ${{ quoteToAccount: 0 }}   | ${'NO_PRICE'}
    ${{ quoteToAccount: NaN }} | ${'NO_PRICE'}
    ${{ minUnits: 50_000 }}    | ${'BELOW_MIN_SIZE'}
  `('with $change gives nothing: $reason', ({ change, reason }) => {
    const input = { equity: 10_000, riskFraction: 0.01, stopDistance: 0.005, quoteToAccount: 1, ...grid, ...change };
    expect(fixedFractional(input)).toMatchObject({ units: 0, riskAtStop: 0, reason });
  });

  it('never loses more at the stop than asked for', () => {
    const positive = (max: number) => fc.double({ min: 1e-6, max, noNaN: true });
    fc.assert(
      fc.property(
        positive(1e7),
        positive(0.1),
        positive(10),
        positive(200),
        (equity, riskFraction, stopDistance, rate) => {
          const input = { equity, riskFraction, stopDistance, quoteToAccount: rate, lotStep: 0.01, minUnits: 0.01 };
          const { riskAtStop, units } = fixedFractional(input);
          expect(riskAtStop).toBeLessThanOrEqual(equity * riskFraction * (1 + 1e-8));
          expect(Math.abs(units * 100 - Math.round(units * 100))).toBeLessThanOrEqual(1e-6 * Math.max(1, units));
        },
      ),
    );
  });
});

it('an ATR of 0.0062 twice away at 1 % of 10,000 is 8,064 units', () => {
  const size = atrSize({ equity: 10_000, riskFraction: 0.01, atr: 0.0062, multiple: 2, quoteToAccount: 1, ...grid });
  expect(size).toMatchObject({ units: 8_064, stopDistance: 0.0124 });
});

describe('volatility target', () => {
  it.each`
    target | forecast | cap  | leverage     | reason
    ${0.1} | ${0.08}  | ${2} | ${1.25}      | ${undefined}
    ${0.1} | ${0.02}  | ${2} | ${2}         | ${undefined}
    ${0.1} | ${0}     | ${2} | ${undefined} | ${'ZERO_FORECAST_VOL'}
    ${0.1} | ${NaN}   | ${2} | ${undefined} | ${'ZERO_FORECAST_VOL'}
  `('$target on a forecast of $forecast, at most $cap, is $leverage', ({ target, forecast, cap, leverage, reason }) => {
    const result = volTargetLeverage(target, forecast, cap);
    expect(result.leverage).toBe(leverage);
    expect(result.reason).toBe(reason);
  });

  it.each([
    ['fx', 260],
    ['stock', 252],
    ['crypto', 365],
    ['other', 260],
  ] as const)('a year of %s has %d days', (kind, days) => {
    expect(periodsPerYear(kind)).toBe(days);
  });
});

describe('Kelly', () => {
  it('of a coin that wins 55 times in 100 is a tenth', () => {
    expect(kellyBinary(0.55, 1)).toBeCloseTo(0.1, 12);
    expect(kellyBinary(0.4, 1)).toBeCloseTo(-0.2, 12);
    expect(kellyBinary(0.4, 0)).toBeUndefined();
  });

  it('half of it keeps three quarters of the growth, twice of it none', () => {
    const excess = (share: number) => (kellyGrowth(0.08, 0.15, 0.02, share) ?? Number.NaN) - 0.02;
    expect(kellyContinuous(0.08, 0.15, 0.02)).toBeCloseTo(8 / 3, 12);
    expect(excess(0.5) / excess(1)).toBeCloseTo(0.75, 12);
    expect(excess(2)).toBeCloseTo(0, 12);
  });

  it('does not exist without variance', () => {
    expect(kellyContinuous(0.1, 0, 0)).toBeUndefined();
    expect(kellyGrowth(0.1, 0, 0, 1)).toBeUndefined();
  });

  it('of several assets without correlation is each one alone', () => {
    const multiples = kellyMultiple(
      matrixFrom([
        [0.04, 0],
        [0, 0.01],
      ]),
      Float64Array.of(0.06, 0.03),
      0.02,
    );
    expect(multiples[0]).toBeCloseTo(kellyContinuous(0.06, 0.2, 0.02) ?? Number.NaN, 12);
    expect(multiples[1]).toBeCloseTo(kellyContinuous(0.03, 0.1, 0.02) ?? Number.NaN, 12);
  });

  it('of assets that copy one another is a bug of the caller', () => {
    expect(() =>
      kellyMultiple(
        matrixFrom([
          [1, 1],
          [1, 1],
        ]),
        Float64Array.of(1, 1),
        0,
      ),
    ).toThrow(/positive definite/);
  });

  it('rests on less than was seen, and less so the more was seen', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 5_000 }), (p, n) => {
        const low = winProbLowerBound(p, n);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(p + 1e-12);
        expect(winProbLowerBound(p, n * 4)).toBeGreaterThanOrEqual(low - 1e-12);
      }),
    );
    expect(winProbLowerBound(1, 30)).toBeLessThan(1);
    expect(winProbLowerBound(0.5, 0)).toBe(0);
    expect(meanLowerBound(0.01, 0.1, 100)).toBeCloseTo(0.01 - 0.00674489750196, 12);
    expect(meanLowerBound(0.01, 0.1, 0)).toBeUndefined();
  });
});
