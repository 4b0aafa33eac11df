import { finite, isNumber, mean, type Reason, type Statistic, sampleSd } from '../math/stats.js';

/** Days in a year of every growth rate by date. */
export const YEAR_DAYS = 365.25;

/** P_t ÷ P_{t−1} − 1, one shorter than `prices`; empty for one price. INVALID_PRICE when any is not finite and above 0. */
export function simpleReturns(prices: ArrayLike<number>): Float64Array | Reason {
  return steps(prices, (now, before) => now / before - 1);
}

/** ln(P_t ÷ P_{t−1}): adds up over time, where simple returns add up over assets. */
export function logReturns(prices: ArrayLike<number>): Float64Array | Reason {
  return steps(prices, (now, before) => Math.log(now / before));
}

function steps(prices: ArrayLike<number>, step: (now: number, before: number) => number): Float64Array | Reason {
  for (let i = 0; i < prices.length; i++) {
    const price = prices[i] ?? Number.NaN;
    if (!(price > 0 && price < Number.POSITIVE_INFINITY)) return 'INVALID_PRICE';
  }
  const out = new Float64Array(Math.max(0, prices.length - 1));
  for (let i = 0; i < out.length; i++) out[i] = step(prices[i + 1] ?? Number.NaN, prices[i] ?? Number.NaN);
  return out;
}

/** Wealth at the end per 1 at the start, and whether it fell to zero or below on the way. */
export interface Growth {
  readonly wealth: number;
  /** Index of the first return of −100 % or less: what comes after it means nothing and is flagged. */
  readonly ruinIndex: number | undefined;
}

/** ∏(1 + r). Nothing is clipped: with leverage a return may be below −1. */
export function growthOf(returns: ArrayLike<number>): Growth {
  let wealth = 1;
  let ruinIndex: number | undefined;
  for (let i = 0; i < returns.length; i++) {
    wealth *= 1 + (returns[i] ?? Number.NaN);
    if (ruinIndex === undefined && wealth <= 0) ruinIndex = i;
  }
  return { wealth, ruinIndex };
}

/** ∏(1 + r) − 1; a −100 % stays −100 %. */
export function cumulativeReturn(returns: ArrayLike<number>): Statistic {
  return finite(growthOf(returns).wealth - 1);
}

/**
 * ∏(1 + r)^(P ÷ n) − 1, growth a year by the count of periods. NEGATIVE_WEALTH when wealth went below zero: a power of
 * it, or of its absolute value as some libraries take, would look like a result.
 */
export function annualReturnByCount(returns: ArrayLike<number>, periodsPerYear: number): Statistic {
  if (returns.length === 0) return 'TOO_FEW';
  const { wealth, ruinIndex } = growthOf(returns);
  if (wealth === 0) return -1;
  if (ruinIndex !== undefined) return 'NEGATIVE_WEALTH';
  return finite(wealth ** (periodsPerYear / returns.length) - 1);
}

/** mean(r) × P. */
export function annualReturnArithmetic(returns: ArrayLike<number>, periodsPerYear: number): Statistic {
  return returns.length === 0 ? 'TOO_FEW' : finite(mean(returns) * periodsPerYear);
}

/** sd(r, n − 1) × √P; 0 for flat returns, TOO_FEW below two. */
export function annualVolatility(returns: ArrayLike<number>, periodsPerYear: number): Statistic {
  const sd = sampleSd(returns);
  return isNumber(sd) ? finite(sd * Math.sqrt(periodsPerYear)) : sd;
}

/** (V₁ ÷ V₀)^(year ÷ days) − 1. `days` may be a fraction of a day; zero or less is TOO_FEW. */
export function growthByDate(input: {
  readonly startEquity: number;
  readonly endEquity: number;
  readonly days: number;
  readonly yearDays?: number;
}): Statistic {
  const { startEquity, endEquity, days, yearDays = YEAR_DAYS } = input;
  if (!(startEquity > 0) || Number.isNaN(endEquity)) return 'INVALID_EQUITY';
  if (endEquity < 0) return 'NEGATIVE_WEALTH';
  if (!(days > 0)) return 'TOO_FEW';
  return finite((endEquity / startEquity) ** (yearDays / days) - 1);
}

/** Return of an account with deposits and withdrawals, and of each sub-period. */
export interface TimeWeighted {
  readonly sub: Float64Array;
  readonly total: number;
}

/**
 * Time-weighted return: (V_end − F) ÷ V_begin − 1 for each sub-period, chained. The flow is booked at the end of the
 * period, after the market moved; the flow beside the first value is the opening balance and does not count.
 */
export function timeWeightedReturn(equity: ArrayLike<number>, flows: ArrayLike<number>): TimeWeighted | Reason {
  if (equity.length !== flows.length) return 'LENGTH_MISMATCH';
  if (equity.length < 2) return 'TOO_FEW';
  const sub = new Float64Array(equity.length - 1);
  let wealth = 1;
  for (let i = 0; i < sub.length; i++) {
    const begin = equity[i] ?? Number.NaN;
    if (!(begin > 0)) return 'INVALID_EQUITY';
    const value = ((equity[i + 1] ?? Number.NaN) - (flows[i + 1] ?? Number.NaN)) / begin - 1;
    if (!Number.isFinite(value)) return 'NOT_FINITE';
    sub[i] = value;
    wealth *= 1 + value;
  }
  const total = finite(wealth - 1);
  return isNumber(total) ? { sub, total } : total;
}
