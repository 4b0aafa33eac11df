import { finite, isNumber, mean, momentsOf, type Reason, type Statistic } from '../math/stats.js';
import { activeReturn, alphaBeta, geometricActive } from './benchmark.js';
import { ulcerIndex } from './drawdown.js';
import { downsideDeviation, sharpe, sharpeGeometric, sortino } from './ratios.js';
import { tradeStats } from './trades.js';
import { cornishFisher, gaussianTail, historicalTail, worstReturnsMean } from './var-es.js';

/** Names of `--convention`: what each library prints for the same returns, for comparison only. */
export const CONVENTIONS = ['empyrical', 'quantstats', 'pa'] as const;
export type ConventionName = (typeof CONVENTIONS)[number];

/** One number as a library prints it: its sign, its scale, its name. */
export interface ConventionRow {
  readonly metric: string;
  readonly value: Statistic;
  /** How this library defines it, in a few words. */
  readonly definition: string;
}

/** Daily returns, those of a benchmark on the same days if there is one, and P. */
export interface ConventionInput {
  readonly returns: ArrayLike<number>;
  readonly benchmark?: ArrayLike<number> | undefined;
  readonly periodsPerYear: number;
}

/**
 * The numbers that empyrical 0.5, quantstats 0.0.81 or PerformanceAnalytics 2.1.0 print with rf 0 at 95 %, where they
 * differ from ours or from each other. VaR and CVaR are negative there; ours are positive losses.
 */
export function conventionRows(name: ConventionName, input: ConventionInput): readonly ConventionRow[] {
  const rows = name === 'empyrical' ? empyrical(input) : name === 'quantstats' ? quantstats(input) : pa(input);
  return rows.map(([metric, value, definition]) => ({ metric, value, definition }));
}

type Row = readonly [metric: string, value: Statistic, definition: string];

const CONFIDENCE = 0.95;
const termsOf = ({ periodsPerYear }: ConventionInput) => ({ rfPerPeriod: 0, periodsPerYear });

function empyrical(input: ConventionInput): readonly Row[] {
  const { returns } = input;
  return [
    ['sharpe', sharpe(returns, termsOf(input)), 'mean ÷ sd (n − 1) × √P'],
    ['sortino', sortino(returns, termsOf(input)), 'mean ÷ downside deviation (all n) × √P'],
    ['var95', minus(pick(historicalTail(returns, CONFIDENCE), 'valueAtRisk')), 'historical quantile, negative'],
    ['cvar95', minus(worstReturnsMean(returns, CONFIDENCE)), 'mean of the floor((n − 1) 5 %) + 1 worst, negative'],
    ['alpha', regression(input, 'alphaAnnualGeom'), '(1 + alpha)^P − 1'],
  ];
}

function quantstats(input: ConventionInput): readonly Row[] {
  const { returns } = input;
  return [
    ['sharpe', sharpe(returns, termsOf(input)), 'mean ÷ sd (n − 1) × √P'],
    ['sortino', sortino(returns, termsOf(input)), 'mean ÷ downside deviation (all n) × √P'],
    ['var95', minus(pick(gaussianTail(returns, CONFIDENCE), 'valueAtRisk')), 'normal law, n − 1, negative'],
    ['cvar95', belowNormalVar(returns), 'mean of the returns below the normal VaR, negative'],
    ['ulcer', ulcerIndex(returns, 1), 'divided by n − 1'],
    ['alpha', regression(input, 'alphaAnnualArith'), 'alpha × P'],
    ['informationRatio', informationPerPeriod(input), 'mean ÷ sd of the difference, a period'],
    ['kelly', tradeStats(returns, []).kellyTrade, 'p − (1 − p) ÷ payoff, each day taken for a trade'],
  ];
}

function pa(input: ConventionInput): readonly Row[] {
  const { returns } = input;
  const historical = historicalTail(returns, CONFIDENCE);
  const modified = cornishFisher(returns, CONFIDENCE);
  return [
    ['sharpe', sharpe(returns, termsOf(input)), 'arithmetic, the default since 2.1.0'],
    ['sharpeGeometric', sharpeGeometric(returns, termsOf(input)), 'geometric = TRUE, the default of 2.0.4'],
    ['sortino', sortinoPerPeriod(returns), 'mean ÷ downside deviation, a period'],
    ['var95', isNumber(modified) ? -modified.valueAtRisk : modified, 'modified (Cornish-Fisher), negative'],
    ['var95Gaussian', minus(pick(gaussianTail(returns, CONFIDENCE, 0), 'valueAtRisk')), 'normal law, n, negative'],
    ['var95Historical', minus(pick(historical, 'valueAtRisk')), 'historical quantile, negative'],
    ['cvar95', minus(pick(historical, 'expectedShortfall')), 'historical, negative'],
    ['ulcer', ulcerIndex(returns), 'divided by n'],
    ['alpha', regression(input, 'alphaPerPeriod'), 'a period'],
    ['informationRatio', informationGeometric(input), 'difference of geometric annual returns ÷ tracking error'],
    ['kelly', halfKelly(returns), 'half of mean ÷ variance'],
  ];
}

const minus = (statistic: Statistic): Statistic => (isNumber(statistic) ? -statistic + 0 : statistic);

function pick<T extends object>(record: T | Reason, key: keyof T): Statistic {
  return isNumber(record) ? (record[key] as Statistic) : record;
}

function regression(input: ConventionInput, key: 'alphaPerPeriod' | 'alphaAnnualArith' | 'alphaAnnualGeom'): Statistic {
  if (input.benchmark === undefined) return 'NO_BENCHMARK';
  return pick(alphaBeta(input.returns, input.benchmark, termsOf(input)), key);
}

function informationPerPeriod({ returns, benchmark }: ConventionInput): Statistic {
  return benchmark === undefined ? 'NO_BENCHMARK' : pick(activeReturn(returns, benchmark, 1), 'informationRatio');
}

function informationGeometric({ returns, benchmark, periodsPerYear }: ConventionInput): Statistic {
  if (benchmark === undefined) return 'NO_BENCHMARK';
  return pick(geometricActive(returns, benchmark, periodsPerYear), 'informationRatio');
}

/** quantstats falls back to the VaR itself when no return is below it. */
function belowNormalVar(returns: ArrayLike<number>): Statistic {
  const loss = pick(gaussianTail(returns, CONFIDENCE), 'valueAtRisk');
  if (!isNumber(loss)) return loss;
  const worse = Array.from(returns).filter((r) => r < -loss);
  return worse.length === 0 ? -loss : finite(mean(worse));
}

function sortinoPerPeriod(returns: ArrayLike<number>): Statistic {
  const deviation = downsideDeviation(returns, 0);
  if (!isNumber(deviation)) return deviation;
  return deviation === 0 ? 'NO_LOSSES' : finite(mean(returns) / deviation);
}

function halfKelly(returns: ArrayLike<number>): Statistic {
  const moments = momentsOf(returns);
  if (!isNumber(moments)) return moments;
  if (!isNumber(moments.sd)) return moments.sd;
  return moments.sd === 0 ? 'ZERO_VARIANCE' : finite(moments.mean / moments.sd / moments.sd / 2);
}
