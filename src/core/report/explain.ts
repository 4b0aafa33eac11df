import { DEFINITIONS, type DefinedName } from '../analytics/definitions.js';
import { FxError } from '../base/errors.js';
import { didYouMean } from '../base/suggest.js';
import type { Costs, Metrics, RunRecord } from '../model/run-record.js';
import { reasonText } from './metric-rows.js';
import { periodsPerYearOf, worstDrawdowns } from './series.js';

export interface ExplainInput {
  readonly name: string;
  /** A number in the unit of the formula (fractions, account currency, days), a date, or null where it does not exist. */
  readonly value: number | string | null;
}

/** How one number came about. */
export interface Explanation {
  readonly metric: DefinedName;
  readonly title: string;
  readonly value: number | null;
  readonly unit: string;
  readonly formula: string;
  /** Which of the common definitions this is, and how it differs from others. */
  readonly convention: string;
  readonly source: string;
  readonly inputs: readonly ExplainInput[];
  /** The files and fields that the inputs come from. */
  readonly from: readonly string[];
  /** Daily returns, closed trades or fills that it stands on. */
  readonly n: number;
  readonly periodsPerYear: number;
  /** Why it does not exist; null when it does. */
  readonly reason: string | null;
}

/** The formula of a metric or cost with what went into it. `USAGE.UNKNOWN_METRIC` names the nearest for a word that is none. */
export function explain(record: RunRecord, name: string): Explanation {
  const known = Object.keys(DEFINITIONS) as DefinedName[];
  const metric = known.find((each) => each.toLowerCase() === name.toLowerCase());
  if (metric === undefined) {
    throw new FxError('USAGE.UNKNOWN_METRIC', {
      message: `there is no metric ${JSON.stringify(name)}`,
      next: `${didYouMean(name, known)}The metrics are: ${known.join(', ')}`,
      facts: { given: name, known },
    });
  }
  const { title, unit, formula, convention, source, inputs: from } = DEFINITIONS[metric];
  const told = { metric, title, unit, formula, convention, source, from, periodsPerYear: periodsPerYearOf(record) };
  if (isCost(metric)) {
    const value = record.costs[metric];
    return { ...told, value, inputs: costInputs(record), n: record.counts.fills, reason: null };
  }
  const n = TRADE_METRICS.has(metric) ? record.counts.trades : record.daily.return.length;
  const inputs = inputsOf(record, metric);
  return { ...told, value: record.metrics[metric], inputs, n, reason: reasonText(metric, record) ?? null };
}

const isCost = (name: DefinedName): name is keyof Costs =>
  ['spread', 'commission', 'slippage', 'impact', 'financing'].includes(name);

function costInputs(record: RunRecord): ExplainInput[] {
  return [
    { name: 'cost model', value: record.run.costs },
    { name: 'fills', value: record.counts.fills },
  ];
}

const TRADE_METRICS: ReadonlySet<keyof Metrics> = new Set(['winRate', 'profitFactor', 'payoff', 'expectancy', 'sqn']);

