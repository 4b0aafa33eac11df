import { seededRng } from '../../../src/core/base/rng.js';
import { type Matrix, matrixOf } from '../../../src/core/math/linalg.js';
import { ledoitWolfIdentity, type ReturnColumns } from '../../../src/core/portfolio/covariance.js';

/** Returns of `assets` correlated assets: a common factor and noise of their own. */
export function someReturns(seed: number, assets: number, rows = assets + 30): ReturnColumns {
  const rng = seededRng(seed);
  const factor = Float64Array.from({ length: rows }, () => rng.next() - 0.5);
  return Array.from({ length: assets }, () => {
    const size = 0.002 + 0.02 * rng.next();
    const beta = rng.next() - 0.2;
    return factor.map((f) => size * (beta * f + rng.next() - 0.5));
  });
}

export function someCovariance(seed: number, assets: number): Matrix {
  return ledoitWolfIdentity(someReturns(seed, assets)).covariance;
}

export function scaled(m: Matrix, factor: number): Matrix {
  return { n: m.n, data: m.data.map((value) => value * factor) };
}

export function permuted(m: Matrix, order: readonly number[]): Matrix {
  return matrixOf(m.n, (i, j) => m.data[(order[i] ?? 0) * m.n + (order[j] ?? 0)] ?? Number.NaN);
}

export const sumOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value, 0);

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}
