/** Why a statistic does not exist. Scripts match these codes; they are printed in `reasons`. */
export type Reason =
  | 'TOO_FEW'
  | 'ZERO_VARIANCE'
  | 'NO_LOSSES'
  | 'NO_WINS'
  | 'NO_TRADES'
  | 'NO_STOPS'
  | 'NO_DRAWDOWN'
  | 'NO_BENCHMARK'
  | 'ALL_BREAK_EVEN'
  | 'SAMPLE_TOO_SMALL'
  | 'LENGTH_MISMATCH'
  | 'INVALID_PRICE'
  | 'INVALID_EQUITY'
  | 'INVALID_INPUT'
  | 'NEGATIVE_WEALTH'
  | 'INVALID_MOMENTS'
  | 'NOT_ABOVE_BENCHMARK'
  | 'TOO_FEW_TRIALS'
  | 'NO_TRIAL_VARIANCE'
  | 'CF_OUT_OF_DOMAIN'
  | 'NOT_CONVERGED'
  | 'NOT_STATIONARY'
  | 'NOT_FINITE';

/** A finite number, or the reason why there is none. Never NaN, Infinity or a silent 0. */
export type Statistic = number | Reason;

/** True when `value` is a number and not a reason. */
export function isNumber<T>(value: T | Reason): value is Exclude<T, Reason> {
  return typeof value !== 'string';
}

/** `value` when it is finite, else NOT_FINITE: sums and powers of extreme inputs overflow. */
export function finite(value: number): Statistic {
  return Number.isFinite(value) ? value + 0 : 'NOT_FINITE';
}

/** A standard deviation at or below this share of the largest |x| is rounding noise: 0.001 five times has 1e-19. */
const ZERO_SHARE = 1e-12;

/** True when a deviation is zero to rounding against the size of the values it came from. */
export function isZeroSpread(deviation: number, largest: number): boolean {
  return deviation <= ZERO_SHARE * largest;
}

/** Sum with Neumaier's compensation (1974): one rounding for the whole list instead of one for each term. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i] ?? Number.NaN;
    const next = total + x;
    lost += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  return total + lost;
}

/** Arithmetic mean; NaN of an empty list, so callers check the length first. */
export function mean(values: ArrayLike<number>): number {
  return sum(values) / values.length;
}

/** Largest |x|; 0 of an empty list, NaN when any value is NaN. */
export function largestSize(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i] ?? Number.NaN));
  return largest;
}

/** What the first four powers of a list say. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation with n − 1; exactly 0 when it is only rounding noise, TOO_FEW below two values. */
  readonly sd: Statistic;
  /** Standard deviation with n. */
  readonly sdPopulation: number;
  /** m₃ ÷ m₂^1.5, divided by n. */
  readonly skew: Statistic;
  /** m₄ ÷ m₂², divided by n, raw: 3 for a normal. */
  readonly kurtosis: Statistic;
}

/**
 * Moments of `values` in two passes. Deviations are scaled by the largest of them before they are raised, so that
 * tiny returns do not underflow.
 */
export function momentsOf(values: ArrayLike<number>): Moments | Reason {
  const n = values.length;
  if (n === 0) return 'TOO_FEW';
  const center = mean(values);
  if (!Number.isFinite(center)) return 'NOT_FINITE';
  let scale = 0;
  for (let i = 0; i < n; i++) scale = Math.max(scale, Math.abs((values[i] ?? Number.NaN) - center));
  if (scale <= ZERO_SHARE * largestSize(values)) return flatMoments(n, center);
  const powers = [new Float64Array(n), new Float64Array(n), new Float64Array(n)] as const;
  for (let i = 0; i < n; i++) {
    const d = ((values[i] ?? Number.NaN) - center) / scale;
    powers[0][i] = d * d;
    powers[1][i] = d * d * d;
    powers[2][i] = d * d * d * d;
  }
  const squares = sum(powers[0]);
  const m2 = squares / n;
  const sd = scale * Math.sqrt(squares / (n - 1));
  if (isZeroSpread(sd, largestSize(values))) return flatMoments(n, center);
  return {
    n,
    mean: center,
    sd: n < 2 ? 'TOO_FEW' : finite(sd),
    sdPopulation: scale * Math.sqrt(m2),
    skew: finite(mean(powers[1]) / (m2 * Math.sqrt(m2))),
    kurtosis: finite(mean(powers[2]) / (m2 * m2)),
  };
}

function flatMoments(n: number, center: number): Moments {
  const missing = n < 2 ? 'TOO_FEW' : 'ZERO_VARIANCE';
  return { n, mean: center, sd: n < 2 ? 'TOO_FEW' : 0, sdPopulation: 0, skew: missing, kurtosis: missing };
}

/** Standard deviation with n − 1; 0 when it is rounding noise. */
export function sampleSd(values: ArrayLike<number>): Statistic {
  const moments = momentsOf(values);
  return isNumber(moments) ? moments.sd : moments;
}

/**
 * Quantile of type 7 (linear between order statistics; the default of numpy, R and Excel) of values that are already
 * sorted upward. A position within 1e-9 of an order statistic is that value: 1 − 0.95 is not 0.05 in binary.
 */
export function quantileSorted(sorted: ArrayLike<number>, share: number): Statistic {
  const n = sorted.length;
  if (n === 0) return 'TOO_FEW';
  const position = (n - 1) * Math.min(1, Math.max(0, share));
  const nearest = Math.round(position);
  if (Math.abs(position - nearest) < 1e-9) return finite(sorted[nearest] ?? Number.NaN);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? Number.NaN;
  const part = position - below;
  return finite(part < 0.5 ? low + (high - low) * part : high - (high - low) * (1 - part));
}

/** Quantile of type 7 of values in any order. */
export function quantile(values: ArrayLike<number>, share: number): Statistic {
  return quantileSorted(Float64Array.from(values).sort(), share);
}

/** Covariance of two lists with n − 1. Lists of unlike length are refused: the caller joins them by date first. */
export function covariance(a: ArrayLike<number>, b: ArrayLike<number>): Statistic {
  if (a.length !== b.length) return 'LENGTH_MISMATCH';
  if (a.length < 2) return 'TOO_FEW';
  const meanA = mean(a);
  const meanB = mean(b);
  const products = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) {
    products[i] = ((a[i] ?? Number.NaN) - meanA) * ((b[i] ?? Number.NaN) - meanB);
  }
  return finite(sum(products) / (a.length - 1));
}

/** Pearson's correlation, within −1 … 1; ZERO_VARIANCE when either list is flat. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): Statistic {
  const together = covariance(a, b);
  const sdA = sampleSd(a);
  const sdB = sampleSd(b);
  if (!isNumber(together)) return together;
  if (!isNumber(sdA)) return sdA;
  if (!isNumber(sdB)) return sdB;
  if (sdA === 0 || sdB === 0) return 'ZERO_VARIANCE';
  const value = finite(together / sdA / sdB);
  return isNumber(value) ? Math.min(1, Math.max(-1, value)) : value;
}
