import { assert } from '../base/assert.js';
import { item, type Matrix } from '../math/linalg.js';
import { solveQuadraticProgram } from '../math/optimise.js';
import { boundColumns, checkCovariance, checkLength } from './bounds.js';
import { inverseTimes, normalised } from './min-variance.js';

export interface MaxSharpeInput {
  readonly covariance: Matrix;
  /** Expected return of each asset, of the same period as the covariance. */
  readonly mean: Float64Array;
  /** Riskless return of that period. */
  readonly riskFree: number;
  /** `free`: weights may be negative. `long`: none is, and none is above `maxWeight`. */
  readonly sides: 'free' | 'long';
  /** Largest weight in a `long` portfolio; default 1. Below 1 ÷ assets there is no portfolio. */
  readonly maxWeight?: number;
}

/** A normal market can promise less than cash: then there is no best ratio, and the caller decides what to do. */
export type MaxSharpe = { readonly weights: Float64Array } | { readonly reason: 'NO_POSITIVE_EXCESS_RETURN' };

/**
 * Weights of the highest (w'μ − r) ÷ √(w'Sw), adding up to one.
 *
 * Free: S⁻¹(μ − r) over its sum, which exists only when that sum is positive, that is when the portfolio of least
 * variance beats cash. Long only: least y'Sy with (μ − r)'y = 1, y ≥ 0 and w = y ÷ Σy (Cornuejols and Tütüncü 2006);
 * the cap becomes yᵢ ≤ maxWeight·Σy.
 */
export function maxSharpe(input: MaxSharpeInput): MaxSharpe {
  const { covariance, mean, riskFree, sides } = input;
  checkCovariance(covariance);
  checkLength('the mean', mean, covariance.n);
  const excess = mean.map((value) => value - riskFree);
  if (sides === 'long') return longOnly(covariance, excess, input.maxWeight ?? 1);
  const direction = inverseTimes(covariance, excess);
  const sum = direction.reduce((total, value) => total + value, 0);
  return sum > 0 ? { weights: normalised(direction) } : { reason: 'NO_POSITIVE_EXCESS_RETURN' };
}

function longOnly(covariance: Matrix, excess: Float64Array, maxWeight: number): MaxSharpe {
  const n = covariance.n;
  boundColumns([0, maxWeight], n);
  // With a cap even the portfolio of the highest return can promise less than cash.
  const best = highestExcess(excess, maxWeight);
  if (!(best > 0)) return { reason: 'NO_POSITIVE_EXCESS_RETURN' };
  // Dividing by the best excess return keeps y near one: only the ratio counts.
  const share = excess.map((value) => value / best);
  const capped = maxWeight < 1;
  const size = capped ? 2 * n : n;
  const padded = new Float64Array(size);
  padded.set(share);
  const rows = [padded];
  if (capped) {
    // maxWeight·Σy − yᵢ − slackᵢ = 0.
    for (let i = 0; i < n; i++) {
      rows.push(Float64Array.from({ length: size }, (_, j) => capEntry(i, j, n, maxWeight)));
    }
  }
  const data = new Float64Array(size * size);
  for (let i = 0; i < n; i++) data.set(covariance.data.subarray(i * n, (i + 1) * n), i * size);
  const solution = solveQuadraticProgram({
    q: { n: size, data },
    c: new Float64Array(size),
    a: rows,
    b: Float64Array.from(rows, (_, k) => (k === 0 ? 1 : 0)),
    lower: new Float64Array(size),
    upper: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
  });
  assert(solution !== undefined, 'a positive excess return leaves a long portfolio');
  return { weights: normalised(solution.x.slice(0, n).map((value) => Math.max(0, value))) };
}

/** Excess return of the long portfolio that promises most, each weight at most `maxWeight`. */
function highestExcess(excess: Float64Array, maxWeight: number): number {
  let left = 1;
  let sum = 0;
  for (const value of Float64Array.from(excess).sort().reverse()) {
    const weight = Math.min(left, maxWeight);
    sum += weight * value;
    left -= weight;
  }
  return sum;
}

function capEntry(i: number, j: number, n: number, maxWeight: number): number {
  if (j >= n) return j - n === i ? -1 : 0;
  return maxWeight - (i === j ? 1 : 0);
}

/** (w'μ − r) ÷ √(w'Sw), a period. Undefined without variance. */
export function sharpeOf(
  weights: Float64Array,
  mean: Float64Array,
  riskFree: number,
  variance: number,
): number | undefined {
  if (!(variance > 0)) return undefined;
  let sum = -riskFree;
  for (let i = 0; i < weights.length; i++) sum += item(weights, i) * item(mean, i);
  return sum / Math.sqrt(variance);
}
