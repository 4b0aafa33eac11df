import { CONVENTIONS, type ConventionName, conventionRows } from '../../core/analytics/conventions.js';
import { FxError } from '../../core/base/errors.js';
import { didYouMean } from '../../core/base/suggest.js';
import type { RunRecord } from '../../core/model/run-record.js';
import { periodsPerYearOf } from '../../core/report/series.js';
import { type CommandContext, textFlag } from '../runtime/command.js';
import type { Comparison } from '../ui/run-view.js';

/** Their names for numbers that we have too. */
const SAME = { sharpe: 'sharpe', sortino: 'sortino', var95: 'var95Day', cvar95: 'es95Day', ulcer: 'ulcer' } as const;

/** What the library of `--convention` prints for the same returns, beside ours; undefined without the flag. */
export function comparisonOf(ctx: CommandContext, record: RunRecord): Comparison | undefined {
  const given = textFlag(ctx, 'convention');
  if (given === undefined) return undefined;
  const name = CONVENTIONS.find((each) => each === given) as ConventionName | undefined;
  if (name === undefined) throw badValue('convention', given, CONVENTIONS);
  // A benchmark has the days that both have; without it the numbers stand on all of ours.
  const rows = conventionRows(name, {
    returns: record.daily.return,
    benchmark: alignedBenchmark(record),
    periodsPerYear: periodsPerYearOf(record),
  });
  const ours = (metric: string): number | null => {
    if (metric === 'alpha') return record.benchmark?.alphaAnnual ?? null;
    if (metric === 'informationRatio') return record.benchmark?.informationRatio ?? null;
    const key = Object.hasOwn(SAME, metric) ? SAME[metric as keyof typeof SAME] : undefined;
    return key === undefined ? null : record.metrics[key];
  };
  return {
    name,
    rows: rows.map(({ metric, value, definition }) => ({
      metric,
      value: typeof value === 'number' ? value : null,
      ours: ours(metric),
      definition: typeof value === 'number' ? definition : `${definition} (${value})`,
    })),
  };
}

/** Their returns on our days; undefined unless every one of our days has a partner. */
function alignedBenchmark({ benchmark }: RunRecord): readonly number[] | undefined {
  return benchmark === undefined || benchmark.dropped > 0 ? undefined : benchmark.return;
}

/** A flag whose value is none of the known ones, with the nearest. */
export function badValue(flag: string, given: string, known: readonly string[]): FxError {
  return new FxError('USAGE.BAD_VALUE', {
    message: `--${flag} is ${JSON.stringify(given)}, must be one of ${known.join(', ')}`,
    next: `${didYouMean(given, known)}Give --${flag} one of ${known.join(', ')}`,
    facts: { flag: `--${flag}`, given, known },
  });
}
