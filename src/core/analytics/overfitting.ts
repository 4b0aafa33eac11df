import { inverseNormalCdf, normalCdf } from '../math/special.js';
import { finite, isNumber, momentsOf, type Reason, type Statistic } from '../math/stats.js';
import { type SharpeSample, sharpeSpread } from './ratios.js';

/** Euler and Mascheroni's constant. */
const EULER_GAMMA = 0.5772156649015329;

/** A Sharpe ratio a period, the shape of its returns, and the ratio to beat. */
export interface SharpeTest extends SharpeSample {
  /** A period, not annualized. */
  readonly benchmarkSharpe: number;
}

/**
 * Probability that the true Sharpe ratio is above `benchmarkSharpe` (Bailey and López de Prado 2012):
 * Φ((SR − SR₀) √(n − 1) ÷ √(1 − skew SR + (kurtosis − 1) ÷ 4 × SR²)), all a period, kurtosis raw.
 */
export function probabilisticSharpe(test: SharpeTest): Statistic {
  if (!(test.n >= 2)) return 'TOO_FEW';
  const spread = sharpeSpread(test);
  if (!isNumber(spread)) return spread;
  const z = finite(((test.sharpe - test.benchmarkSharpe) * Math.sqrt(test.n - 1)) / Math.sqrt(spread));
  return isNumber(z) ? normalCdf(z) : z;
}

/**
 * Observations needed until the probabilistic Sharpe ratio reaches `confidence`: 1 + spread × (z ÷ (SR − SR₀))².
 * NOT_ABOVE_BENCHMARK when no record is long enough.
 */
export function minTrackRecord(test: Omit<SharpeTest, 'n'> & { readonly confidence: number }): Statistic {
  if (!(test.confidence > 0 && test.confidence < 1)) return 'INVALID_INPUT';
  if (!(test.sharpe > test.benchmarkSharpe)) return 'NOT_ABOVE_BENCHMARK';
  const spread = sharpeSpread(test);
  if (!isNumber(spread)) return spread;
  const z = inverseNormalCdf(test.confidence);
  return finite(1 + spread * (z / (test.sharpe - test.benchmarkSharpe)) ** 2);
}

/** How many configurations were ever tried, and how far their Sharpe ratios a period lie apart. */
export interface Trials {
  /** Effective trials: every configuration that ever ran, clustered by correlation. */
  readonly count: number;
  readonly variance: number | undefined;
}

/**
 * The best Sharpe ratio a period that luck alone finds in N trials (Bailey and López de Prado 2014):
 * √V × ((1 − γ) Φ⁻¹(1 − 1 ÷ N) + γ Φ⁻¹(1 − 1 ÷ (N e))). TOO_FEW_TRIALS below two.
 */
export function expectedMaxSharpe({ count, variance }: Trials): Statistic {
  if (!(count >= 2)) return 'TOO_FEW_TRIALS';
  if (variance === undefined) return 'NO_TRIAL_VARIANCE';
  if (!(variance >= 0)) return 'INVALID_INPUT';
  const first = inverseNormalCdf(1 - 1 / count);
  const second = inverseNormalCdf(1 - 1 / (count * Math.E));
  return finite(Math.sqrt(variance) * ((1 - EULER_GAMMA) * first + EULER_GAMMA * second));
}

/** The luck to beat, and the probability that the strategy beats it. */
export interface DeflatedSharpe {
  readonly benchmarkSharpe: number;
  readonly probability: number;
}

/** Probabilistic Sharpe ratio against the best of so many trials without skill. */
export function deflatedSharpe(sample: SharpeSample, trials: Trials): DeflatedSharpe | Reason {
  const benchmarkSharpe = expectedMaxSharpe(trials);
  if (!isNumber(benchmarkSharpe)) return benchmarkSharpe;
  const probability = probabilisticSharpe({ ...sample, benchmarkSharpe });
  return isNumber(probability) ? { benchmarkSharpe, probability } : probability;
}

/** Sharpe ratio a period of `returns` (rf 0) with population skew and kurtosis, ready for the tests above. */
export function sharpeSample(returns: ArrayLike<number>, ddof: 0 | 1 = 1): SharpeSample | Reason {
  const moments = momentsOf(returns);
  if (!isNumber(moments)) return moments;
  const { n, skew, kurtosis } = moments;
  const sd = ddof === 1 ? moments.sd : moments.sdPopulation;
  if (!isNumber(sd)) return sd;
  if (sd === 0) return 'ZERO_VARIANCE';
  if (!isNumber(skew)) return skew;
  if (!isNumber(kurtosis)) return kurtosis;
  const ratio = finite(moments.mean / sd);
  return isNumber(ratio) ? { sharpe: ratio, n, skew, kurtosis } : ratio;
}
