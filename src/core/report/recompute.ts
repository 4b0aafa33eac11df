import { activeReturn, alphaBeta } from '../analytics/benchmark.js';
import { drawdownOf } from '../analytics/drawdown.js';
import { type ComputedMetrics, computeMetrics } from '../analytics/metrics.js';
import { roundHalfEven } from '../base/num.js';
import type { BenchmarkRecord, RunRecord } from '../model/run-record.js';
import { periodsPerYearOf, worstDrawdowns } from './series.js';

export const PERIODS = ['day', 'week', 'month', 'all'] as const;
export type PeriodName = (typeof PERIODS)[number];

/**
 * The record of its last day, last seven calendar days or last calendar month, counted back from its last row: returns,
 * ratios and drawdowns anew from the daily returns, trades by their exit. `run.capital` becomes the equity at the
 * start of the period, `period.bars` 0 (not kept). What a record keeps for the whole run only stays that, with a warning.
 */
export function lastPeriod(record: RunRecord, name: PeriodName): RunRecord {
  const last = record.daily.date.at(-1);
  if (name === 'all' || last === undefined) return record;
  const after = dayBefore(last, name);
  const at = record.daily.date.findIndex((date) => date > after);
  const daily = { date: record.daily.date.slice(at), return: record.daily.return.slice(at) };
  const before = record.daily.return.slice(0, at).reduce((wealth, r) => wealth * (1 + r), 1);
  const start = {
    equity: roundHalfEven(record.run.capital * before, 2),
    date: record.daily.date[at - 1] ?? record.period.from,
  };
  const from = at === 0 ? record.period.from : endOfDay(start.date);
  const trades = record.trades.filter((trade) => trade.exitTime > from);
  const measured = measure(record, { daily, from, startEquity: start.equity, trades });
  const month = from.slice(0, 7);
  return {
    ...record,
    run: { ...record.run, capital: start.equity },
    period: { from, to: record.period.to, bars: 0 },
    ...measured,
    warnings: [
      ...record.warnings,
      `These are the returns, drawdowns and trades of the last ${name} (${daily.date[0]} to ${last}); costs, counts, exposure and refusals are of the whole run.`,
    ],
    curve: curveSince(record.curve, from, start.equity),
    daily,
    attribution: record.attribution.filter((each) => each.month > month),
    trades,
    ...(record.benchmark ? { benchmark: benchmarkSince(record.benchmark, daily, periodsPerYearOf(record)) } : {}),
  };
}

interface Slice {
  readonly daily: RunRecord['daily'];
  readonly from: string;
  readonly startEquity: number;
  readonly trades: RunRecord['trades'];
}

function measure(record: RunRecord, slice: Slice): ComputedMetrics {
  const { daily, startEquity } = slice;
  const returns = Float64Array.from(daily.return);
  const fall = drawdownOf(returns);
  const longest = worstDrawdowns(daily, slice.from, daily.date.length).reduce(
    (most, each) => Math.max(most, each.days),
    0,
  );
  const computed = computeMetrics({
    startEquity,
    endEquity: returns.reduce((equity, r) => equity * (1 + r), startEquity),
    from: Date.parse(slice.from),
    to: Date.parse(record.period.to),
    dailyReturns: returns,
    periodsPerYear: periodsPerYearOf(record),
    maxDrawdown: typeof fall === 'string' ? Number.NaN : fall.maxDrawdown,
    maxDrawdownDays: longest,
    tradeNetPnl: slice.trades.map((trade) => trade.netPnl),
    tradeRisk: slice.trades.map(() => Number.NaN),
    exposedBars: 0,
    bars: 0,
    tradedNotional: 0,
    meanEquity: 0,
    trials: { count: record.metrics.trialsCounted, variance: undefined },
  });
  const incomplete = record.counts.trades > record.trades.length && slice.trades.length === record.trades.length;
  const lost = ['exposure', 'turnover', 'sqn', 'deflatedSharpe', ...(incomplete ? TRADE_METRICS : [])];
  return {
    metrics: { ...computed.metrics, ...Object.fromEntries(lost.map((key) => [key, null])) },
    reasons: { ...computed.reasons, ...Object.fromEntries(lost.map((key) => [`metrics.${key}`, 'NOT_KEPT'])) },
  };
}

const TRADE_METRICS = ['winRate', 'profitFactor', 'payoff', 'expectancy'] as const;

/** A day ends with the bar that closes at the next midnight. */
function endOfDay(date: string): string {
  return new Date(Date.parse(date) + 86_400_000).toISOString();
}

/** The last date that is no longer part of the period. */
function dayBefore(last: string, name: Exclude<PeriodName, 'all'>): string {
  const [year = 1970, month = 1, day = 1] = last.split('-').map(Number);
  // A month back from the 31st is the last day of a shorter month, not a day in the month after it.
  const lengthOfMonth = new Date(Date.UTC(year, month - 1, 0)).getUTCDate();
  const time =
    name === 'month'
      ? Date.UTC(year, month - 2, Math.min(day, lengthOfMonth))
      : Date.UTC(year, month - 1, day - (name === 'week' ? 7 : 1));
  return new Date(time).toISOString().slice(0, 10);
}

/** Points after `from`; drawdown from the highest since then, the start included. */
function curveSince(curve: RunRecord['curve'], from: string, startEquity: number): RunRecord['curve'] {
  const kept = { time: [from], equity: [startEquity], drawdown: [0] };
  let peak = startEquity;
  for (const [i, time] of curve.time.entries()) {
    if (time <= from) continue;
    const equity = curve.equity[i] ?? startEquity;
    peak = Math.max(peak, equity);
    kept.time.push(time);
    kept.equity.push(equity);
    kept.drawdown.push(peak > 0 ? 1 - equity / peak : 0);
  }
  return kept;
}

function benchmarkSince(benchmark: BenchmarkRecord, daily: RunRecord['daily'], periods: number): BenchmarkRecord {
  const first = daily.date[0] ?? '';
  const at = benchmark.date.findIndex((date) => date >= first);
  const date = at < 0 ? [] : benchmark.date.slice(at);
  const theirs = at < 0 ? [] : benchmark.return.slice(at);
  const byDate = new Map(daily.date.map((each, i) => [each, daily.return[i] ?? 0]));
  const ours = date.map((each) => byDate.get(each) ?? 0);
  const regression = alphaBeta(ours, theirs, { rfPerPeriod: 0, periodsPerYear: periods });
  const active = activeReturn(ours, theirs, periods);
  const number = (value: number | string): number | null => (typeof value === 'number' ? value : null);
  return {
    name: benchmark.name,
    date,
    return: theirs,
    dropped: daily.date.length - date.length,
    beta: typeof regression === 'string' ? null : number(regression.beta),
    alphaAnnual: typeof regression === 'string' ? null : number(regression.alphaAnnualArith),
    r2: typeof regression === 'string' ? null : number(regression.r2),
    trackingError: typeof active === 'string' ? null : number(active.trackingError),
    informationRatio: typeof active === 'string' ? null : number(active.informationRatio),
    totalReturn: date.length === 0 ? null : theirs.reduce((wealth, r) => wealth * (1 + r), 1) - 1,
  };
}
