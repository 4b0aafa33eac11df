import { DEFINITIONS } from '../analytics/definitions.js';
import { ABSENT, decimal, money, percent } from '../base/figures.js';
import type { Metrics, RunRecord } from '../model/run-record.js';

export type MetricGroup = 'Returns' | 'Risk' | 'Ratios' | 'Trades' | 'Evidence';
type Unit = 'percent' | 'ratio' | 'days' | 'money' | 'times' | 'count';

/** How one metric is shown and what it means. */
export interface MetricInfo {
  readonly key: keyof Metrics;
  readonly label: string;
  readonly group: MetricGroup;
  readonly unit: Unit;
  readonly formula: string;
  /** Which of the common definitions this is, short enough for a table. */
  readonly convention: string;
}

/** Every metric in the order in which it is shown. */
export const METRICS: readonly MetricInfo[] = [
  row('totalReturn', 'Total return', 'Returns', 'percent', 'end over start, after all costs'),
  row('annualReturn', 'Annual return', 'Returns', 'percent', 'geometric, by date, 365.25 days a year'),
  row('annualVolatility', 'Annual volatility', 'Returns', 'percent', 'daily returns, n − 1'),
  row('maxDrawdown', 'Maximum drawdown', 'Risk', 'percent', 'all bar times, the start is a peak, positive'),
  row('maxDrawdownDays', 'Longest drawdown', 'Risk', 'days', 'calendar days'),
  row('ulcer', 'Ulcer index', 'Risk', 'percent', 'divided by n'),
  row('var95Day', 'VaR 95 %, one day', 'Risk', 'percent', 'historical, quantile type 7, positive loss'),
  row('es95Day', 'Expected shortfall 95 %, one day', 'Risk', 'percent', 'historical, positive loss'),
  row('skew', 'Skewness', 'Risk', 'ratio', 'population moments; normal 0'),
  row('kurtosis', 'Kurtosis', 'Risk', 'ratio', 'raw, population moments; normal 3'),
  row('sharpe', 'Sharpe ratio', 'Ratios', 'ratio', 'rf 0, arithmetic, annualized'),
  row('sortino', 'Sortino ratio', 'Ratios', 'ratio', 'target 0, all n, annualized'),
  row('calmar', 'Calmar ratio', 'Ratios', 'ratio', 'whole sample'),
  row('omega', 'Omega ratio', 'Ratios', 'ratio', 'threshold 0 a day'),
  row('winRate', 'Win rate', 'Trades', 'percent', 'net, break-even trades left out'),
  row('profitFactor', 'Profit factor', 'Trades', 'ratio', 'net P&L of closed trades'),
  row('payoff', 'Payoff', 'Trades', 'ratio', 'net P&L of closed trades'),
  row('expectancy', 'Expectancy', 'Trades', 'money', 'account currency a trade, zeros included'),
  row('sqn', 'System quality number', 'Trades', 'ratio', 'R = P&L ÷ risk at the first stop'),
  row('exposure', 'Time in the market', 'Trades', 'percent', 'share of bar times'),
  row('turnover', 'Turnover', 'Trades', 'times', 'times mean equity a year'),
  row('probabilisticSharpe', 'Probabilistic Sharpe', 'Evidence', 'percent', 'against 0, skew and kurtosis corrected'),
  row('deflatedSharpe', 'Deflated Sharpe', 'Evidence', 'percent', 'N = trials counted'),
  row('trialsCounted', 'Trials counted', 'Evidence', 'count', 'runs in the trial log'),
];

export const METRIC_GROUPS: readonly MetricGroup[] = ['Returns', 'Risk', 'Ratios', 'Trades', 'Evidence'];

/** The value as people read it, `–` when it does not exist. */
export function metricText(info: MetricInfo, record: Pick<RunRecord, 'metrics' | 'currency'>): string {
  const value = record.metrics[info.key];
  switch (info.unit) {
    case 'percent':
      return percent(value);
    case 'money':
      return money(value, record.currency);
    case 'days':
      return value === null ? ABSENT : `${decimal(value, 0)} days`;
    case 'count':
      return decimal(value, 0);
    case 'times':
      return value === null ? ABSENT : `${decimal(value, 2)} ×`;
    case 'ratio':
      return decimal(value, 2);
  }
}

/** Why a metric does not exist, as words; undefined when it does. */
export function reasonText(key: string, record: Pick<RunRecord, 'metrics' | 'reasons'>): string | undefined {
  const code = record.reasons[`metrics.${key}`];
  if (code !== undefined) return REASONS[code] ?? code;
  return record.metrics[key as keyof Metrics] === null ? 'it does not exist for these data' : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  TOO_FEW: 'too few observations (TOO_FEW)',
  SAMPLE_TOO_SMALL: 'too few observations (SAMPLE_TOO_SMALL)',
  ZERO_VARIANCE: 'the returns do not vary (ZERO_VARIANCE)',
  NO_LOSSES: 'no loss to divide by (NO_LOSSES)',
  NO_WINS: 'no win (NO_WINS)',
  NO_TRADES: 'no trade was closed (NO_TRADES)',
  NO_STOPS: 'no trade had a stop (NO_STOPS)',
  NO_DRAWDOWN: 'no drawdown to divide by (NO_DRAWDOWN)',
  ALL_BREAK_EVEN: 'every trade broke even (ALL_BREAK_EVEN)',
  INVALID_EQUITY: 'equity was not above zero (INVALID_EQUITY)',
  NEGATIVE_WEALTH: 'equity fell below zero (NEGATIVE_WEALTH)',
  TOO_FEW_TRIALS: 'needs two trials (TOO_FEW_TRIALS)',
  NO_TRIAL_VARIANCE: 'trials do not differ (NO_TRIAL_VARIANCE)',
  NOT_KEPT: 'kept for the whole run only (NOT_KEPT)',
  NOT_FINITE: 'too large to compute (NOT_FINITE)',
};

function row(key: keyof Metrics, label: string, group: MetricGroup, unit: Unit, convention: string): MetricInfo {
  return { key, label, group, unit, formula: DEFINITIONS[key].formula, convention };
}
