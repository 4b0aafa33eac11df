import {
  correlation,
  covariance,
  finite,
  isNumber,
  mean,
  type Reason,
  type Statistic,
  sampleSd,
} from '../math/stats.js';
import type { RatioTerms } from './ratios.js';
import { annualReturnByCount } from './returns.js';

/** Returns of two sources on the days that both have. */
export interface Joined {
  readonly date: readonly string[];
  readonly ours: Float64Array;
  readonly theirs: Float64Array;
  /** How many of our days had no partner. */
  readonly dropped: number;
}

/** Joins two dated lists, in our order. Comparing by position would set one market's Monday against another's Tuesday. */
export function joinByDate(
  ours: { readonly date: readonly string[]; readonly return: ArrayLike<number> },
  theirs: { readonly date: readonly string[]; readonly return: ArrayLike<number> },
): Joined {
  const partner = new Map(theirs.date.map((date, i) => [date, theirs.return[i]] as const));
  const date: string[] = [];
  const left: number[] = [];
  const right: number[] = [];
  for (const [i, day] of ours.date.entries()) {
    const value = partner.get(day);
    if (value === undefined) continue;
    date.push(day);
    left.push(ours.return[i] ?? Number.NaN);
    right.push(value);
  }
  return {
    date,
    ours: Float64Array.from(left),
    theirs: Float64Array.from(right),
    dropped: ours.date.length - date.length,
  };
}

/** Regression of our excess returns on a benchmark's. */
export interface AlphaBeta {
  readonly beta: Statistic;
  readonly alphaPerPeriod: Statistic;
  /** alpha × P: the default here, and quantstats'. */
  readonly alphaAnnualArith: Statistic;
  /** (1 + alpha)^P − 1: empyrical's. */
  readonly alphaAnnualGeom: Statistic;
  readonly r2: Statistic;
  readonly correlation: Statistic;
}

/**
 * beta = cov ÷ var of the benchmark on excess returns; alpha a period = mean(ra − rf) − beta × mean(rb − rf). A flat
 * benchmark has no beta: ZERO_VARIANCE. Lists of unlike length are LENGTH_MISMATCH as a whole.
 */
export function alphaBeta(ours: ArrayLike<number>, theirs: ArrayLike<number>, terms: RatioTerms): AlphaBeta | Reason {
  if (ours.length !== theirs.length) return 'LENGTH_MISMATCH';
  const beta = betaOf(ours, theirs);
  const related = correlation(ours, theirs);
  const { rfPerPeriod: rf, periodsPerYear } = terms;
  const alpha = isNumber(beta) ? finite(mean(ours) - rf - beta * (mean(theirs) - rf)) : beta;
  return {
    beta,
    alphaPerPeriod: alpha,
    alphaAnnualArith: isNumber(alpha) ? finite(alpha * periodsPerYear) : alpha,
    alphaAnnualGeom: isNumber(alpha) ? compounded(alpha, periodsPerYear) : alpha,
    r2: isNumber(related) ? related * related : related,
    correlation: related,
  };
}

function compounded(alpha: number, periodsPerYear: number): Statistic {
  return alpha < -1 ? 'NEGATIVE_WEALTH' : finite((1 + alpha) ** periodsPerYear - 1);
}

function betaOf(ours: ArrayLike<number>, theirs: ArrayLike<number>): Statistic {
  const together = covariance(ours, theirs);
  const sd = sampleSd(theirs);
  if (!isNumber(together)) return together;
  if (!isNumber(sd)) return sd;
  return sd === 0 ? 'ZERO_VARIANCE' : finite(together / sd / sd);
}

/** How far we stray from a benchmark, and what each unit of straying paid. */
export interface ActiveReturn {
  /** sd(ra − rb, n − 1) × √P. */
  readonly trackingError: Statistic;
  /** mean(ra − rb) ÷ sd(ra − rb) × √P, arithmetic. */
  readonly informationRatio: Statistic;
}

/** Tracking error and information ratio; a ratio of no difference at all is ZERO_VARIANCE. */
export function activeReturn(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  periodsPerYear: number,
): ActiveReturn | Reason {
  if (ours.length !== theirs.length) return 'LENGTH_MISMATCH';
  const gaps = Float64Array.from(ours, (value, i) => value - (theirs[i] ?? Number.NaN));
  const sd = sampleSd(gaps);
  if (!isNumber(sd)) return { trackingError: sd, informationRatio: sd };
  const root = Math.sqrt(periodsPerYear);
  return {
    trackingError: finite(sd * root),
    informationRatio: sd === 0 ? 'ZERO_VARIANCE' : finite((mean(gaps) / sd) * root),
  };
}

/** PerformanceAnalytics' geometric reading of the same. */
export interface GeometricActive {
  /** Difference of the geometric annual returns. */
  readonly activePremium: Statistic;
  /** activePremium ÷ tracking error. */
  readonly informationRatio: Statistic;
  /** Geometric annual return ÷ beta. */
  readonly treynor: Statistic;
}

/** Active premium, information ratio and Treynor ratio from geometric annual returns, rf 0. */
export function geometricActive(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  periodsPerYear: number,
): GeometricActive | Reason {
  const active = activeReturn(ours, theirs, periodsPerYear);
  if (!isNumber(active)) return active;
  const own = annualReturnByCount(ours, periodsPerYear);
  const other = annualReturnByCount(theirs, periodsPerYear);
  const premium = isNumber(own) && isNumber(other) ? finite(own - other) : isNumber(own) ? other : own;
  return {
    activePremium: premium,
    informationRatio: ratioOf(premium, active.trackingError),
    treynor: ratioOf(own, betaOf(ours, theirs)),
  };
}

function ratioOf(top: Statistic, bottom: Statistic): Statistic {
  if (!isNumber(top)) return top;
  if (!isNumber(bottom)) return bottom;
  return bottom === 0 ? 'ZERO_VARIANCE' : finite(top / bottom);
}