function inputsOf(record: RunRecord, metric: keyof Metrics): ExplainInput[] {
  const { metrics, period, run } = record;
  const input = (name: string, value: number | string | null | undefined): ExplainInput => ({
    name,
    value: clean(value),
  });
  const { returns, mean, sd } = momentsOf(record);
  const n = returns.length;
  const periods = input('P, days a year', periodsPerYearOf(record));
  const days = (Date.parse(period.to) - Date.parse(period.from)) / 86_400_000;
  const ends = [
    input('V₀, equity at the start', run.capital),
    input('V₁, equity at the end', record.curve.equity.at(-1) ?? null),
  ];
  const growth = returns.reduce((wealth, r) => wealth * (1 + r), 1);
  const up = returns.reduce((sum, r) => sum + Math.max(r, 0), 0);
  const down = returns.reduce((sum, r) => sum + Math.max(-r, 0), 0);
  const fall = n === 0 ? null : Math.sqrt(returns.reduce((sum, r) => sum + Math.min(r, 0) ** 2, 0) / n);
  const average = input('mean(r), a day', mean);
  const deviation = input('sd(r, n − 1), a day', sd);
  const worst = worstDrawdowns(record.daily, period.from, 1)[0];
  const longest = worstDrawdowns(record.daily, period.from, n).sort((a, b) => b.days - a.days)[0];
  const tail = Math.floor(0.05 * Math.max(0, n - 1)) + 1;
  const risk = [
    input('rows at or below the 5 % quantile, about', n === 0 ? 0 : tail),
    input('worst day', lowest(returns)),
    input('best day', highest(returns)),
  ];
  const evidence = [average, deviation, input('skewness', metrics.skew), input('kurtosis', metrics.kurtosis)];
  const inputs: Readonly<Record<keyof Metrics, () => ExplainInput[]>> = {
    totalReturn: () => [...ends, input('∏(1 + r) of the daily returns', n === 0 ? null : growth)],
    annualReturn: () => [...ends, input('days from the first to the last bar', days)],
    annualVolatility: () => [deviation, periods],
    sharpe: () => [average, deviation, periods, input('rf', 0)],
    sortino: () => [average, input('downside deviation, a day', fall), periods, input('target', 0)],
    calmar: () => [input('annual return', metrics.annualReturn), input('maximum drawdown', metrics.maxDrawdown)],
    omega: () => [input('sum of gains', up), input('sum of losses', down), input('threshold a day', 0)],
    maxDrawdown: () => [
      input('peak (daily returns)', worst?.peak),
      input('trough (daily returns)', worst?.trough),
      input('recovered (daily returns)', worst?.recovery ?? (worst ? 'not yet' : null)),
      input('depth by daily returns', worst?.depth),
    ],
    maxDrawdownDays: () => [
      input('peak (daily returns)', longest?.peak),
      input('recovered', longest?.recovery ?? (longest ? 'not yet' : null)),
    ],
    ulcer: () => [input('rows of drawdown', n)],
    var95Day: () => risk,
    es95Day: () => [...risk, input('VaR 95 %, one day', metrics.var95Day)],
    skew: () => [average, deviation],
    kurtosis: () => [average, deviation],
    ...tradeInputs(record, input),
    exposure: () => [input('bars', period.bars)],
    turnover: () => [input('fills', record.counts.fills), input('years', days / 365.25)],
    probabilisticSharpe: () => [
      ...evidence,
      input('Sharpe ratio, a year', metrics.sharpe),
      input('benchmark Sharpe ratio', 0),
    ],
    deflatedSharpe: () => [
      ...evidence,
      input('Sharpe ratio, a year', metrics.sharpe),
      input('N, trials counted', metrics.trialsCounted),
    ],
    trialsCounted: () => [input('trials in the log', metrics.trialsCounted)],
  };
  return inputs[metric]();
}

type TradeMetric = 'winRate' | 'profitFactor' | 'payoff' | 'expectancy' | 'sqn';
type MakeInput = (name: string, value: number | string | null | undefined) => ExplainInput;

/** From the trades that the record kept, the newest 1,000; said where there were more. */
function tradeInputs(record: RunRecord, input: MakeInput): Record<TradeMetric, () => ExplainInput[]> {
  const { trades, counts } = record;
  const wins = trades.filter((trade) => trade.netPnl > 0);
  const losses = trades.filter((trade) => trade.netPnl < 0);
  const won = wins.reduce((sum, trade) => sum + trade.netPnl, 0);
  const lost = losses.reduce((sum, trade) => sum - trade.netPnl, 0);
  const kept = counts.trades > trades.length ? [input('kept in the record: the newest', trades.length)] : [];
  const numbers = [input('wins', wins.length), input('losses', losses.length)];
  const sums = [input('gross win', won), input('gross loss', lost)];
  return {
    winRate: () => [...numbers, input('break-even', trades.length - wins.length - losses.length), ...kept],
    profitFactor: () => [...sums, ...kept],
    payoff: () => [
      input('average win', wins.length > 0 ? won / wins.length : null),
      input('average loss', losses.length > 0 ? lost / losses.length : null),
      ...kept,
    ],
    expectancy: () => [...sums, input('trades', trades.length), ...kept],
    sqn: () => [input('closed trades', counts.trades)],
  };
}

function momentsOf(record: RunRecord): { returns: readonly number[]; mean: number | null; sd: number | null } {
  const returns = record.daily.return;
  const n = returns.length;
  if (n === 0) return { returns, mean: null, sd: null };
  const mean = returns.reduce((a, b) => a + b, 0) / n;
  const sd = n < 2 ? null : Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (n - 1));
  return { returns, mean, sd };
}

const lowest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b));
const highest = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b));

function clean(value: number | string | null | undefined): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return value ?? null;
}
