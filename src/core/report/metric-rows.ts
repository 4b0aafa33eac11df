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
  /** The unit in words, where the number alone does not say it. */
  readonly unitText: string;
  readonly formula: string;
  /** Which of the common definitions this is. */
  readonly convention: string;
}

/** Every metric in the order in which it is shown. */
export const METRICS: readonly MetricInfo[] = [
  row('totalReturn', 'Total return', 'Returns', 'percent', '∏(1 + r) − 1', 'simple daily returns, compounded'),
  row(
    'annualReturn',
    'Annual return',
    'Returns',
    'percent',
    '(V₁ ÷ V₀)^(365.25 ÷ days) − 1',
    'geometric, by date, 365.25 days a year',
  ),
  row('annualVolatility', 'Annual volatility', 'Returns', 'percent', 'sd(r, n − 1) × √P', 'daily returns, n − 1'),
  row(
    'maxDrawdown',
    'Maximum drawdown',
    'Risk',
    'percent',
    'max over t of 1 − W(t) ÷ max(W(0) … W(t))',
    'all bar times, the start is a peak, positive',
  ),
  row(
    'maxDrawdownDays',
    'Longest drawdown',
    'Risk',
    'days',
    'days from a peak to its recovery or to the end',
    'calendar days',
  ),
  row('ulcer', 'Ulcer index', 'Risk', 'percent', '√(mean of drawdown²)', 'divided by n'),
  row(
    'var95Day',
    'VaR 95 %, one day',
    'Risk',
    'percent',
    '−quantile of r at 5 %',
    'historical, quantile type 7, positive loss',
  ),
  row(
    'es95Day',
    'Expected shortfall 95 %, one day',
    'Risk',
    'percent',
    '−mean of the r at or below the 5 % quantile',
    'historical, positive loss',
  ),
  row('skew', 'Skewness', 'Risk', 'ratio', 'm₃ ÷ m₂^1.5', 'population moments; normal 0'),
  row('kurtosis', 'Kurtosis', 'Risk', 'ratio', 'm₄ ÷ m₂²', 'raw, population moments; normal 3'),
  row('sharpe', 'Sharpe ratio', 'Ratios', 'ratio', 'mean(r) ÷ sd(r, n − 1) × √P', 'rf 0, arithmetic, annualized'),
  row(
    'sortino',
    'Sortino ratio',
    'Ratios',
    'ratio',
    'mean(r) ÷ √(Σ min(r, 0)² ÷ n) × √P',
    'target 0, all n, annualized',
  ),
  row('calmar', 'Calmar ratio', 'Ratios', 'ratio', 'annual return ÷ maximum drawdown', 'whole sample'),
  row('omega', 'Omega ratio', 'Ratios', 'ratio', 'Σ max(r, 0) ÷ Σ max(−r, 0)', 'threshold 0 a day'),
  row('winRate', 'Win rate', 'Trades', 'percent', 'wins ÷ (wins + losses)', 'net, break-even trades left out'),
  row('profitFactor', 'Profit factor', 'Trades', 'ratio', 'gross win ÷ |gross loss|', 'net P&L of closed trades'),
  row('payoff', 'Payoff', 'Trades', 'ratio', 'average win ÷ average loss', 'net P&L of closed trades'),
  row('expectancy', 'Expectancy', 'Trades', 'money', 'mean of net P&L', 'account currency a trade, zeros included'),
  row(
    'sqn',
    'System quality number',
    'Trades',
    'ratio',
    '√n × mean(R) ÷ sd(R, n − 1)',
    'R = P&L ÷ risk at the first stop',
  ),
  row(
    'exposure',
    'Time in the market',
    'Trades',
    'percent',
    'bar times with a position ÷ all bar times',
    'share of bar times',
  ),
  row(
    'turnover',
    'Turnover',
    'Trades',
    'times',
    'Σ|notional traded| ÷ mean equity ÷ years',
    'times mean equity a year',
  ),
  row(
    'probabilisticSharpe',
    'Probabilistic Sharpe',
    'Evidence',
    'percent',
    'Φ((SR − 0) ÷ standard error of SR)',
    'against 0, skew and kurtosis corrected',
  ),
  row(
    'deflatedSharpe',
    'Deflated Sharpe',
    'Evidence',
    'percent',
    'probabilistic Sharpe against the best expected of N trials',
    'N = trials counted',
  ),
  row(
    'trialsCounted',
    'Trials counted',
    'Evidence',
    'count',
    'how many variants were tried on these data',
    'runs in the trial log',
  ),
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
  ZERO_VARIANCE: 'the returns do not vary (ZERO_VARIANCE)',
  NO_LOSSES: 'there is no loss to divide by (NO_LOSSES)',
  NO_WINS: 'there is no win (NO_WINS)',
  NO_TRADES: 'no trade was closed (NO_TRADES)',
  NO_STOPS: 'no trade had a stop (NO_STOPS)',
  NO_DRAWDOWN: 'there is no drawdown to divide by (NO_DRAWDOWN)',
  TOO_FEW: 'there are too few observations (TOO_FEW)',
  SAMPLE_TOO_SMALL: 'there are too few observations (SAMPLE_TOO_SMALL)',
};

function row(
  key: keyof Metrics,
  label: string,
  group: MetricGroup,
  unit: Unit,
  formula: string,
  convention: string,
): MetricInfo {
  const words: Readonly<Record<Unit, string>> = {
    percent: 'percent',
    ratio: 'a pure number',
    days: 'calendar days',
    money: 'account currency',
    times: 'times mean equity a year',
    count: 'a count',
  };
  return { key, label, group, unit, unitText: words[unit], formula, convention };
}
