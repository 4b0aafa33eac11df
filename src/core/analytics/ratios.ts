import { finite, isNumber, isZeroSpread, largestSize, mean, type Statistic, sampleSd, sum } from '../math/stats.js';
import { annualReturnByCount } from './returns.js';

/** What annualized ratios need beside the returns. */
export interface RatioTerms {
  /** Risk-free return a period, a fraction; also the target of the downside. */
  readonly rfPerPeriod: number;
  readonly periodsPerYear: number;
}

/**
 * Sharpe ratio: mean(r − rf) ÷ sd(r − rf, n − 1) × √P (Sharpe 1994, arithmetic). ZERO_VARIANCE when the spread is only
 * rounding noise, TOO_FEW below two returns.
 */
export function sharpe(returns: ArrayLike<number>, terms: RatioTerms): Statistic {
  const excess = above(returns, terms.rfPerPeriod);
  const sd = sampleSd(excess);
  if (!isNumber(sd)) return sd;
  if (sd === 0) return 'ZERO_VARIANCE';
  return finite((mean(excess) / sd) * Math.sqrt(terms.periodsPerYear));
}

/** Sharpe ratio of annualized geometric excess return over annualized deviation: PerformanceAnalytics' `geometric = TRUE`. */
export function sharpeGeometric(returns: ArrayLike<number>, terms: RatioTerms): Statistic {
  const excess = above(returns, terms.rfPerPeriod);
  const sd = sampleSd(excess);
  if (!isNumber(sd)) return sd;
  if (sd === 0) return 'ZERO_VARIANCE';
  const annual = annualReturnByCount(excess, terms.periodsPerYear);
  return isNumber(annual) ? finite(annual / (sd * Math.sqrt(terms.periodsPerYear))) : annual;
}

/**
 * Downside deviation: √(Σ min(r − target, 0)² ÷ n), n = all returns (Sortino and van der Meer 1991). `subset` divides
 * by the count of returns below the target instead; it has no value when there are none.
 */
export function downsideDeviation(
  returns: ArrayLike<number>,
  target: number,
  over: 'all' | 'subset' = 'all',
): Statistic {
  const n = returns.length;
  if (n === 0) return 'TOO_FEW';
  const gaps = above(returns, target).map((gap) => Math.min(gap, 0));
  const scale = largestSize(gaps);
  if (Number.isNaN(scale)) return 'NOT_FINITE';
  let below = 0;
  for (const gap of gaps) if (gap < 0) below++;
  if (below === 0) return over === 'all' ? 0 : 'NO_LOSSES';
  const squares = gaps.map((gap) => (gap / scale) * (gap / scale));
  return finite(scale * Math.sqrt(sum(squares) / (over === 'all' ? n : below)));
}

/** Sortino ratio: mean(r − target) ÷ downside deviation × √P; NO_LOSSES when nothing fell below the target. */
export function sortino(returns: ArrayLike<number>, terms: RatioTerms): Statistic {
  if (returns.length < 2) return 'TOO_FEW';
  const deviation = downsideDeviation(returns, terms.rfPerPeriod);
  if (!isNumber(deviation)) return deviation;
  const excess = above(returns, terms.rfPerPeriod);
  if (isZeroSpread(deviation, largestSize(excess))) return noLosses(excess);
  return finite((mean(excess) / deviation) * Math.sqrt(terms.periodsPerYear));
}

/** Omega ratio: Σ max(r − L, 0) ÷ Σ max(L − r, 0), threshold `L` a period (Keating and Shadwick 2002). */
export function omega(returns: ArrayLike<number>, threshold: number): Statistic {
  if (returns.length < 2) return 'TOO_FEW';
  const excess = above(returns, threshold);
  const gains = sum(excess.map((gap) => Math.max(gap, 0)));
  const losses = sum(excess.map((gap) => Math.max(-gap, 0)));
  if (!Number.isFinite(gains) || !Number.isFinite(losses)) return 'NOT_FINITE';
  return losses === 0 ? noLosses(excess) : finite(gains / losses);
}

/** Calmar ratio: growth a year ÷ deepest drawdown, both over the whole sample (Young 1991 took 36 months). */
export function calmar(annualReturn: Statistic, maxDrawdown: Statistic): Statistic {
  if (!isNumber(annualReturn)) return annualReturn;
  if (!isNumber(maxDrawdown)) return maxDrawdown;
  return maxDrawdown <= 0 ? 'NO_DRAWDOWN' : finite(annualReturn / maxDrawdown);
}

/** A Sharpe ratio a period with the shape of the returns it came from. */
export interface SharpeSample {
  /** Not annualized. */
  readonly sharpe: number;
  readonly n: number;
  readonly skew: number;
  /** Raw: 3 for a normal. */
  readonly kurtosis: number;
}

/**
 * Standard error of a Sharpe ratio a period: √((1 − skew SR + (kurtosis − 1) ÷ 4 × SR²) ÷ (n − 1)) (Lo 2002, Mertens
 * 2002), for returns without autocorrelation. Multiply by √P for an annualized ratio.
 */
export function sharpeStandardError(sample: SharpeSample): Statistic {
  if (sample.n < 2) return 'TOO_FEW';
  const spread = sharpeSpread(sample);
  return isNumber(spread) ? finite(Math.sqrt(spread / (sample.n - 1))) : spread;
}

/** 1 − skew SR + (kurtosis − 1) ÷ 4 × SR²; INVALID_MOMENTS when not positive, which no real sample gives. */
export function sharpeSpread({ sharpe: ratio, skew, kurtosis }: Omit<SharpeSample, 'n'>): Statistic {
  const spread = finite(1 - skew * ratio + ((kurtosis - 1) / 4) * ratio * ratio);
  return isNumber(spread) && spread <= 0 ? 'INVALID_MOMENTS' : spread;
}

/** Without a loss a ratio does not exist; flat returns say so by their own name. */
function noLosses(excess: Float64Array): Statistic {
  return sampleSd(excess) === 0 ? 'ZERO_VARIANCE' : 'NO_LOSSES';
}

function above(returns: ArrayLike<number>, level: number): Float64Array {
  const out = new Float64Array(returns.length);
  for (let i = 0; i < out.length; i++) out[i] = (returns[i] ?? Number.NaN) - level;
  return out;
}
