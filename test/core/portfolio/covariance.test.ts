import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entry, isPositiveDefinite, isSymmetric, rowsOf } from '../../../src/core/math/linalg.js';
import {
  columnsOf,
  correlationOf,
  ewmaCovariance,
  ledoitWolfConstantCorrelation,
  ledoitWolfIdentity,
  oracleApproximating,
  sampleCovariance,
} from '../../../src/core/portfolio/covariance.js';
import { minVariance } from '../../../src/core/portfolio/min-variance.js';
import { someReturns } from './a-market.js';

const code = (code: string) => expect.objectContaining({ code });

describe('sample covariance', () => {
  it('divides by n − 1', () => {
    expect(
      rowsOf(
        sampleCovariance(
          columnsOf([
            [1, 2],
            [3, 2],
            [5, 8],
          ]),
        ),
      ),
    ).toEqual([
      [4, 6],
      [6, 12],
    ]);
  });

  it.each([
    ['one observation', [[0.01, 0.02]], 'DATA.TOO_FEW_OBSERVATIONS'],
    ['none at all', [], 'DATA.TOO_FEW_OBSERVATIONS'],
    ['rows of two lengths', [[0.01, 0.02], [0.01]], 'DATA.LENGTH_MISMATCH'],
    [
      'a hole',
      [
        [0.01, Number.NaN],
        [0.01, 0.02],
      ],
      'DATA.INVALID_RETURN',
    ],
  ])('refuses %s', (_, rows, expected) => {
    expect(() => sampleCovariance(columnsOf(rows))).toThrow(code(expected));
  });

  it('refuses columns of two lengths', () => {
    expect(() => sampleCovariance([Float64Array.of(1, 2), Float64Array.of(1)])).toThrow(code('DATA.LENGTH_MISMATCH'));
  });

  it('of fewer observations than assets is refused by an optimiser, the shrunk one is taken', () => {
    const few = someReturns(3, 12, 8);
    expect(() => minVariance(sampleCovariance(few))).toThrow(code('DATA.NOT_POSITIVE_DEFINITE'));
    expect(minVariance(ledoitWolfIdentity(few).covariance)).toHaveLength(12);
  });
});

describe('EWMA covariance', () => {
  it('follows its recursion', () => {
    const x = [Float64Array.of(0.01, -0.02, 0.03)];
    const start = (0.01 ** 2 + 0.02 ** 2 + 0.03 ** 2) / 3;
    const expected = [0.01, -0.02, 0.03].reduce((v, r) => 0.9 * v + 0.1 * r * r, start);
    expect(entry(ewmaCovariance(x, 0.9), 0, 0)).toBeCloseTo(expected, 15);
  });

  it.each([0, 1, -1, Number.NaN])('refuses lambda %d', (lambda) => {
    expect(() => ewmaCovariance(someReturns(1, 2), lambda)).toThrow(code('DATA.INVALID_DECAY'));
  });
});

describe('shrinkage', () => {
  it('is a share between 0 and 1 and makes a matrix that can be inverted, whatever the history', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 10 }), fc.integer({ min: 3, max: 40 }), (seed, assets, rows) => {
        const returns = someReturns(seed, assets, rows);
        for (const estimate of [ledoitWolfIdentity, oracleApproximating, ledoitWolfConstantCorrelation]) {
          const { covariance, shrinkage } = estimate(returns);
          expect(shrinkage).toBeGreaterThanOrEqual(0);
          expect(shrinkage).toBeLessThanOrEqual(1);
          expect(isSymmetric(covariance)).toBe(true);
        }
        expect(isPositiveDefinite(oracleApproximating(returns).covariance)).toBe(true);
      }),
    );
  });

  it('scales with the square of the returns', () => {
    const returns = someReturns(8, 4);
    const doubled = returns.map((column) => column.map((value) => value * 2));
    const [a, b] = [ledoitWolfConstantCorrelation(returns), ledoitWolfConstantCorrelation(doubled)];
    expect(b.shrinkage).toBeCloseTo(a.shrinkage, 12);
    expect(entry(b.covariance, 0, 1)).toBeCloseTo(4 * entry(a.covariance, 0, 1), 15);
  });

  it('of one asset is its variance', () => {
    const returns = someReturns(2, 1);
    expect(ledoitWolfConstantCorrelation(returns).averageCorrelation).toBe(0);
    expect(ledoitWolfIdentity(returns).shrinkage).toBe(0);
  });

  it('toward a constant correlation names the asset that never moved', () => {
    const still = [Float64Array.of(0.01, -0.01, 0.02), Float64Array.of(0.001, 0.001, 0.001)];
    expect(() => ledoitWolfConstantCorrelation(still)).toThrow(/asset 2 never moved/);
    expect(() => correlationOf(sampleCovariance([still[0]!, new Float64Array(3)]))).toThrow(code('DATA.ZERO_VARIANCE'));
  });
});
