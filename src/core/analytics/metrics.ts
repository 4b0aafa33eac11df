import { finite, isNumber, momentsOf, type Reason, type Statistic } from '../math/stats.js';
import type { EpochMs } from '../model/ids.js';
import type { Metrics } from '../model/run-record.js';
import { ulcerIndex } from './drawdown.js';
import { deflatedSharpe, probabilisticSharpe, sharpeSample, type Trials } from './overfitting.js';
import { calmar, omega, sharpe, sortino } from './ratios.js';
import { annualVolatility, growthByDate, YEAR_DAYS } from './returns.js';
import { tradeStats } from './trades.js';
import { historicalTail } from './var-es.js';

/** What a finished run measured; every metric follows from this and nothing else. */
export interface MetricsInput {
  /** Account currency. */
  readonly startEquity: number;
  readonly endEquity: number;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Rows of returns.csv: simple returns a day, fractions. */
  readonly dailyReturns: Float64Array;
  /** 260 for FX, 252 for stocks, 365 for crypto: the largest present. */
  readonly periodsPerYear: number;
  /** Over all bar times, the start included, a positive fraction. */
  readonly maxDrawdown: number;
  /** Calendar days from a peak to its recovery or to the end. */
  readonly maxDrawdownDays: number;
  /** Account currency, after costs, in order of the exits. */
  readonly tradeNetPnl: ArrayLike<number>;
  /** What each trade would have lost at its first stop, positive; NaN where it had none. */
  readonly tradeRisk: ArrayLike<number>;
  /** Bar times with a position, and all bar times. */
  readonly exposedBars: number;
  readonly bars: number;
  /** Σ |notional| of every fill, and mean equity over the bar times; account currency. */
  readonly tradedNotional: number;
  readonly meanEquity: number;
  readonly trials: Trials;
}

/** Metrics of a run, `null` where a statistic does not exist, with the reason of each null. */
export interface ComputedMetrics {
  readonly metrics: Metrics;
  /** `{"metrics.sharpe":"ZERO_VARIANCE"}`. */
  readonly reasons: Record<string, string>;
}

/**
 * Every metric of the contract: rf 0, growth by date with a year of 365.25 days, ratios with P periods a year, historical
 * VaR and ES, raw kurtosis, the probabilistic Sharpe ratio against 0. Never NaN or Infinity, whatever comes in.
 */
export function computeMetrics(input: MetricsInput): ComputedMetrics {
  const statistics = { ...growthMetrics(input), ...returnMetrics(input), ...tradeMetrics(input), ...useMetrics(input) };
  const reasons: Record<string, string> = {};
  const value = (name: keyof typeof statistics): number | null => {
    const statistic = statistics[name];
    if (isNumber(statistic) && Number.isFinite(statistic)) return statistic + 0;
    reasons[`metrics.${name}`] = isNumber(statistic) ? 'NOT_FINITE' : statistic;
    return null;
  };
  const metrics: Metrics = {
    totalReturn: value('totalReturn'),
    annualReturn: value('annualReturn'),
    annualVolatility: value('annualVolatility'),
    sharpe: value('sharpe'),
    sortino: value('sortino'),
    calmar: value('calmar'),
    omega: value('omega'),
    maxDrawdown: value('maxDrawdown'),
    maxDrawdownDays: value('maxDrawdownDays'),
    ulcer: value('ulcer'),
    winRate: value('winRate'),
    profitFactor: value('profitFactor'),
    payoff: value('payoff'),
    expectancy: value('expectancy'),
    sqn: value('sqn'),
    exposure: value('exposure'),
    turnover: value('turnover'),
    var95Day: value('var95Day'),
    es95Day: value('es95Day'),
    skew: value('skew'),
    kurtosis: value('kurtosis'),
    probabilisticSharpe: value('probabilisticSharpe'),
    deflatedSharpe: value('deflatedSharpe'),
    trialsCounted: Number.isFinite(input.trials.count) ? input.trials.count : 0,
  };
  return { metrics, reasons };
}

const DAY_MS = 86_400_000;

function growthMetrics(input: MetricsInput) {
  const { startEquity, endEquity, from, to } = input;
  const solvent = startEquity > 0 && Number.isFinite(endEquity);
  const days = (to - from) / DAY_MS;
  const annualReturn = growthByDate({ startEquity, endEquity, days });
  const maxDrawdown = finite(input.maxDrawdown);
  return {
    totalReturn: solvent ? finite(endEquity / startEquity - 1) : ('INVALID_EQUITY' as const),
    annualReturn,
    calmar: calmar(annualReturn, maxDrawdown),
    maxDrawdown,
    maxDrawdownDays: finite(input.maxDrawdownDays),
  };
}

function returnMetrics({ dailyReturns: returns, periodsPerYear, trials }: MetricsInput) {
  const terms = { rfPerPeriod: 0, periodsPerYear };
  const moments = momentsOf(returns);
  const tail = historicalTail(returns, 0.95);
  const sample = sharpeSample(returns);
  const deflated = isNumber(sample) ? deflatedSharpe(sample, trials) : sample;
  return {
    annualVolatility: annualVolatility(returns, periodsPerYear),
    sharpe: sharpe(returns, terms),
    sortino: sortino(returns, terms),
    omega: omega(returns, 0),
    ulcer: ulcerIndex(returns),
    var95Day: isNumber(tail) ? tail.valueAtRisk : tail,
    es95Day: isNumber(tail) ? tail.expectedShortfall : tail,
    skew: isNumber(moments) ? moments.skew : moments,
    kurtosis: isNumber(moments) ? moments.kurtosis : moments,
    probabilisticSharpe: isNumber(sample) ? probabilisticSharpe({ ...sample, benchmarkSharpe: 0 }) : sample,
    deflatedSharpe: isNumber(deflated) ? deflated.probability : deflated,
  };
}

function tradeMetrics({ tradeNetPnl, tradeRisk }: MetricsInput) {
  if (Array.from(tradeNetPnl).some((pnl) => !Number.isFinite(pnl))) {
    const bad: Reason = 'INVALID_INPUT';
    return { winRate: bad, profitFactor: bad, payoff: bad, expectancy: bad, sqn: bad };
  }
  const { winRate, profitFactor, payoff, expectancy, sqn } = tradeStats(tradeNetPnl, tradeRisk);
  return { winRate, profitFactor, payoff, expectancy, sqn };
}

function useMetrics(input: MetricsInput): { exposure: Statistic; turnover: Statistic } {
  const years = (input.to - input.from) / DAY_MS / YEAR_DAYS;
  return {
    exposure: input.bars > 0 ? finite(input.exposedBars / input.bars) : 'TOO_FEW',
    turnover: turnoverOf(input, years),
  };
}

function turnoverOf({ tradedNotional, meanEquity }: MetricsInput, years: number): Statistic {
  if (!(meanEquity > 0)) return 'INVALID_EQUITY';
  return years > 0 ? finite(tradedNotional / meanEquity / years) : 'TOO_FEW';
}
