import type { Costs, Metrics } from '../model/run-record.js';

/** What a number of the report is, for `report --explain`. */
export interface Definition {
  readonly title: string;
  /** Unit and sign in words. */
  readonly unit: string;
  readonly formula: string;
  /** Which of the common definitions this is, and how it differs from others. */
  readonly convention: string;
  readonly source: string;
  /** What it is computed from, as files and fields of a run. */
  readonly inputs: readonly string[];
}

/** The parts of a list of metrics, in the order in which they are shown. */
export const METRIC_GROUPS = ['Returns', 'Risk', 'Ratios', 'Trades', 'Evidence'] as const;
export type MetricGroup = (typeof METRIC_GROUPS)[number];

/** A metric, and how it stands in a list of them. */
export interface MetricDefinition extends Definition {
  readonly group: MetricGroup;
  /** How its value is written for people. */
  readonly shownAs: 'percent' | 'ratio' | 'days' | 'money' | 'times' | 'count';
  /** The convention, short enough for a table. */
  readonly brief: string;
}

export type DefinedName = keyof Metrics | keyof Costs;

/** The definition of a metric or a cost, by the exact name that `run.json` has; undefined for any other text. */
export function definitionOf(name: string): Definition | undefined {
  return Object.hasOwn(DEFINITIONS, name) ? DEFINITIONS[name as DefinedName] : undefined;
}

const RETURNS = 'returns.csv return';
const PERIODS = 'periods per year P (260 FX, 252 stocks, 365 crypto, the largest present)';
const EQUITY = 'equity.csv equity';
const PERIOD = 'period from, to';
const TRADES = 'trades.csv netPnl';
const ORDERS = 'orders.csv filledUnits, averagePrice';
const TRIALS = 'the trials kept for this data';
const FILLS = 'every fill of the run';

