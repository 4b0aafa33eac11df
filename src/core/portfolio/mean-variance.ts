import { assert } from '../base/assert.js';
import { dot, entry, item, type Matrix, matrixOf, quadraticForm } from '../math/linalg.js';
import { solveQuadraticProgram } from '../math/optimise.js';
import { type Bounds, boundColumns, checkCovariance, checkLength, onlyCorner } from './bounds.js';

export interface MeanVarianceInput {
  readonly covariance: Matrix;
  /** Expected returns of the covariance's period. */
  readonly mean: Float64Array;
  /** Gamma of w'μ − γ/2·w'Sw; above 0. */
  readonly riskAversion: number;
  /** Cost of trading one unit of weight, as a return: 0.001 is 10 bps. 0 or more. */
  readonly turnoverCost: number;
  /** Weights held now; may add up to something else than one (cash going in or out). */
  readonly previous: Float64Array;
  readonly bounds: Bounds;
}

export interface MeanVariance {
  readonly weights: Float64Array;
  /** w'μ − γ/2·w'Sw − κ·Σ|w − w₀|. */
  readonly objective: number;
  /** Σ|w − w₀|. */
  readonly turnover: number;
}

/**
 * Weights that maximise w'μ − γ/2·w'Sw − κ·Σ|w − w₀|, adding up to one, within bounds.
 * The absolute value is split into what is bought and what is sold, two variables an asset that are never negative. Where
 * trading costs more than it brings the asset keeps its weight exactly: the no-trade region.
 */
export function meanVariance(input: MeanVarianceInput): MeanVariance {
  const { covariance, mean, riskAversion, turnoverCost, previous } = input;
  const n = covariance.n;
  checkCovariance(covariance);
  checkLength('the mean', mean, n);
  checkLength('the previous weights', previous, n);
  assert(riskAversion > 0 && turnoverCost >= 0, 'risk aversion is above 0 and turnover cost not below 0');
  const { lower, upper } = boundColumns(input.bounds, n);
  const weights = onlyCorner(lower, upper) ?? traded(input, lower, upper);
  const turnover = weights.reduce((sum, w, i) => sum + Math.abs(w - item(previous, i)), 0);
  const objective =
    dot(weights, mean) - (riskAversion / 2) * quadraticForm(covariance, weights) - turnoverCost * turnover;
  return { weights, objective, turnover };
}

function traded(input: MeanVarianceInput, lower: Float64Array, upper: Float64Array): Float64Array {
  const { covariance, mean, riskAversion, turnoverCost, previous } = input;
  const n = covariance.n;
  if (turnoverCost === 0) return untaxed(input, lower, upper);
  // Variables: bought (0 … n−1) and sold (n … 2n−1); w = previous + bought − sold.
  const signOf = (i: number): number => (i < n ? 1 : -1);
  const pull = Float64Array.from({ length: n }, (_, i) => {
    let sum = -item(mean, i);
    for (let j = 0; j < n; j++) sum += riskAversion * entry(covariance, i, j) * item(previous, j);
    return sum;
  });
  const solution = solveQuadraticProgram({
    q: matrixOf(2 * n, (i, j) => signOf(i) * signOf(j) * riskAversion * entry(covariance, i % n, j % n)),
    c: Float64Array.from({ length: 2 * n }, (_, i) => signOf(i) * item(pull, i % n) + turnoverCost),
    a: [Float64Array.from({ length: 2 * n }, (_, i) => signOf(i))],
    b: Float64Array.of(1 - previous.reduce((sum, value) => sum + value, 0)),
    lower: Float64Array.from({ length: 2 * n }, (_, i) =>
      Math.max(0, i < n ? item(lower, i) - item(previous, i) : item(previous, i - n) - item(upper, i - n)),
    ),
    upper: Float64Array.from({ length: 2 * n }, (_, i) =>
      Math.max(0, i < n ? item(upper, i) - item(previous, i) : item(previous, i - n) - item(lower, i - n)),
    ),
  });
  assert(solution !== undefined, 'a convex program with feasible bounds has a minimum');
  return previous.map((w, i) => w + (item(solution.x, i) - item(solution.x, n + i)));
}

function untaxed(input: MeanVarianceInput, lower: Float64Array, upper: Float64Array): Float64Array {
  const { covariance, mean, riskAversion } = input;
  const solution = solveQuadraticProgram({
    q: { n: covariance.n, data: covariance.data.map((value) => value * riskAversion) },
    c: mean.map((value) => -value),
    a: [new Float64Array(covariance.n).fill(1)],
    b: Float64Array.of(1),
    lower,
    upper,
  });
  assert(solution !== undefined, 'a convex program with feasible bounds has a minimum');
  return solution.x;
}
