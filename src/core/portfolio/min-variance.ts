import { assert } from '../base/assert.js';
import { cholesky, choleskySolve, type Matrix } from '../math/linalg.js';
import { solveQuadraticProgram } from '../math/optimise.js';
import { type Bounds, boundColumns, checkCovariance, onlyCorner } from './bounds.js';

/**
 * Weights of least variance, adding up to one: Markowitz 1952.
 * Without bounds S⁻¹1 ÷ 1'S⁻¹1, weights may be negative; with bounds the quadratic program.
 * Throws `DATA.NOT_SYMMETRIC`, `DATA.NOT_POSITIVE_DEFINITE` or `DATA.INFEASIBLE_BOUNDS`.
 */
export function minVariance(covariance: Matrix, bounds?: Bounds): Float64Array {
  checkCovariance(covariance);
  if (bounds === undefined) return normalised(inverseTimes(covariance, new Float64Array(covariance.n).fill(1)));
  const { lower, upper } = boundColumns(bounds, covariance.n);
  const corner = onlyCorner(lower, upper);
  if (corner !== undefined) return corner;
  const solution = solveQuadraticProgram({
    q: covariance,
    c: new Float64Array(covariance.n),
    a: [new Float64Array(covariance.n).fill(1)],
    b: Float64Array.of(1),
    lower,
    upper,
  });
  assert(solution !== undefined, 'a convex program with feasible bounds has a minimum');
  return solution.x;
}

/** S⁻¹v of a covariance that was checked. */
export function inverseTimes(covariance: Matrix, v: Float64Array): Float64Array {
  const lower = cholesky(covariance);
  assert(lower !== undefined, 'a checked covariance is positive definite');
  return choleskySolve(lower, v);
}

/** `v` divided by its sum. */
export function normalised(v: Float64Array): Float64Array {
  const sum = v.reduce((total, value) => total + value, 0);
  return v.map((value) => value / sum);
}