/** Every metric of a run record. Within a group this is the order in which they are shown. */
export const METRIC_DEFINITIONS: Readonly<Record<keyof Metrics, MetricDefinition>> = {
  totalReturn: {
    title: 'Total return',
    group: 'Returns',
    shownAs: 'percent',
    unit: 'fraction, 0.05 is 5 %',
    formula: 'V₁ ÷ V₀ − 1',
    convention: 'equity at the end over equity at the start, open positions at their last price, after all costs',
    brief: 'end over start, after all costs',
    source: 'definition',
    inputs: [EQUITY],
  },
  annualReturn: {
    title: 'Annual return',
    group: 'Returns',
    shownAs: 'percent',
    unit: 'fraction a year',
    formula: '(V₁ ÷ V₀)^(365.25 ÷ days) − 1',
    convention: 'geometric, by calendar date; counting rows instead (empyrical) gives another number',
    brief: 'geometric, by date, 365.25 days a year',
    source: 'compound annual growth rate',
    inputs: [EQUITY, PERIOD],
  },
  annualVolatility: {
    title: 'Annual volatility',
    group: 'Returns',
    shownAs: 'percent',
    unit: 'fraction a year',
    formula: 'sd(r, n − 1) × √P',
    convention: 'daily returns, n − 1, as empyrical, quantstats and PerformanceAnalytics',
    brief: 'daily returns, n − 1',
    source: 'definition',
    inputs: [RETURNS, PERIODS],
  },
  sharpe: {
    title: 'Sharpe ratio',
    group: 'Ratios',
    shownAs: 'ratio',
    unit: 'ratio, annualized',
    formula: 'mean(r) ÷ sd(r, n − 1) × √P',
    convention: 'arithmetic, rf 0; PerformanceAnalytics 2.0.4 printed the geometric one',
    brief: 'rf 0, arithmetic, annualized',
    source: 'Sharpe 1994',
    inputs: [RETURNS, PERIODS],
  },
  sortino: {
    title: 'Sortino ratio',
    group: 'Ratios',
    shownAs: 'ratio',
    unit: 'ratio, annualized',
    formula: 'mean(r) ÷ √(Σ min(r, 0)² ÷ n) × √P',
    convention: 'target 0, all n in the downside; PerformanceAnalytics does not annualize',
    brief: 'target 0, all n, annualized',
    source: 'Sortino and van der Meer 1991',
    inputs: [RETURNS, PERIODS],
  },
  calmar: {
    title: 'Calmar ratio',
    group: 'Ratios',
    shownAs: 'ratio',
    unit: 'ratio',
    formula: 'annualReturn ÷ maxDrawdown',
    convention: 'whole sample; the original took 36 months',
    brief: 'whole sample',
    source: 'Young 1991',
    inputs: [EQUITY, PERIOD],
  },
  omega: {
    title: 'Omega ratio',
    group: 'Ratios',
    shownAs: 'ratio',
    unit: 'ratio',
    formula: 'Σ max(r, 0) ÷ Σ max(−r, 0)',
    convention: 'threshold 0 a day',
    brief: 'threshold 0 a day',
    source: 'Keating and Shadwick 2002',
    inputs: [RETURNS],
  },
  maxDrawdown: {
    title: 'Maximum drawdown',
    group: 'Risk',
    shownAs: 'percent',
    unit: 'fraction of the peak, positive',
    formula: 'max over t of 1 − V(t) ÷ max(V(0) … V(t))',
    convention: 'all bar times, the start is a peak; empyrical and quantstats print it negative',
    brief: 'all bar times, the start is a peak, positive',
    source: 'definition',
    inputs: [EQUITY],
  },
  maxDrawdownDays: {
    title: 'Longest drawdown',
    group: 'Risk',
    shownAs: 'days',
    unit: 'calendar days',
    formula: 'longest time from a peak to its recovery or to the end',
    convention: 'an open drawdown counts until the end',
    brief: 'calendar days',
    source: 'definition',
    inputs: [EQUITY],
  },
  ulcer: {
    title: 'Ulcer index',
    group: 'Risk',
    shownAs: 'percent',
    unit: 'fraction of the peak, positive',
    formula: '√(Σ drawdown² ÷ n)',
    convention: 'drawdowns of the daily returns, divided by n; quantstats divides by n − 1',
    brief: 'divided by n',
    source: 'Martin and McCann 1989',
    inputs: [RETURNS],
  },
  winRate: {
    title: 'Win rate',
    group: 'Trades',
    shownAs: 'percent',
    unit: 'fraction of the decided trades',
    formula: 'wins ÷ (wins + losses)',
    convention: 'after costs; trades of exactly 0 are left out',
    brief: 'net, break-even trades left out',
    source: 'definition',
    inputs: [TRADES],
  },
  profitFactor: {
    title: 'Profit factor',
    group: 'Trades',
    shownAs: 'ratio',
    unit: 'ratio',
    formula: 'gross win ÷ |gross loss|',
    convention: 'after costs; null without losses, where quantstats prints inf or 0',
    brief: 'net P&L of closed trades',
    source: 'definition',
    inputs: [TRADES],
  },
  payoff: {
    title: 'Payoff',
    group: 'Trades',
    shownAs: 'ratio',
    unit: 'ratio',
    formula: 'average win ÷ average loss',
    convention: 'after costs',
    brief: 'net P&L of closed trades',
    source: 'definition',
    inputs: [TRADES],
  },
  expectancy: {
    title: 'Expectancy',
    group: 'Trades',
    shownAs: 'money',
    unit: 'account currency a trade',
    formula: 'mean(netPnl)',
    convention: 'after costs, break-even trades included',
    brief: 'account currency a trade, zeros included',
    source: 'definition',
    inputs: [TRADES],
  },
  sqn: {
    title: 'System quality number',
    group: 'Trades',
    shownAs: 'ratio',
    unit: 'ratio',
    formula: '√n × mean(R) ÷ sd(R, n − 1), R = netPnl ÷ risk at the first stop',
    convention: 'n is not capped at 100; trades with a stop only, null without any',
    brief: 'R = P&L ÷ risk at the first stop',
    source: 'Tharp',
    inputs: [TRADES, 'risk of each trade at its first stop'],
  },
  exposure: {
    title: 'Time in the market',
    group: 'Trades',
    shownAs: 'percent',
    unit: 'fraction of the bar times',
    formula: 'bar times with a position ÷ all bar times',
    convention: 'any position of any size',
    brief: 'share of bar times',
    source: 'definition',
    inputs: ['positions at every bar time'],
  },
  turnover: {
    title: 'Turnover',
    group: 'Trades',
    shownAs: 'times',
    unit: 'times equity, a year',
    formula: 'Σ|notional traded| ÷ mean equity ÷ years',
    convention: 'both sides counted; a year is 365.25 days',
    brief: 'times mean equity a year',
    source: 'definition',
    inputs: [ORDERS, EQUITY, PERIOD],
  },
  var95Day: {
    title: 'VaR 95 %, one day',
    group: 'Risk',
    shownAs: 'percent',
    unit: 'fraction of equity, a positive loss',
    formula: '−quantile(r, 5 %)',
    convention: 'historical, quantile type 7; null below 20 days; quantstats takes a normal law',
    brief: 'historical, quantile type 7, positive loss',
    source: 'historical simulation',
    inputs: [RETURNS],
  },
  es95Day: {
    title: 'Expected shortfall 95 %, one day',
    group: 'Risk',
    shownAs: 'percent',
    unit: 'fraction of equity, a positive loss',
    formula: '−mean(r | r ≤ quantile(r, 5 %))',
    convention: 'historical; null below 20 days',
    brief: 'historical, positive loss',
    source: 'Acerbi and Tasche 2002',
    inputs: [RETURNS],
  },
  skew: {
    title: 'Skewness',
    group: 'Risk',
    shownAs: 'ratio',
    unit: 'none; 0 for a normal',
    formula: 'm₃ ÷ m₂^1.5',
    convention: 'moments divided by n',
    brief: 'population moments; normal 0',
    source: 'definition',
    inputs: [RETURNS],
  },
  kurtosis: {
    title: 'Kurtosis',
    group: 'Risk',
    shownAs: 'ratio',
    unit: 'none; 3 for a normal',
    formula: 'm₄ ÷ m₂²',
    convention: 'raw, not excess; moments divided by n',
    brief: 'raw, population moments; normal 3',
    source: 'definition',
    inputs: [RETURNS],
  },
  probabilisticSharpe: {
    title: 'Probabilistic Sharpe',
    group: 'Evidence',
    shownAs: 'percent',
    unit: 'probability',
    formula: 'Φ(SR √(n − 1) ÷ √(1 − skew SR + (kurtosis − 1) ÷ 4 × SR²))',
    convention: 'that the true Sharpe ratio is above 0; SR a day, not annualized',
    brief: 'against 0, skew and kurtosis corrected',
    source: 'Bailey and López de Prado 2012',
    inputs: [RETURNS],
  },
  deflatedSharpe: {
    title: 'Deflated Sharpe',
    group: 'Evidence',
    shownAs: 'percent',
    unit: 'probability',
    formula: 'probabilistic Sharpe ratio against √V × ((1 − γ) Φ⁻¹(1 − 1 ÷ N) + γ Φ⁻¹(1 − 1 ÷ (N e)))',
    convention: 'against the best of N trials without skill, V the variance of their Sharpe ratios a day',
    brief: 'N = trials counted',
    source: 'Bailey and López de Prado 2014',
    inputs: [RETURNS, TRIALS],
  },
  trialsCounted: {
    title: 'Trials counted',
    group: 'Evidence',
    shownAs: 'count',
    unit: 'count',
    formula: 'N',
    convention: 'every configuration that was ever run on this data, this one included',
    brief: 'runs in the trial log',
    source: 'definition',
    inputs: [TRIALS],
  },
};

