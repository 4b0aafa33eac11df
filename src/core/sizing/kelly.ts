import { assert } from '../base/assert.js';
import { cholesky, choleskySolve, type Matrix } from '../math/linalg.js';

/** 75th percentile of the normal law: what lies 0.674 standard errors below an estimate is its lower 25 % bound. */
const QUARTILE_Z = 0.6744897501960817;

/**
 * Share of the bankroll that grows it fastest when a bet wins `payoff` times its stake with `winProb`: p − (1 − p)/b,
 * Kelly 1956. Negative is a losing game, on which nothing is bet. Undefined for a payoff that is not above 0.
 */
export function kellyBinary(winProb: number, payoff: number): number | undefined {
  return payoff > 0 ? winProb - (1 - winProb) / payoff : undefined;
}

/**
 * Multiple of equity that grows it fastest for returns of mean `mu` and deviation `sigma`: (μ − r)/σ², Merton 1969.
 * Mean and riskless rate of one period, as sigma. Negative means a short. Undefined without variance.
 */
export function kellyContinuous(mu: number, sigma: number, riskFree: number): number | undefined {
  return sigma > 0 ? (mu - riskFree) / (sigma * sigma) : undefined;
}

/**
 * Multiples of equity, one an asset, that grow it fastest: S⁻¹(μ − r). The covariance is positive definite; the optimisers'
 * `checkCovariance` says so to a user.
 */
export function kellyMultiple(covariance: Matrix, mean: Float64Array, riskFree: number): Float64Array {
  const lower = cholesky(covariance);
  assert(lower !== undefined, 'the covariance of several Kelly bets is positive definite');
  return choleskySolve(
    lower,
    mean.map((value) => value - riskFree),
  );
}

/**
 * Growth a period at `share` of the full Kelly multiple: r + (c − c²/2)(μ − r)²/σ². Half of Kelly keeps three quarters of
 * the growth, twice Kelly keeps none.
 */
export function kellyGrowth(mu: number, sigma: number, riskFree: number, share: number): number | undefined {
  if (!(sigma > 0)) return undefined;
  return riskFree + ((share - (share * share) / 2) * (mu - riskFree) ** 2) / (sigma * sigma);
}

/**
 * The win rate that the truth is above with 75 % confidence, from `wins` share of `n` trades: Wilson's interval (1927),
 * which stays below one even when every trade so far won. 0 without trades.
 */
export function winProbLowerBound(winProb: number, n: number): number {
  if (!(n > 0)) return 0;
  const z2 = QUARTILE_Z * QUARTILE_Z;
  const centre = winProb + z2 / (2 * n);
  const spread = QUARTILE_Z * Math.sqrt((winProb * (1 - winProb) + z2 / (4 * n)) / n);
  return Math.max(0, (centre - spread) / (1 + z2 / n));
}

/** The mean return that the truth is above with 75 % confidence: mean − 0.674·sd/√n. Undefined without trades. */
export function meanLowerBound(mean: number, sd: number, n: number): number | undefined {
  return n > 0 ? mean - (QUARTILE_Z * sd) / Math.sqrt(n) : undefined;
}
