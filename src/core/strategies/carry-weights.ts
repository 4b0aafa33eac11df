import { assert, unreachable } from '../base/assert.js';
import { entry, type Matrix, quadraticForm, repairPositiveDefinite } from '../math/linalg.js';
import { ewmaCovariance, ledoitWolfIdentity, sampleCovariance } from '../portfolio/covariance.js';
import { maxSharpe } from '../portfolio/max-sharpe.js';
import { minVariance } from '../portfolio/min-variance.js';
import { riskParity } from '../portfolio/risk-parity.js';

export const WEIGHTINGS = ['equal', 'rank', 'inverse-vol', 'min-variance', 'risk-parity', 'max-sharpe'] as const;
export type Weighting = (typeof WEIGHTINGS)[number];

export const COVARIANCES = ['ledoit-wolf', 'sample', 'ewma'] as const;
export type CovarianceKind = (typeof COVARIANCES)[number];

/** Days a year for the volatility of currency pairs. */
const DAYS_A_YEAR = 260;

/** No leg of an optimised side is larger than this many times its equal share: estimates are not that good. */
const MOST_SHARES = 2;

/** True for weightings that need the covariance of daily returns. */
export const needsCovariance = (weighting: Weighting): boolean => weighting !== 'equal' && weighting !== 'rank';

/** Covariance a day of aligned daily returns (a column an asset), made fit for inversion; undefined where nothing moved. */
export function carryCovariance(returns: readonly Float64Array[], kind: CovarianceKind): Matrix | undefined {
  const covariance = estimated(returns, kind);
  const { matrix } = repairPositiveDefinite(covariance);
  for (let i = 0; i < matrix.n; i++) if (!(entry(covariance, i, i) > 0)) return undefined;
  return matrix;
}

/** What the weights of one side are made from. */
export interface SideInput {
  readonly weighting: Weighting;
  /** Currencies of the side, the best first. */
  readonly count: number;
  /** Of the side's currencies in that order; undefined while the history is too short. */
  readonly covariance: Matrix | undefined;
  /** Expected return a year of each leg against the other side, 0 or more. */
  readonly edge: Float64Array;
}

/** Shares of one side, each 0 or more, adding up to one; `equal` is true where they had to fall back to equal ones. */
export interface SideWeights {
  readonly shares: Float64Array;
  readonly fallback: boolean;
}

/**
 * Shares within one side of the book.
 *
 * rank: k, k − 1 … 1 from the best; inverse-vol: 1 ÷ deviation; min-variance, risk-parity, max-sharpe: the kernels of
 * `core/portfolio` on the side's own covariance, long only (what the sides do to each other is left to `volTargetBps`),
 * each share at most twice the equal one for the two optimisers. Without a covariance, or where nothing promises a
 * return, the shares are equal.
 */
export function sideWeights(input: SideInput): SideWeights {
  const { weighting, count, covariance } = input;
  const equal = new Float64Array(count).fill(1 / count);
  if (count < 2 || weighting === 'equal') return { shares: equal, fallback: false };
  if (weighting === 'rank') {
    const sum = (count * (count + 1)) / 2;
    return { shares: equal.map((_, i) => (count - i) / sum), fallback: false };
  }
  if (covariance === undefined) return { shares: equal, fallback: true };
  const shares = optimised(weighting, covariance, input.edge);
  return shares === undefined ? { shares: equal, fallback: true } : { shares, fallback: false };
}

/** Volatility a year, a fraction, of signed weights under a covariance a day. */
export function yearlyVolatility(weights: Float64Array, covariance: Matrix): number {
  return Math.sqrt(Math.max(0, quadraticForm(covariance, weights)) * DAYS_A_YEAR);
}

function estimated(returns: readonly Float64Array[], kind: CovarianceKind): Matrix {
  switch (kind) {
    case 'sample':
      return sampleCovariance(returns);
    case 'ewma':
      return ewmaCovariance(returns);
    case 'ledoit-wolf':
      return ledoitWolfIdentity(returns).covariance;
    default:
      return unreachable(kind);
  }
}

function optimised(
  weighting: Exclude<Weighting, 'equal' | 'rank'>,
  covariance: Matrix,
  edge: Float64Array,
): Float64Array | undefined {
  const n = covariance.n;
  const most = Math.min(1, MOST_SHARES / n);
  switch (weighting) {
    case 'inverse-vol': {
      const inverse = Float64Array.from({ length: n }, (_, i) => 1 / Math.sqrt(entry(covariance, i, i)));
      const sum = inverse.reduce((total, value) => total + value, 0);
      return inverse.map((value) => value / sum);
    }
    case 'min-variance':
      return minVariance(covariance, [0, most]);
    case 'risk-parity':
      return riskParity(covariance);
    case 'max-sharpe': {
      assert(edge.length === n, 'each leg has an expected return');
      const best = maxSharpe({ covariance, mean: edge, riskFree: 0, sides: 'long', maxWeight: most });
      return 'weights' in best ? best.weights : undefined;
    }
    default:
      return unreachable(weighting);
  }
}
