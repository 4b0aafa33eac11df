import { FxError } from '../base/errors.js';
import { entry, item, type Matrix, matrixOf } from '../math/linalg.js';

/** A covariance and how far it was pulled toward its target, 0 (sample) … 1 (target). */
export interface Shrunk {
  readonly covariance: Matrix;
  readonly shrinkage: number;
}

/** Returns of the assets: one column an asset, all of one length, oldest first, fractions a period. */
export type ReturnColumns = readonly Float64Array[];

/** Columns from rows of observations, as JSON has them. Every row must have as many numbers as the first. */
export function columnsOf(rows: readonly (readonly number[])[]): Float64Array[] {
  const assets = rows[0]?.length ?? 0;
  const ragged = rows.findIndex((row) => row.length !== assets);
  if (ragged >= 0) throw lengthMismatch(rows[ragged]?.length ?? 0, assets);
  return Array.from({ length: assets }, (_, j) => Float64Array.from(rows, (row) => row[j] ?? Number.NaN));
}

/**
 * Sample covariance a period, divisor n − 1.
 * With fewer observations than assets it is singular: the optimisers refuse it, shrink it instead.
 */
export function sampleCovariance(returns: ReturnColumns): Matrix {
  const n = observations(returns);
  return crossProducts(centred(returns), n - 1);
}

/**
 * Exponentially weighted covariance a period, mean taken as zero: C ← λC + (1 − λ)·r·r', RiskMetrics 1996 (λ 0.94 for days).
 * The start is the plain mean of r·r' over the first observations (at most 20), as the recursion needs a value before the
 * first row. One λ for all pairs keeps the matrix positive semidefinite.
 */
export function ewmaCovariance(returns: ReturnColumns, lambda = 0.94): Matrix {
  const n = observations(returns);
  if (!(lambda > 0 && lambda < 1)) {
    throw new FxError('DATA.INVALID_DECAY', {
      message: `lambda of the weighted covariance is ${lambda}, it must be above 0 and below 1`,
      next: 'use 0.94 for daily or 0.97 for monthly returns',
      facts: { lambda },
    });
  }
  const head = Math.min(20, n);
  const { data } = crossProducts(
    returns.map((column) => column.subarray(0, head)),
    head,
  );
  const assets = returns.length;
  for (let t = 0; t < n; t++) {
    const row = Float64Array.from(returns, (column) => item(column, t));
    for (let i = 0; i < assets; i++) {
      for (let j = 0; j < assets; j++) {
        data[i * assets + j] = lambda * item(data, i * assets + j) + (1 - lambda) * item(row, i) * item(row, j);
      }
    }
  }
  return { n: assets, data };
}

/**
 * Shrinks toward mean variance × identity, Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance
 * matrices", Journal of Multivariate Analysis 2004; divisor n. Works with fewer observations than assets.
 */
export function ledoitWolfIdentity(returns: ReturnColumns): Shrunk {
  const n = observations(returns);
  const x = centred(returns);
  const sample = crossProducts(x, n);
  const assets = sample.n;
  const mu = meanVariance(sample);
  let distance = 0;
  let noise = 0;
  for (let i = 0; i < assets; i++) {
    for (let j = 0; j < assets; j++) {
      const s = entry(sample, i, j);
      distance += (s - (i === j ? mu : 0)) ** 2;
      noise += meanOfSquaredProducts(x, i, j) - s * s;
    }
  }
  const shrinkage = distance === 0 ? 0 : clamp01(Math.min(noise / n, distance) / distance);
  return { covariance: towardIdentity(sample, mu, shrinkage), shrinkage };
}

/**
 * Oracle approximating shrinkage toward mean variance × identity, Chen, Wiesel, Eldar and Hero, IEEE Transactions on
 * Signal Processing 2010, in the form that scikit-learn computes; divisor n.
 */
export function oracleApproximating(returns: ReturnColumns): Shrunk {
  const n = observations(returns);
  const sample = crossProducts(centred(returns), n);
  const assets = sample.n;
  const mu = meanVariance(sample);
  let sum = 0;
  for (const value of sample.data) sum += value * value;
  const alpha = sum / (assets * assets);
  const denominator = (n + 1) * (alpha - (mu * mu) / assets);
  const shrinkage = denominator <= 0 ? 1 : clamp01((alpha + mu * mu) / denominator);
  return { covariance: towardIdentity(sample, mu, shrinkage), shrinkage };
}

/**
 * Shrinks toward the matrix with the sample's variances and one correlation for all pairs, the mean of theirs: Ledoit and
 * Wolf, "Honey, I shrunk the sample covariance matrix", Journal of Portfolio Management 2004; divisor n.
 * An asset that never moved has no correlation: `DATA.ZERO_VARIANCE`.
 */
export function ledoitWolfConstantCorrelation(
  returns: ReturnColumns,
): Shrunk & { readonly averageCorrelation: number } {
  const n = observations(returns);
  const x = centred(returns);
  const sample = crossProducts(x, n);
  const assets = sample.n;
  const sd = deviations(sample, returns);
  let correlations = 0;
  for (let i = 0; i < assets; i++) {
    for (let j = i + 1; j < assets; j++) correlations += entry(sample, i, j) / (item(sd, i) * item(sd, j));
  }
  const averageCorrelation = assets < 2 ? 0 : correlations / ((assets * (assets - 1)) / 2);
  const target = matrixOf(assets, (i, j) =>
    i === j ? entry(sample, i, i) : averageCorrelation * item(sd, i) * item(sd, j),
  );
  const { noise, overlap, distance } = constantCorrelationTerms(x, sample, target, sd, averageCorrelation);
  const shrinkage = distance === 0 ? 0 : clamp01((noise - overlap) / distance / n);
  const covariance = matrixOf(
    assets,
    (i, j) => shrinkage * entry(target, i, j) + (1 - shrinkage) * entry(sample, i, j),
  );
  return { covariance, shrinkage, averageCorrelation };
}