/** Every cost of a run record. */
const COST_DEFINITIONS: Readonly<Record<keyof Costs, Definition>> = {
  spread: {
    title: 'Spread cost',
    unit: 'account currency, positive when paid',
    formula: 'Σ ½ (ask − bid) × |units|',
    convention: 'inside the fill prices, so already in grossPnl',
    source: 'definition',
    inputs: [FILLS],
  },
  commission: {
    title: 'Commission',
    unit: 'account currency, positive when paid',
    formula: 'Σ commission of the fills',
    convention: 'booked to the cent at each fill',
    source: 'the broker’s schedule',
    inputs: [FILLS, 'trades.csv commission'],
  },
  slippage: {
    title: 'Slippage',
    unit: 'account currency, positive when paid',
    formula: 'Σ (fill price − quote on our side) × signed units, without the impact',
    convention: 'inside the fill prices, so already in grossPnl; negative when prices moved in our favor',
    source: 'definition',
    inputs: [FILLS],
  },
  impact: {
    title: 'Market impact',
    unit: 'account currency, positive when paid',
    formula: 'Σ Y σ √(Q ÷ ADV) × price × |units|',
    convention: 'square-root law, inside the fill prices; 0 where no daily volume is known',
    source: 'Almgren et al. 2005; Tóth et al. 2011',
    inputs: [FILLS],
  },
  financing: {
    title: 'Financing',
    unit: 'account currency, positive when paid, negative when earned',
    formula: 'Σ |units| × price × rate × days ÷ basis',
    convention: 'swap or rollover at 17:00 New York by value date; carry earned is negative',
    source: 'the broker’s schedule',
    inputs: ['positions at each rollover', 'interest rates', 'trades.csv financing'],
  },
};

/** Every metric and cost of a run record. */
export const DEFINITIONS: Readonly<Record<DefinedName, Definition>> = { ...METRIC_DEFINITIONS, ...COST_DEFINITIONS };
