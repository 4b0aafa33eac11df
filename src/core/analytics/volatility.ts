import { finite, isNumber, type Reason, type Statistic, sampleSd, sum } from '../math/stats.js';
import type { PriceColumns } from '../model/market.js';

/** Variance path of an exponentially weighted average: one longer than the returns, the start first. */
export interface EwmaPath {
  readonly path: Float64Array;
  /** Variance forecast for the period after the last return. */
  readonly next: number;
}

/**
 * s²_t = λ s²_{t−1} + (1 − λ) r²_{t−1} (RiskMetrics 1996: λ 0.94 for days, 0.97 for months). The start is an input,
 * because a hidden one would hide what the first weeks stand on.
 */
export function ewmaVariance(returns: ArrayLike<number>, lambda: number, startVariance: number): EwmaPath | Reason {
  if (!(lambda > 0 && lambda < 1) || !(startVariance >= 0)) return 'INVALID_INPUT';
  const path = new Float64Array(returns.length + 1);
  let variance = startVariance;
  path[0] = variance;
  for (let i = 0; i < returns.length; i++) {
    const r = returns[i] ?? Number.NaN;
    variance = lambda * variance + (1 - lambda) * r * r;
    path[i + 1] = variance;
  }
  return Number.isFinite(variance) ? { path, next: variance } : 'NOT_FINITE';
}

/** Periods until a return has half its weight: ln ½ ÷ ln λ; 11.2 days at 0.94. */
export function ewmaHalfLife(lambda: number): Statistic {
  return lambda > 0 && lambda < 1 ? finite(Math.log(0.5) / Math.log(lambda)) : 'INVALID_INPUT';
}

/** max(H − L, |H − C₋₁|, |L − C₋₁|) of every bar but the first, which has no close before it. Price units. */
export function trueRanges(bars: PriceColumns): Float64Array {
  const out = new Float64Array(Math.max(0, bars.close.length - 1));
  for (let i = 0; i < out.length; i++) {
    const high = at(bars.high, i + 1);
    const low = at(bars.low, i + 1);
    const before = at(bars.close, i);
    out[i] = Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
  }
  return out;
}

/**
 * Wilder's average true range (1978): the mean of the first n, then (previous × (n − 1) + TR) ÷ n. One value for each
 * true range from the n-th on. It remembers its start for about 5n bars: warm up that long before deciding on it.
 */
export function averageTrueRange(bars: PriceColumns, n: number): Float64Array | Reason {
  if (!Number.isInteger(n) || n < 1) return 'INVALID_INPUT';
  const ranges = trueRanges(bars);
  if (ranges.length < n) return 'TOO_FEW';
  const out = new Float64Array(ranges.length - n + 1);
  let average = sum(ranges.subarray(0, n)) / n;
  out[0] = average;
  for (let i = n; i < ranges.length; i++) {
    average = (average * (n - 1) + at(ranges, i)) / n;
    out[i - n + 1] = average;
  }
  return Number.isFinite(average) ? out : 'NOT_FINITE';
}

/** Annualized volatility of the last n bars from their corners. Prices on a coarse grid bias all of them down. */
export interface RangeVolatility {
  /** √(P ÷ (4 n ln 2) × Σ ln(H/L)²) (Parkinson 1980). */
  readonly parkinson: Statistic;
  /** Garman and Klass 1980: ½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)². */
  readonly garmanKlass: Statistic;
  /** Rogers and Satchell 1991, free of drift: ln(H/C) ln(H/O) + ln(L/C) ln(L/O). */
  readonly rogersSatchell: Statistic;
}

/** Range volatilities of the last `n` bars; TOO_FEW when there are fewer, INVALID_PRICE for a price not above 0. */
export function rangeVolatility(bars: PriceColumns, n: number, periodsPerYear: number): RangeVolatility | Reason {
  const from = bars.close.length - n;
  const bad = refused(bars, n, from);
  if (bad !== undefined) return bad;
  const annual = (weight: number, term: (i: number) => number) =>
    root((periodsPerYear / n) * weight, total(from, n, term));
  return {
    parkinson: annual(1 / (4 * Math.LN2), (i) => log(bars.high, i, bars.low, i) ** 2),
    garmanKlass: annual(
      1,
      (i) => 0.5 * log(bars.high, i, bars.low, i) ** 2 - (2 * Math.LN2 - 1) * log(bars.close, i, bars.open, i) ** 2,
    ),
    rogersSatchell: annual(1, (i) => rogersSatchellTerm(bars, i)),
  };
}

/**
 * Yang and Zhang's volatility (2000), annualized, over the last `n` bars and the close before them: overnight variance +
 * k × open-to-close variance + (1 − k) × Rogers-Satchell, k = (α − 1) ÷ (α + (n + 1) ÷ (n − 1)), as TTR codes it.
 */
export function yangZhangVolatility(
  bars: PriceColumns,
  terms: { readonly n: number; readonly periodsPerYear: number; readonly alpha?: number },
): Statistic {
  const { n, periodsPerYear, alpha = 1.34 } = terms;
  const from = bars.close.length - n;
  const bad = refused(bars, n, from - 1);
  if (bad !== undefined) return bad;
  if (n < 2) return 'TOO_FEW';
  const overnight = sampleSd(
    Float64Array.from({ length: n }, (_, i) => log(bars.open, from + i, bars.close, from + i - 1)),
  );
  const day = sampleSd(Float64Array.from({ length: n }, (_, i) => log(bars.close, from + i, bars.open, from + i)));
  if (!isNumber(overnight)) return overnight;
  if (!isNumber(day)) return day;
  const k = (alpha - 1) / (alpha + (n + 1) / (n - 1));
  const drift = total(from, n, (i) => rogersSatchellTerm(bars, i)) / n;
  return root(periodsPerYear, overnight * overnight + k * day * day + (1 - k) * drift);
}

function rogersSatchellTerm(bars: PriceColumns, i: number): number {
  const { open, high, low, close } = bars;
  return log(high, i, close, i) * log(high, i, open, i) + log(low, i, close, i) * log(low, i, open, i);
}

function refused(bars: PriceColumns, n: number, from: number): Reason | undefined {
  if (!Number.isInteger(n) || n < 1) return 'INVALID_INPUT';
  if (from < 0) return 'TOO_FEW';
  for (const column of [bars.open, bars.high, bars.low, bars.close]) {
    for (let i = from; i < column.length; i++)
      if (!(at(column, i) > 0 && at(column, i) < Infinity)) return 'INVALID_PRICE';
  }
  return undefined;
}

/** √(factor × value); a sum below zero comes from corners that contradict each other. */
function root(factor: number, value: number): Statistic {
  const inside = factor * value;
  if (inside < 0) return inside > -1e-18 ? 0 : 'INVALID_PRICE';
  return finite(Math.sqrt(inside));
}

function total(from: number, n: number, term: (i: number) => number): number {
  return sum(Float64Array.from({ length: n }, (_, i) => term(from + i)));
}

const at = (column: Float64Array, i: number): number => column[i] ?? Number.NaN;
const log = (top: Float64Array, i: number, bottom: Float64Array, j: number): number =>
  Math.log(at(top, i) / at(bottom, j));
