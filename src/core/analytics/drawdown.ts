import { finite, isNumber, type Reason, type Statistic, sum } from '../math/stats.js';

/**
 * Drawdowns of a wealth that starts at 1 before the first return. Indices count in that wealth: 0 is the start,
 * `i` is after return `i`.
 */
export interface Drawdown {
  /** Deepest fall from a peak, a positive fraction; above 1 only when wealth went below zero. */
  readonly maxDrawdown: number;
  readonly peakIndex: number;
  readonly troughIndex: number;
  /** First index at or above the peak again; null while it is open, and when there was no fall. */
  readonly recoveryIndex: number | null;
  /** Longest run of periods strictly below the peak so far. */
  readonly longestUnderwater: number;
  /** Mean of the drawdown after every return, zeros included. */
  readonly avgDrawdown: number;
}

/** Drawdown after each return: 1 − W_t ÷ max(W_0 … W_t), W_0 = 1. The first loss is a fall from the start. */
export function drawdownPath(returns: ArrayLike<number>): Float64Array {
  const path = new Float64Array(returns.length);
  let wealth = 1;
  let peak = 1;
  for (let i = 0; i < returns.length; i++) {
    wealth *= 1 + (returns[i] ?? Number.NaN);
    peak = Math.max(peak, wealth);
    path[i] = 1 - wealth / peak;
  }
  return path;
}

/** Depth, place and length of the drawdowns of `returns`; TOO_FEW without returns, NOT_FINITE when wealth overflows. */
export function drawdownOf(returns: ArrayLike<number>): Drawdown | Reason {
  const n = returns.length;
  if (n === 0) return 'TOO_FEW';
  const path = drawdownPath(returns);
  const average = finite(sum(path) / n);
  if (!isNumber(average)) return average;
  let deepest = 0;
  let trough = 0;
  let run = 0;
  let longest = 0;
  for (let i = 0; i < n; i++) {
    const depth = path[i] ?? Number.NaN;
    if (depth > deepest) {
      deepest = depth;
      trough = i + 1;
    }
    run = depth > 0 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return {
    maxDrawdown: deepest,
    ...around(returns, trough),
    troughIndex: trough,
    longestUnderwater: longest,
    avgDrawdown: average,
  };
}

/** The peak before the trough (the first of equals) and the recovery after it. */
function around(returns: ArrayLike<number>, trough: number): { peakIndex: number; recoveryIndex: number | null } {
  let wealth = 1;
  let peak = 1;
  let peakIndex = 0;
  for (let i = 0; i < returns.length; i++) {
    wealth *= 1 + (returns[i] ?? Number.NaN);
    if (i < trough && wealth > peak) {
      peak = wealth;
      peakIndex = i + 1;
    }
    if (trough > 0 && i >= trough && wealth >= peak) return { peakIndex, recoveryIndex: i + 1 };
  }
  return { peakIndex: trough === 0 ? 0 : peakIndex, recoveryIndex: null };
}

/**
 * Ulcer index: √(Σ drawdown² ÷ n), a fraction (Martin and McCann 1989). `ddof` 1 divides by n − 1 as quantstats does;
 * the default is n.
 */
export function ulcerIndex(returns: ArrayLike<number>, ddof: 0 | 1 = 0): Statistic {
  if (returns.length <= ddof) return 'TOO_FEW';
  const squares = drawdownPath(returns).map((depth) => depth * depth);
  return finite(Math.sqrt(sum(squares) / (returns.length - ddof)));
}