/** pi, rho and gamma of the paper: noise of the sample, its overlap with the target's noise, and their squared distance. */
function constantCorrelationTerms(x: ReturnColumns, sample: Matrix, target: Matrix, sd: Float64Array, mean: number) {
  let noise = 0;
  let overlap = 0;
  let distance = 0;
  for (let i = 0; i < sample.n; i++) {
    for (let j = 0; j < sample.n; j++) {
      const s = entry(sample, i, j);
      const pi = meanOfSquaredProducts(x, i, j) - s * s;
      noise += pi;
      distance += (entry(target, i, j) - s) ** 2;
      if (i === j) overlap += pi;
      else overlap += (mean * item(sd, j) * (meanOfCubes(x, i, j) - entry(sample, i, i) * s)) / item(sd, i);
    }
  }
  return { noise, overlap, distance };
}

/** Correlations of a covariance; an asset without variance is `DATA.ZERO_VARIANCE`. */
export function correlationOf(covariance: Matrix): Matrix {
  const sd = Float64Array.from({ length: covariance.n }, (_, i) => Math.sqrt(entry(covariance, i, i)));
  sd.forEach((value, i) => {
    if (!(value > 0)) throw zeroVariance(i);
  });
  return matrixOf(covariance.n, (i, j) => (i === j ? 1 : entry(covariance, i, j) / (item(sd, i) * item(sd, j))));
}

function observations(returns: ReturnColumns): number {
  const n = returns[0]?.length ?? 0;
  for (const column of returns) if (column.length !== n) throw lengthMismatch(column.length, n);
  if (n < 2) {
    throw new FxError('DATA.TOO_FEW_OBSERVATIONS', {
      message: `a covariance needs at least 2 observations, there are ${n}`,
      next: 'give a longer history',
      facts: { observations: n, minimum: 2 },
    });
  }
  for (const column of returns) {
    if (!column.every((value) => Number.isFinite(value))) {
      throw new FxError('DATA.INVALID_RETURN', {
        message: 'a return is not a finite number',
        next: 'drop the observations that some asset lacks before taking the covariance',
      });
    }
  }
  return n;
}

function lengthMismatch(length: number, expected: number): FxError {
  return new FxError('DATA.LENGTH_MISMATCH', {
    message: `one history has ${length} values, another ${expected}: a covariance needs the same dates for all`,
    next: 'join the histories by date first',
    facts: { length, expected },
  });
}

function zeroVariance(asset: number): FxError {
  return new FxError('DATA.ZERO_VARIANCE', {
    message: `asset ${asset + 1} never moved: its variance is 0 and it has no correlation`,
    next: 'leave this asset out or give a history in which it trades',
    facts: { asset },
  });
}

function centred(returns: ReturnColumns): Float64Array[] {
  return returns.map((column) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    return column.map((value) => value - mean);
  });
}

function crossProducts(x: ReturnColumns, divisor: number): Matrix {
  const assets = x.length;
  const data = new Float64Array(assets * assets);
  for (let i = 0; i < assets; i++) {
    for (let j = 0; j <= i; j++) {
      const a = x[i] as Float64Array;
      const b = x[j] as Float64Array;
      let sum = 0;
      for (let t = 0; t < a.length; t++) sum += item(a, t) * item(b, t);
      data[i * assets + j] = sum / divisor;
      data[j * assets + i] = sum / divisor;
    }
  }
  return { n: assets, data };
}

/** Standard deviations; one that is zero, or dust beside the asset's returns, is an error. */
function deviations(sample: Matrix, returns: ReturnColumns): Float64Array {
  return Float64Array.from(returns, (column, i) => {
    const sd = Math.sqrt(entry(sample, i, i));
    const largest = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!(sd > 1e-12 * largest)) throw zeroVariance(i);
    return sd;
  });
}

function meanVariance(sample: Matrix): number {
  let sum = 0;
  for (let i = 0; i < sample.n; i++) sum += entry(sample, i, i);
  return sum / sample.n;
}

function towardIdentity(sample: Matrix, mu: number, shrinkage: number): Matrix {
  return matrixOf(sample.n, (i, j) => (1 - shrinkage) * entry(sample, i, j) + (i === j ? shrinkage * mu : 0));
}

function meanOfSquaredProducts(x: ReturnColumns, i: number, j: number): number {
  const a = x[i] as Float64Array;
  const b = x[j] as Float64Array;
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += (item(a, t) * item(b, t)) ** 2;
  return sum / a.length;
}

/** Mean of xᵢ³·xⱼ. */
function meanOfCubes(x: ReturnColumns, i: number, j: number): number {
  const a = x[i] as Float64Array;
  const b = x[j] as Float64Array;
  let sum = 0;
  for (let t = 0; t < a.length; t++) sum += item(a, t) * item(a, t) * item(a, t) * item(b, t);
  return sum / a.length;
}

function clamp01(value: number): number {
  return Math.max(0, Math.min(1, value));
}
