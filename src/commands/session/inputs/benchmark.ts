import { activeReturn, alphaBeta, joinByDate } from '../../../core/analytics/benchmark.js';
import { FxError } from '../../../core/base/errors.js';
import { closeOfDate } from '../../../core/model/calendar/sessions.js';
import type { BenchmarkRecord, RunRecord } from '../../../core/model/run-record.js';
import type { BarSource } from '../../../core/ports/feed.js';
import { isStoredPrices, located } from '../../stored/names.js';
import { openKept, whole } from '../../stored/prices.js';
import type { RunRequest } from './request.js';

const DAY_MS = 86_400_000;

/** A benchmark that was read. */
export interface Benchmark {
  /** What the user called it. */
  readonly given: string;
  readonly daily: RunRecord['daily'];
}

/** Reads the daily returns of a benchmark file or of a stored series. */
export async function loadBenchmark(request: Pick<RunRequest, 'home' | 'cwd'>, pathOrName: string): Promise<Benchmark> {
  return { given: pathOrName, daily: await dailyReturns(located(request, pathOrName, 'prices')) };
}

/** A run's days beside those of its benchmark, joined by date; days without a partner are counted. */
export function compareWith(
  { given: pathOrName, daily }: Benchmark,
  own: RunRecord['daily'],
  periodsPerYear: number,
): BenchmarkRecord {
  const joined = joinByDate(own, daily);
  if (joined.date.length === 0) {
    throw new FxError('DATA.BENCHMARK', {
      message: `the benchmark ${pathOrName} has no day in common with the run`,
      next: 'give a benchmark of the same period',
      facts: { benchmark: pathOrName },
    });
  }
  const regression = alphaBeta(joined.ours, joined.theirs, { rfPerPeriod: 0, periodsPerYear });
  const active = activeReturn(joined.ours, joined.theirs, periodsPerYear);
  const number = (value: unknown) => (typeof value === 'number' ? value : null);
  const of = <T extends object>(part: T | string, key: keyof T) => number(typeof part === 'string' ? null : part[key]);
  const theirs = [...joined.theirs];
  return {
    name:
      pathOrName
        .split(/[/\\]/)
        .at(-1)
        ?.replace(/\.fxc$/, '') ?? pathOrName,
    date: joined.date,
    return: theirs,
    dropped: joined.dropped,
    beta: of(regression, 'beta'),
    alphaAnnual: of(regression, 'alphaAnnualArith'),
    r2: of(regression, 'r2'),
    trackingError: of(active, 'trackingError'),
    informationRatio: of(active, 'informationRatio'),
    totalReturn: theirs.reduce((wealth, r) => wealth * (1 + r), 1) - 1,
  };
}

/** A day's return is that of its last close against the last close of the day before in the file. */
async function dailyReturns(path: string): Promise<RunRecord['daily']> {
  const closes = [...(await dailyCloses(path))];
  const date: string[] = [];
  const returns: number[] = [];
  for (let i = 1; i < closes.length; i++) {
    const [day, close] = closes[i] ?? [0, Number.NaN];
    const before = closes[i - 1]?.[1] ?? Number.NaN;
    date.push(new Date(day * DAY_MS).toISOString().slice(0, 10));
    returns.push(close / before - 1);
  }
  return { date, return: returns };
}

/** The last close of each day (days since 1970, UTC). */
async function dailyCloses(path: string): Promise<ReadonlyMap<number, number>> {
  const closes = new Map<number, number>();
  for (const source of await sourcesOf(path)) {
    for await (const chunk of source.chunks(new AbortController().signal)) {
      for (let row = 0; row < chunk.length; row++) {
        closes.set(Math.floor(((chunk.ts[row] ?? 0) - 1) / DAY_MS), chunk.price.close[row] ?? Number.NaN);
      }
    }
  }
  return closes;
}

/** A stored benchmark whatever it is called, or a file taken as one series. */
async function sourcesOf(path: string): Promise<readonly BarSource[]> {
  if (isStoredPrices(path)) return [whole(await openKept(path))];
  const { openSeries } = await import('../../../feeds/csv/series.js');
  const { instrumentOf } = await import('../../../core/model/instruments.js');
  const benchmark = instrumentOf('BENCHMARK', { assetClass: 'other' }, 'USD');
  return (await openSeries([path], { instruments: [benchmark], closeOfDate })).sources;
}
