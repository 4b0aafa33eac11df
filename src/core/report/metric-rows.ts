import { METRIC_DEFINITIONS, METRIC_GROUPS, type MetricDefinition } from '../analytics/definitions.js';
import { ABSENT, decimal, money, percent } from '../base/figures.js';
import type { Metrics, RunRecord } from '../model/run-record.js';

/** How one metric is shown and what it means. */
export interface MetricInfo extends MetricDefinition {
  readonly key: keyof Metrics;
}

/** Every metric in the order in which it is shown. */
export const METRICS: readonly MetricInfo[] = METRIC_GROUPS.flatMap((group) =>
  (Object.keys(METRIC_DEFINITIONS) as (keyof Metrics)[])
    .map((key) => ({ key, ...METRIC_DEFINITIONS[key] }))
    .filter((info) => info.group === group),
);

/** The value as people read it, `–` when it does not exist. */
export function metricText(info: MetricInfo, record: Pick<RunRecord, 'metrics' | 'currency'>): string {
  const value = record.metrics[info.key];
  switch (info.shownAs) {
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
