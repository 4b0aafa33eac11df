/** What a run leaves behind: the `data` of `backtest --json`, and `run.json`. Names are the contract's. */
export interface RunRecord {
  readonly version: 1;
  readonly mode: 'backtest' | 'paper' | 'live';
  readonly currency: string;
  /** True when any price came from the simulated market. */
  readonly simulated: boolean;
  readonly run: {
    readonly id: string;
    readonly strategy: string;
    readonly params: Readonly<Record<string, number | string | boolean>>;
    readonly seed: number;
    readonly dataHash: string;
    readonly configHash: string;
    readonly codeVersion: string;
    readonly startedAt: string;
    readonly instruments: readonly string[];
    readonly timeframe: string;
    readonly capital: number;
    readonly fill: 'next-open' | 'close';
    readonly costs: string;
  };
  /** ISO times of the first and last bar, and how many bars. */
  readonly period: { readonly from: string; readonly to: string; readonly bars: number };
  readonly metrics: Metrics;
  /** Why a metric is null: `{"metrics.sharpe":"ZERO_VARIANCE"}`. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Account currency, positive when paid; `financing` is negative when earned. */
  readonly costs: Costs;
  readonly counts: {
    readonly orders: number;
    readonly fills: number;
    readonly trades: number;
    readonly refused: number;
  };
  readonly open: readonly OpenPosition[];
  readonly files: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  /** At most 2,000 points, last one kept. */
  readonly curve: {
    readonly time: readonly string[];
    readonly equity: readonly number[];
    readonly drawdown: readonly number[];
  };
  /** Every row of returns.csv. */
  readonly daily: { readonly date: readonly string[]; readonly return: readonly number[] };
  /** A row a month: P&L from carry (financing earned), from price moves, and costs paid; account currency. */
  readonly attribution: readonly MonthAttribution[];
  /** Net exposure by currency as a fraction of equity, at most 400 points. */
  readonly exposure: {
    readonly time: readonly string[];
    readonly currencies: Readonly<Record<string, readonly number[]>>;
  };
  /** The newest 1,000 trades. */
  readonly trades: readonly TradeRow[];
  /** Refusals by limit key, with how often. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly benchmark?: BenchmarkRecord;
}

/** `null` where a statistic does not exist; fractions, never percent. */
export interface Metrics {
  readonly totalReturn: number | null;
  readonly annualReturn: number | null;
  readonly annualVolatility: number | null;
  readonly sharpe: number | null;
  readonly sortino: number | null;
  readonly calmar: number | null;
  readonly omega: number | null;
  readonly maxDrawdown: number | null;
  readonly maxDrawdownDays: number | null;
  readonly ulcer: number | null;
  readonly winRate: number | null;
  readonly profitFactor: number | null;
  readonly payoff: number | null;
  readonly expectancy: number | null;
  readonly sqn: number | null;
  readonly exposure: number | null;
  readonly turnover: number | null;
  readonly var95Day: number | null;
  readonly es95Day: number | null;
  readonly skew: number | null;
  readonly kurtosis: number | null;
  readonly probabilisticSharpe: number | null;
  readonly deflatedSharpe: number | null;
  readonly trialsCounted: number;
}

export interface Costs {
  readonly spread: number;
  readonly commission: number;
  readonly slippage: number;
  readonly impact: number;
  readonly financing: number;
}

export interface OpenPosition {
  readonly instrument: string;
  /** Signed. */
  readonly units: number;
  readonly averagePrice: number;
  readonly price: number;
  readonly entryTime: string;
  readonly unrealizedPnl: number;
  readonly stopPrice: number | null;
}

export interface MonthAttribution {
  readonly month: string;
  readonly carry: number;
  readonly spot: number;
  readonly costs: number;
  /** Equity at the month's start. */
  readonly equity: number;
}

export interface TradeRow {
  readonly instrument: string;
  readonly side: 'long' | 'short';
  readonly units: number;
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string;
  readonly exitPrice: number;
  readonly grossPnl: number;
  readonly commission: number;
  readonly financing: number;
  readonly netPnl: number;
  readonly entryReason: string;
  readonly exitReason: string;
}

export interface BenchmarkRecord {
  readonly name: string;
  /** Only the days that both have; `dropped` says how many of ours had no partner. */
  readonly date: readonly string[];
  readonly return: readonly number[];
  readonly dropped: number;
  readonly beta: number | null;
  readonly alphaAnnual: number | null;
  readonly r2: number | null;
  readonly trackingError: number | null;
  readonly informationRatio: number | null;
  readonly totalReturn: number | null;
}
