import { assert } from '../base/assert.js';
import type { AssetClass } from '../model/instrument.js';
import { bpsOf, type Candidate, failure, fits, notional } from './candidate.js';
import type { BookView, Failure, InstrumentView, RiskLimits } from './rule.js';

/** Days of history that count, and the fewest that mean anything: 60 days hold three losses beyond 95 %. */
export const VAR_DAYS = 250;
export const VAR_DAYS_MIN = 60;

/**
 * Daily volatility taken for an instrument with fewer than 60 days of returns, as a fraction: high in the long-run range of
 * each class (10 %, 40 %, 80 % and 48 % a year), so that ignorance allows less rather than more.
 */
export const PRIOR_DAY_VOLATILITY: Readonly<Record<AssetClass, number>> = {
  fx: 0.006,
  stock: 0.025,
  crypto: 0.042,
  other: 0.03,
};

/** 95 % quantile of the standard normal, and its mean beyond it: φ(z) ÷ 0.05. */
const NORMAL_VAR95 = 1.6448536269514722;
const NORMAL_ES95 = 2.062712807507426;

/** One-day loss at 95 % and mean loss beyond it, positive, as fractions of equity. */
export interface TailRisk {
  readonly var95Day: number;
  readonly es95Day: number;
}

/** Value at risk and expected shortfall of the book as it would be after the order; names both when both are broken. */
export function tailRisk(limits: RiskLimits, order: Candidate, book: BookView): readonly Failure[] {
  const { var95DayBps, es95DayBps } = limits;
  if (var95DayBps === null && es95DayBps === null) return NONE;
  const tightest = Math.min(var95DayBps ?? Number.POSITIVE_INFINITY, es95DayBps ?? Number.POSITIVE_INFINITY);
  if (fits(worstDay(order, book) * 10_000, tightest)) return NONE;
  const after = bookTail(order, book, 'after');
  let before: TailRisk | undefined;
  const found: Failure[] = [];
  for (const { key, of, what } of FIGURES) {
    const limit = limits[key];
    const value = after[of] * 10_000;
    if (limit === null || fits(value, limit)) continue;
    before ??= bookTail(order, book, 'before');
    if (fits(value, before[of] * 10_000)) continue;
    found.push(failure(key, what, value, limit, 'bps of equity'));
  }
  return found;
}

const FIGURES = [
  { key: 'var95DayBps', of: 'var95Day', what: 'one-day 95 % value at risk would be' },
  { key: 'es95DayBps', of: 'es95Day', what: 'one-day 95 % expected shortfall would be' },
] as const;

const NONE: readonly Failure[] = [];

/** Returns of the book day by day; kept between calls because the gate runs on the hot path, one judgement at a time. */
const days = new Float64Array(VAR_DAYS);
/** The worst days, ascending. 250 × 5 % needs 14. */
const worst = new Float64Array(16);

/**
 * Historical simulation: today's positions through the last 250 days of their returns, at least 60, aligned on the newest
 * day; VaR is minus the 5 % quantile (type 7: linear between order statistics), ES minus the mean of the days at or below it.
 * An instrument with too few days adds its normal tail at the prior volatility, without any credit for diversification.
 */
export function bookTail(order: Pick<Candidate, 'rows'>, book: BookView, when: 'before' | 'after'): TailRisk {
  const prior = priorVolatility(order, book, when);
  const count = simulate(order, book, when);
  const tail = count === 0 ? CALM : tailOf(days, count);
  return { var95Day: tail.var95Day + prior * NORMAL_VAR95, es95Day: tail.es95Day + prior * NORMAL_ES95 };
}

const CALM: TailRisk = { var95Day: 0, es95Day: 0 };

/**
 * Loss of the worst day in the simulation, which neither VaR nor ES can exceed: most orders of a small book pass on this
 * figure alone, for a quarter of the work.
 */
function worstDay(order: Pick<Candidate, 'rows'>, book: BookView): number {
  const count = simulate(order, book, 'after');
  let least = 0;
  let sum = 0;
  for (let day = 0; day < count; day++) {
    const value = days[day] as number;
    if (value < least) least = value;
    sum += value;
  }
  // A day that is not a number is smaller than nothing, but it does show in the sum.
  if (!Number.isFinite(sum)) return Number.NaN;
  return priorVolatility(order, book, 'after') * NORMAL_ES95 - least;
}

function weightOf(view: InstrumentView, units: number, book: BookView): number {
  return bpsOf(notional(view, units), book.equity) / 10_000;
}

/** Sum of |weight| × prior volatility of the instruments that have too few days. */
function priorVolatility(order: Pick<Candidate, 'rows'>, book: BookView, when: 'before' | 'after'): number {
  let sum = 0;
  for (const row of order.rows) {
    if (row.view.dailyReturns.length >= VAR_DAYS_MIN) continue;
    sum += Math.abs(weightOf(row.view, row[when], book)) * PRIOR_DAY_VOLATILITY[row.view.instrument.assetClass];
  }
  return sum;
}

/** Fills `days` with the book's returns and tells how many there are; 0 when no held instrument has enough of them. */
function simulate(order: Pick<Candidate, 'rows'>, book: BookView, when: 'before' | 'after'): number {
  let count = Number.POSITIVE_INFINITY;
  for (const row of order.rows) {
    const { length } = row.view.dailyReturns;
    if (row[when] === 0 || length < VAR_DAYS_MIN) continue;
    count = Math.min(count, length, VAR_DAYS);
  }
  if (count === Number.POSITIVE_INFINITY) return 0;
  days.fill(0, 0, count);
  for (const row of order.rows) {
    const returns = row.view.dailyReturns;
    if (row[when] === 0 || returns.length < VAR_DAYS_MIN) continue;
    const weight = weightOf(row.view, row[when], book);
    const offset = returns.length - count;
    for (let day = 0; day < count; day++) {
      days[day] = (days[day] as number) + weight * (returns[offset + day] as number);
    }
  }
  return count;
}

/**
 * VaR and ES of the first `count` values, at most 250. Keeps only the worst days, in order, instead of sorting all: 14 numbers
 * of 250. Of days that tie with the quantile only those up to its rank are averaged, which can only make ES larger.
 * A value that is not a number makes both NaN: a risk that cannot be measured is not a small one.
 */
export function tailOf(values: Float64Array, count: number): TailRisk {
  assert(count > 0 && count <= VAR_DAYS, 'a tail is taken of 1 to 250 days');
  const at = (count - 1) * 0.05;
  const low = Math.floor(at);
  // One more than the rank, for the interpolation; a single day is its own quantile.
  const kept = Math.min(low + 2, count);
  worst.fill(Number.POSITIVE_INFINITY, 0, kept);
  let limit = Number.POSITIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const value = values[index] as number;
    if (!Number.isFinite(value)) return UNKNOWN;
    if (value < limit) limit = keep(value, kept);
  }
  const below = worst[low] as number;
  const quantile = below + (at - low) * ((worst[kept - 1] as number) - below);
  let sum = 0;
  for (let index = 0; index <= low; index++) sum += worst[index] as number;
  return { var95Day: -quantile, es95Day: -sum / (low + 1) };
}

const UNKNOWN: TailRisk = { var95Day: Number.NaN, es95Day: Number.NaN };

/** Puts a value at its place among the worst, drops the mildest and returns the mildest that is left. */
function keep(value: number, kept: number): number {
  let slot = kept - 1;
  while (slot > 0 && (worst[slot - 1] as number) > value) {
    worst[slot] = worst[slot - 1] as number;
    slot--;
  }
  worst[slot] = value;
  return worst[kept - 1] as number;
}
