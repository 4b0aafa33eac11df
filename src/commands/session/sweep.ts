import { FxError } from '../../core/base/errors.js';
import { run } from '../../core/engine/run.js';
import type { BarBatch, PriceColumns } from '../../core/model/market.js';
import type { BenchmarkRecord, Metrics } from '../../core/model/run-record.js';
import { replayClock } from '../../core/ports/clock.js';
import { noSink } from '../../core/ports/sink.js';
import { openOutFolder } from '../../core/state/runs/out-folder.js';
import { resolveParams } from '../../core/strategies/params.js';
import type { ParamValue } from '../../core/strategies/strategy.js';
import { dailySharpe, deskOf, requireBars, type SessionHost } from './backtest.js';
import { guarded } from './heartbeat.js';
import { type Benchmark, compareWith, loadBenchmark } from './inputs/benchmark.js';
import { type Prepared, prepare } from './inputs/prepare.js';
import type { RunRequest } from './inputs/request.js';
import { dailyOf, metricsOf, periodsPerYear } from './record.js';

/** One combination of a sweep. */
export interface SweepRow {
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly metrics: Metrics;
  readonly reasons: Readonly<Record<string, string>>;
  /** Against the benchmark, where one was asked for. */
  readonly benchmark?: BenchmarkFigures;
  /** A day's Sharpe ratio, for the count of trials; null where it does not exist. */
  readonly sharpe: number | null;
}

/** What a benchmark says of one combination, without the days it is made of. */
export type BenchmarkFigures = Omit<BenchmarkRecord, 'name' | 'date' | 'return' | 'dropped'>;

/** What a sweep found. */
export interface Swept {
  readonly rows: readonly SweepRow[];
  readonly dataHash: string;
  /** Some prices were made up. */
  readonly simulated: boolean;
}

/** Rows that are kept in memory between two combinations; above it each one reads the data again. */
const KEEP_ROWS = 20_000_000;

/** Most combinations of one sweep. */
const MOST = 100_000;

/** Works each combination over the same bars, read once. */
export async function sweep(
  request: RunRequest,
  combinations: readonly Readonly<Record<string, string>>[],
  host: SessionHost,
): Promise<Swept> {
  if (request.out !== undefined) openOutFolder(request.out, 'check');
  const base = { ...request, params: { ...request.params, ...combinations[0] } };
  const prepared = await guarded(host.heartbeat, () => prepare(base, host.settings));
  const bars = await keep(prepared, host.signal);
  const { benchmark: against } = request;
  const benchmark = against === undefined ? undefined : await loadBenchmark(request, against);
  const rows: SweepRow[] = [];
  for (const combination of combinations) {
    if (host.signal.aborted) break;
    rows.push(await one(prepared, combination, { bars, benchmark }, host));
  }
  return { rows, dataHash: await prepared.market.hash(), simulated: prepared.market.simulated };
}

/** Read once for all combinations. */
interface Shared {
  readonly bars: readonly BarBatch[] | undefined;
  readonly benchmark: Benchmark | undefined;
}

async function one(
  prepared: Prepared,
  combination: Readonly<Record<string, string>>,
  { bars, benchmark }: Shared,
  host: SessionHost,
): Promise<SweepRow> {
  const { definition, request, market } = prepared;
  const params = resolveParams(definition, { ...request.params, ...combination });
  definition.check?.(params);
  const mine = { ...prepared, params };
  const desk = deskOf(mine, noSink, host);
  const source = bars === undefined ? market.stream(host.signal) : again(bars);
  await run({ ...desk, clock: replayClock(0), market: source, signal: host.signal });
  desk.engine.finish();
  const numbers = desk.recorder.finish();
  if (!host.signal.aborted) requireBars(prepared, numbers.bars);
  const sharpe = dailySharpe(numbers.days.map(([, dayReturn]) => dayReturn));
  const { metrics, reasons } = metricsOf(mine, numbers, []);
  if (benchmark === undefined || host.signal.aborted) return { params, metrics, reasons, sharpe };
  const periods = periodsPerYear(market.instruments.slice(0, market.tradedCount));
  const {
    name: _,
    date: __,
    return: ___,
    dropped: ____,
    ...figures
  } = compareWith(benchmark, dailyOf(numbers), periods);
  return { params, metrics, reasons, sharpe, benchmark: figures };
}

/** The merged bars in memory, or undefined when they are too many. */
async function keep(prepared: Prepared, signal: AbortSignal): Promise<readonly BarBatch[] | undefined> {
  const kept: BarBatch[] = [];
  let rows = 0;
  for await (const batch of prepared.market.stream(signal)) {
    rows += batch.length;
    if (rows > KEEP_ROWS) return undefined;
    kept.push(copyOf(batch));
  }
  return kept;
}

async function* again(bars: readonly BarBatch[]): AsyncIterable<BarBatch> {
  yield* bars;
}

function copyOf(batch: BarBatch): BarBatch {
  const { length } = batch;
  const part = (columns: PriceColumns): PriceColumns => ({
    open: columns.open.slice(0, length),
    high: columns.high.slice(0, length),
    low: columns.low.slice(0, length),
    close: columns.close.slice(0, length),
  });
  return {
    ...batch,
    instrument: batch.instrument.slice(0, length),
    ts: batch.ts.slice(0, length),
    price: part(batch.price),
    volume: batch.volume.slice(0, length),
    flags: batch.flags.slice(0, length),
    ...(batch.bid === undefined || batch.ask === undefined ? {} : { bid: part(batch.bid), ask: part(batch.ask) }),
  };
}

/** Every combination of `k=from:to:step` flags, both ends included, the last flag fastest. Throws `USAGE.SWEEP`. */
export function combinationsOf(given: Readonly<Record<string, string>>): readonly Readonly<Record<string, string>>[] {
  let all: Record<string, string>[] = [{}];
  for (const [name, text] of Object.entries(given)) {
    const values = valuesOf(name, text);
    if (all.length * values.length > MOST) {
      throw new FxError('USAGE.SWEEP', {
        message: `the sweep has more than ${MOST} combinations`,
        next: 'take larger steps, or fewer parameters',
        facts: { limit: MOST },
      });
    }
    all = all.flatMap((before) => values.map((value) => ({ ...before, [name]: value })));
  }
  return all;
}

function valuesOf(name: string, text: string): string[] {
  const parts = text.split(':');
  const [from = Number.NaN, to = Number.NaN, step = Number.NaN] = parts.map((part) =>
    part.trim() === '' ? Number.NaN : Number(part),
  );
  const fits =
    parts.length === 3 &&
    Number.isFinite(from) &&
    Number.isFinite(to) &&
    step > 0 &&
    Number.isFinite(step) &&
    from <= to;
  if (!fits) {
    throw new FxError('USAGE.SWEEP', {
      message: `--sweep ${name}=${text} is not FROM:TO:STEP with FROM ≤ TO and STEP above 0`,
      next: 'for example --sweep fast=5:50:5',
      facts: { param: name, value: text },
    });
  }
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST) {
    throw new FxError('USAGE.SWEEP', {
      message: `--sweep ${name}=${text} has ${count} values, at most ${MOST}`,
      next: 'take larger steps',
    });
  }
  return Array.from({ length: count }, (_, i) => String(Number((from + i * step).toPrecision(12))));
}
