import { FxError } from '../base/errors.js';
import { isPositiveDefinite, isSymmetric, item, type Matrix } from '../math/linalg.js';

/** Lowest and highest weight: one pair for all assets, or one pair an asset. Fractions of the portfolio. */
export type Bounds = readonly [number, number] | readonly (readonly [number, number])[];

/** Bounds as columns, checked: some weights within them add up to one, else `DATA.INFEASIBLE_BOUNDS`. */
export function boundColumns(bounds: Bounds, assets: number): { lower: Float64Array; upper: Float64Array } {
  const pairs = isPair(bounds) ? Array.from({ length: assets }, () => bounds) : bounds;
  const lower = Float64Array.from({ length: assets }, (_, i) => pairs[i]?.[0] ?? Number.NaN);
  const upper = Float64Array.from({ length: assets }, (_, i) => pairs[i]?.[1] ?? Number.NaN);
  const least = lower.reduce((sum, value) => sum + value, 0);
  const most = upper.reduce((sum, value) => sum + value, 0);
  const ordered = lower.every((value, i) => value <= item(upper, i));
  if (ordered && least <= 1 + 1e-12 && most >= 1 - 1e-12) return { lower, upper };
  throw new FxError('DATA.INFEASIBLE_BOUNDS', {
    message: `weights within the bounds add up to between ${least} and ${most}, they must be able to add up to 1`,
    next: 'widen the bounds or take more assets',
    facts: { assets, least, most },
  });
}

/** The only weights that a box leaves when its corners themselves add up to one; undefined otherwise. */
export function onlyCorner(lower: Float64Array, upper: Float64Array): Float64Array | undefined {
  const sum = (v: Float64Array): number => v.reduce((total, value) => total + value, 0);
  if (Math.abs(sum(upper) - 1) <= 1e-12) return upper;
  return Math.abs(sum(lower) - 1) <= 1e-12 ? lower : undefined;
}

/** Refuses a covariance that is not symmetric. */
export function checkSymmetric(covariance: Matrix): void {
  if (isSymmetric(covariance)) return;
  throw new FxError('DATA.NOT_SYMMETRIC', {
    message: `the covariance of ${covariance.n} assets is not symmetric`,
    next: 'give a covariance with the same value on both sides of its diagonal',
    facts: { assets: covariance.n },
  });
}

/** Refuses a covariance that is not symmetric or cannot be inverted. */
export function checkCovariance(covariance: Matrix): void {
  checkSymmetric(covariance);
  if (!isPositiveDefinite(covariance)) {
    throw new FxError('DATA.NOT_POSITIVE_DEFINITE', {
      message: `the covariance of ${covariance.n} assets is not positive definite: it cannot be inverted`,
      next: 'use more observations than assets, leave out assets that copy others, or shrink the covariance',
      facts: { assets: covariance.n },
    });
  }
}

/** Refuses a vector that has not one number an asset. */
export function checkLength(what: string, values: ArrayLike<number>, assets: number): void {
  if (values.length === assets && Array.from(values).every((value) => Number.isFinite(value))) return;
  throw new FxError('DATA.LENGTH_MISMATCH', {
    message: `${what} has ${values.length} values for ${assets} assets, or one that is not a number`,
    next: 'give one finite number an asset',
    facts: { what, length: values.length, assets },
  });
}

function isPair(bounds: Bounds): bounds is readonly [number, number] {
  return typeof bounds[0] === 'number';
}
