import { assert } from '../base/assert.js';
import { FxError } from '../base/errors.js';
import { cholesky, choleskySolve, dot, entry, item, type Matrix, matrixOf, multiply } from '../math/linalg.js';
import { checkCovariance, checkLength } from './bounds.js';
import { normalised } from './min-variance.js';

const MAX_STEPS = 1_000;
const SHARE_TOLERANCE = 1e-13;

/**
 * Long weights, adding up to one, whose shares of the portfolio's variance are `budget` (default: equal).
 *
 * The unique minimum of ½·y'Sy − Σ bᵢ·ln yᵢ, normalised: Spinu, "An algorithm for computing risk parity weights" 2013.
 * Newton's steps on the correlations, damped by 1 ÷ (1 + decrement) while far away, which for this kind of function
 * (self-concordant) always converges and needs no logarithm. Scaling the covariance changes nothing.
 */
export function riskParity(covariance: Matrix, budget?: Float64Array): Float64Array {
  checkCovariance(covariance);
  const n = covariance.n;
  const b = normalisedBudget(budget ?? new Float64Array(n).fill(1), n);
  const sd = Float64Array.from({ length: n }, (_, i) => Math.sqrt(entry(covariance, i, i)));
  const correlation = matrixOf(n, (i, j) => entry(covariance, i, j) / (item(sd, i) * item(sd, j)));
  const least = b.reduce((low, value) => Math.min(low, value), 1);
  let y = startOf(correlation, b);
  for (let step = 0; step < MAX_STEPS; step++) {
    const pull = multiply(correlation, y);
    if (shareError(y, pull, b) <= SHARE_TOLERANCE) break;
    const next = newtonStep(correlation, y, pull, b, least);
    if (next === undefined) break;
    y = next;
  }
  // Without an exact zero of the share error, rounding ends the walk; the contract is 1e-8.
  assert(shareError(y, multiply(correlation, y), b) <= 1e-9, 'risk parity converges');
  return normalised(y.map((value, i) => value / item(sd, i)));
}

/** Each asset's share of the portfolio's variance, wᵢ(Sw)ᵢ ÷ w'Sw; the shares add up to one. */
export function riskShares(covariance: Matrix, weights: Float64Array): Float64Array {
  const pull = multiply(covariance, weights);
  const variance = dot(weights, pull);
  return weights.map((w, i) => (w * item(pull, i)) / variance);
}

function normalisedBudget(budget: Float64Array, n: number): Float64Array {
  checkLength('the risk budget', budget, n);
  if (budget.every((value) => value > 0)) return normalised(budget);
  throw new FxError('DATA.INVALID_BUDGET', {
    message: 'a risk budget is zero or negative: every asset of a risk parity portfolio carries some risk',
    next: 'leave out the assets that shall carry none',
    facts: { budget: Array.from(budget) },
  });
}

/** √(b ÷ σ²) on correlations, scaled so that y'Cy = 1, the value it has at the solution. */
function startOf(correlation: Matrix, b: Float64Array): Float64Array {
  const y = b.map((value) => Math.sqrt(value));
  const size = Math.sqrt(dot(y, multiply(correlation, y)));
  return y.map((value) => value / size);
}

function shareError(y: Float64Array, pull: Float64Array, b: Float64Array): number {
  const variance = dot(y, pull);
  let worst = 0;
  for (let i = 0; i < y.length; i++) {
    worst = Math.max(worst, Math.abs((item(y, i) * item(pull, i)) / variance - item(b, i)));
  }
  return worst;
}

/** The next point, or undefined when the step no longer changes it. */
function newtonStep(c: Matrix, y: Float64Array, pull: Float64Array, b: Float64Array, least: number) {
  const gradient = y.map((value, i) => item(pull, i) - item(b, i) / value);
  const lower = cholesky(
    matrixOf(c.n, (i, j) => entry(c, i, j) + (i === j ? item(b, i) / (item(y, i) * item(y, i)) : 0)),
  );
  assert(lower !== undefined, 'the curvature of risk parity is positive definite');
  const direction = choleskySolve(lower, gradient);
  const decrement = Math.sqrt(Math.max(0, dot(gradient, direction)) / least);
  const length = decrement < 0.25 ? 1 : 1 / (1 + decrement);
  const next = y.map((value, i) => value - length * item(direction, i));
  return next.some((value, i) => value !== item(y, i)) ? next : undefined;
}
