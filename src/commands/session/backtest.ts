import { rmSync } from 'node:fs';
import { FxError } from '../../core/base/errors.js';
import { run } from '../../core/engine/run.js';
import { minorUnitOf } from '../../core/model/instruments.js';
import type { BenchmarkRecord, RunRecord } from '../../core/model/run-record.js';
import { replayClock } from '../../core/ports/clock.js';
import { noSink } from '../../core/ports/sink.js';
import { openOutFolder, PartialFolder } from '../../core/state/runs/out-folder.js';
import { RowFiles } from '../../core/state/runs/row-files.js';
import { readTrials, recordTrials } from '../../core/state/runs/trials.js';
import type { LoadedSettings } from '../runtime/command.js';
import { type Desk, neverHalted, setUpDesk } from './desk.js';
import { guarded, type Heartbeat } from './heartbeat.js';
import { approvalOf, unansweredWarning } from './inputs/approval.js';
import { compareWith, loadBenchmark } from './inputs/benchmark.js';
import { type Prepared, prepare, sha256 } from './inputs/prepare.js';
import type { RunRequest } from './inputs/request.js';
import { dailyOf, makeRecord, periodsPerYear, runId } from './record.js';
import { keepRun, writeRun } from './run-output.js';

/** What a run needs of the program around it. */
export interface SessionHost {
  readonly settings: LoadedSettings;
  readonly version: string;
  readonly startedAt: number;
  readonly signal: AbortSignal;
  /** Set while a user's code runs, so that a watcher can stop it. */
  readonly heartbeat?: Heartbeat;
  note(text: string): void;
}

/** Works a strategy through history and leaves its record. */
export async function backtest(request: RunRequest, host: SessionHost): Promise<RunRecord> {
  if (request.out !== undefined) openOutFolder(request.out, 'check');
  const prepared = await guarded(host.heartbeat, () => prepare(request, host.settings));
  for (const note of prepared.market.notes) host.note(note);
  const partial = request.out === undefined ? undefined : new PartialFolder(request.out);
  const { cache } = prepared.market;
  cache.store();
  try {
    const rows = partial === undefined ? undefined : new RowFiles(partial.path, minorUnitOf(prepared.currency));
    const desk = deskOf(prepared, rows ?? noSink, host);
    await drive(desk, prepared, host);
    const numbers = desk.recorder.finish();
    rows?.close();
    requireBars(prepared, numbers.bars);
    // Everything that can still be refused comes before the trial is counted: a failed run leaves no trace.
    const benchmark = await benchmarkFor(prepared, dailyOf(numbers));
    const dataHash = await prepared.market.hash();
    const sharpe = dailySharpe(numbers.days.map(([, dayReturn]) => dayReturn));
    const key = sha256(`${runId(prepared, dataHash)} ${JSON.stringify(prepared.params)}`);
    recordTrials(request.home, [{ strategy: prepared.definition.name, dataHash, key, sharpe }]);
    const record = makeRecord({
      prepared,
      numbers,
      engine: desk.engine,
      dataHash,
      startedAt: new Date(host.startedAt).toISOString(),
      version: host.version,
      trials: readTrials(request.home, prepared.definition.name, dataHash),
      files: {},
      warnings: warningsOf(prepared),
    });
    const compared = benchmark === undefined ? record : { ...record, benchmark };
    const kept = partial === undefined ? keepRun(request.home, compared) : await writeRun(partial, compared);
    cache.keep();
    return kept;
  } catch (error) {
    if (partial !== undefined) rmSync(partial.path, { recursive: true, force: true });
    cache.drop();
    throw error;
  }
}

/** The run's days beside those of its benchmark, where one was asked for. */
export async function benchmarkFor(
  prepared: Prepared,
  daily: RunRecord['daily'],
): Promise<BenchmarkRecord | undefined> {
  const { request, market } = prepared;
  if (request.benchmark === undefined) return undefined;
  const periods = periodsPerYear(market.instruments.slice(0, market.tradedCount));
  return compareWith(await loadBenchmark(request, request.benchmark), daily, periods);
}

/** The desk of a prepared run. */
export function deskOf(
  prepared: Prepared,
  sink: Parameters<typeof setUpDesk>[1],
  host: Pick<SessionHost, 'heartbeat'>,
): Desk {
  const { request, market, definition, params, loaded, costs, capital, currency } = prepared;
  const { risk: limits, sizing } = loaded.settings;
  const { configHash } = prepared;
  const approval = approvalOf(prepared, { mode: 'backtest', broker: 'sim', account: 'backtest', configHash });
  const shared = { request, market, definition, params, limits, sizing, costs, capital, currency };
  const plan = { ...shared, approval, halted: neverHalted };
  return setUpDesk(plan, sink, host.heartbeat);
}

/** Runs the desk over its market to the end; an interrupted run is no result. */
async function drive(desk: Desk, prepared: Prepared, host: SessionHost): Promise<void> {
  const { signal } = host;
  const market = prepared.market.stream(signal);
  const end = await run({ ...desk, clock: replayClock(0), market, signal });
  if (end.stopped) {
    throw new FxError('USAGE.INTERRUPTED', {
      message: 'the run was interrupted',
      next: 'start it again; nothing was kept',
    });
  }
  desk.engine.finish();
}

/** What the reader of a record must know of how it came about. */
export function warningsOf(prepared: Prepared): readonly string[] {
  const { market, request } = prepared;
  const warnings = [...market.warnings(), ...unansweredWarning(prepared)];
  const made = [...(market.simulated ? ['prices'] : []), ...(market.simulatedRates ? ['rates'] : [])];
  if (made.length > 0) warnings.push(`${made.join(' and ')} are simulated: a made-up market, not history`);
  const known = new Set(market.rates.map((series) => series.currency));
  const missing = new Set(
    market.instruments
      .slice(0, market.tradedCount)
      .filter((instrument) => instrument.assetClass === 'fx')
      .flatMap((instrument) => [instrument.base, instrument.quote])
      .filter((currency) => !known.has(currency)),
  );
  if (missing.size > 0) {
    const hint = request.rates === undefined ? ' (give them with --rates)' : '';
    warnings.push(
      `no interest rates of ${[...missing].join(', ')}${hint}: financing of those pairs is the broker's mark-up only`,
    );
  }
  return warnings;
}

export function requireBars(prepared: Prepared, bars: number): void {
  if (bars > 0) return;
  const { from, to } = prepared.request;
  throw new FxError('DATA.EMPTY_PERIOD', {
    message: `the data has no bar from ${dateOf(from, 'its start')} to ${dateOf(to, 'its end')}`,
    next: 'widen --from and --to, or give other data',
  });
}

function dateOf(ts: number | undefined, otherwise: string): string {
  return ts === undefined ? otherwise : new Date(ts).toISOString().slice(0, 10);
}

/** Mean over deviation of daily returns, null where it does not exist. */
export function dailySharpe(returns: readonly number[]): number | null {
  if (returns.length < 2) return null;
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  const variance = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (returns.length - 1);
  const sd = Math.sqrt(variance);
  return sd > 1e-12 * Math.max(...returns.map(Math.abs)) ? mean / sd : null;
}
