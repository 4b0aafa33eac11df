import {
  annualReturnArithmetic,
  annualReturnByCount,
  annualVolatility,
  cumulativeReturn,
  growthByDate,
  logReturns,
  simpleReturns,
  timeWeightedReturn,
} from '../../src/core/analytics/returns.js';
import { isNumber, type Reason, type Statistic } from '../../src/core/math/stats.js';
import { type Handler, type Inputs, numberAt, seriesAt } from './handler.js';

/** A statistic as JSON holds it; the reasons are kept beside by `shaped`. */
export const orNull = (statistic: Statistic): number | null => (isNumber(statistic) ? statistic : null);

/** A refusal of the whole answer. */
export const refused = (reason: Reason): { error: Reason; reason: Reason } => ({ error: reason, reason });

/** A record of statistics with nulls, and the reasons of the nulls by name. */
export function shaped(record: Readonly<Record<string, Statistic>>): Record<string, unknown> {
  const reasons = Object.entries(record).filter(([, statistic]) => !isNumber(statistic));
  const values = Object.entries(record).map(([name, statistic]) => [name, orNull(statistic)] as const);
  const whole = reasons.length === values.length ? { reason: reasons[0]?.[1], error: reasons[0]?.[1] } : {};
  return { ...whole, ...Object.fromEntries(values), reasons: Object.fromEntries(reasons) };
}

const list = (values: Float64Array | Reason) => (isNumber(values) ? Array.from(values) : refused(values));
const daysBetween = (inputs: Inputs) =>
  (Date.parse(String(inputs['to'])) - Date.parse(String(inputs['from_']))) / 864e5;

export const handlers: Readonly<Record<string, Handler>> = {
  simple_returns: (inputs) => list(simpleReturns(seriesAt(inputs, 'prices'))),
  log_returns: (inputs) => list(logReturns(seriesAt(inputs, 'prices'))),
  annualised_return_and_vol: (inputs) => {
    const returns = seriesAt(inputs, 'returns');
    const periodsPerYear = numberAt(inputs, 'periodsPerYear');
    return shaped({
      geometric: annualReturnByCount(returns, periodsPerYear),
      arithmetic: annualReturnArithmetic(returns, periodsPerYear),
      vol: annualVolatility(returns, periodsPerYear),
      cumulative: cumulativeReturn(returns),
    });
  },
  time_weighted_return: (inputs) => {
    const result = timeWeightedReturn(seriesAt(inputs, 'equity_end'), seriesAt(inputs, 'external_flow_at_end'));
    return isNumber(result) ? { sub: Array.from(result.sub), twr: result.total } : refused(result);
  },
  cagr_by_calendar: (inputs) => {
    const days = daysBetween(inputs);
    const cagr = growthByDate({
      startEquity: numberAt(inputs, 'v0'),
      endEquity: numberAt(inputs, 'v1'),
      days,
      yearDays: numberAt(inputs, 'yearDays'),
    });
    return { ...shaped({ cagr }), days };
  },
};
