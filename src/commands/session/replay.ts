import { FxError } from '../../core/base/errors.js';
import { run } from '../../core/engine/run.js';
import { type BarBatch, LAST_OF_SLICE } from '../../core/model/market.js';
import type { RunRecord } from '../../core/model/run-record.js';
import { replayClock } from '../../core/ports/clock.js';
import { wait } from '../../core/ports/wait.js';
import { type Binding, dropRefusedBook } from '../../core/state/books/book-folder.js';
import { openOutFolder } from '../../core/state/runs/out-folder.js';
import { benchmarkFor, requireBars, type SessionHost, warningsOf } from './backtest.js';
import { Book, CHECKPOINT_ROWS, type OpenOptions, type Recorded } from './book.js';
import { findHalt, haltsReplay, paperTrader, requireNotHalted } from './halts.js';
import { guarded } from './heartbeat.js';
import { type Prepared, prepare } from './inputs/prepare.js';
import type { RunRequest } from './inputs/request.js';
import { makeRecord } from './record.js';
import { bookOutput } from './run-output.js';

/** How often the latch is looked at while a replay waits for its next bar, ms. */
const LOOK_MS = 1_000;

export interface ReplayOptions extends OpenOptions {
  /** How many times faster than the bars' own clock; Infinity is as fast as it goes. */
  readonly speed: number;
  /** Stop in good order after this long, ms. */
  readonly durationMs: number | undefined;
  /** One close time, then stop. */
  readonly once: boolean;
  readonly onRecord?: (ts: number, what: Recorded) => void;
  readonly onEvent?: (kind: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface ReplayEnd {
  readonly record: RunRecord;
  /** False when it was stopped on the way: the same command goes on. */
  readonly finished: boolean;
  /** Rows that this process worked through. */
  readonly rowsWorked: number;
  readonly resumedAt: number;
}

/** Plays a file as if it were live, into a book that survives being killed at any moment. */
export async function replay(request: RunRequest, options: ReplayOptions, host: SessionHost): Promise<ReplayEnd> {
  if (request.out !== undefined) openOutFolder(request.out, 'check');
  const prepared = await guarded(host.heartbeat, () => prepare(request, host.settings));
  for (const note of prepared.market.notes) host.note(note);
  const { market, definition } = prepared;
  const dataHash = await market.hash();
  requireNotHalted(request.home, paperTrader(definition.name), market.instruments.slice(0, market.tradedCount));
  const binding = bindingOf(prepared, dataHash, host.startedAt);
  const book = await Book.open(
    prepared,
    options,
    binding,
    { halted: haltsReplay(request.home, paperTrader(definition.name)) },
    host.heartbeat,
  );
  let refused = false;
  try {
    return await playOn(book, prepared, options, host, dataHash);
  } catch (error) {
    refused = error instanceof FxError && /^(DATA|STRATEGY|USAGE|CONFIG)\./.test(error.code);
    throw error;
  } finally {
    book.close();
    if (refused) dropRefusedBook(book.folder);
  }
}

async function playOn(
  book: Book,
  prepared: Prepared,
  options: ReplayOptions,
  host: SessionHost,
  dataHash: string,
): Promise<ReplayEnd> {
  const { desk, resumedRows: resumedAt } = book;
  options.onEvent?.('start', { book: options.book, resumedAt, finished: book.finished });
  if (book.replayed) host.note('the strategy has no save and load: the bars of before are played again to rebuild it');
  const { rows, finished } = book.finished
    ? { rows: book.resumedRows, finished: true }
    : await work(book, prepared, options, host);
  // A finished book was closed before; its numbers are whole.
  const numbers = finished && !book.finished ? desk.recorder.finish() : desk.recorder.numbers();
  if (finished) requireBars(prepared, numbers.bars);
  if (finished && !book.finished) book.checkpoint(rows, true);
  const bare = makeRecord({
    prepared,
    numbers,
    engine: desk.engine,
    dataHash,
    startedAt: new Date(host.startedAt).toISOString(),
    version: host.version,
    trials: [],
    files: {},
    warnings: warningsOf(prepared),
  });
  const benchmark = await benchmarkFor(prepared, bare.daily);
  const compared = benchmark === undefined ? bare : { ...bare, benchmark };
  const record = await bookOutput(book, compared, prepared.request.out, finished);
  return { record, finished, rowsWorked: rows - resumedAt, resumedAt };
}

/** Goes on from where the book was left, until the data ends, somebody stops it, or a halt does. */
async function work(
  book: Book,
  prepared: Prepared,
  options: ReplayOptions,
  host: SessionHost,
): Promise<{ rows: number; finished: boolean }> {
  const { desk, resumedRows } = book;
  const { signal, stop } = stopping(host.signal, options.durationMs);
  const { home } = prepared.request;
  const { market, definition } = prepared;
  const traded = market.instruments.slice(0, market.tradedCount);
  const halt = () => findHalt(home, paperTrader(definition.name), traded);
  const once = options.once ? oneSlice(market.stream(signal), resumedRows) : whole(market.stream(signal));
  const { speed } = options;
  const flow = Number.isFinite(speed) ? paced(once.market, { speed, skip: resumedRows, signal, halt }) : once.market;
  const watched = untilHalt(flow, halt);
  try {
    const end = await run({
      ...desk,
      clock: replayClock(0),
      market: watched.market,
      signal,
      journal: book.recorder(options.onRecord),
      skipRows: resumedRows,
      checkpointRows: CHECKPOINT_ROWS,
      checkpoint: (count) => book.checkpoint(count, false),
    });
    const finished = !end.stopped && !signal.aborted && once.ended && watched.ended;
    if (finished) desk.engine.finish();
    else if (end.betweenSlices && end.rows > resumedRows) book.checkpoint(end.rows, false);
    const reason = watched.ended ? undefined : halt();
    if (reason !== undefined) throw reason;
    return { rows: Math.max(end.rows, resumedRows), finished };
  } finally {
    stop();
  }
}

function bindingOf(prepared: Prepared, dataHash: string, startedAt: number): Binding {
  const { request, definition, codeHash, params, configHash } = prepared;
  return {
    version: 1,
    kind: 'replay',
    strategy: definition.name,
    codeHash,
    params,
    configHash,
    dataHash,
    arguments: { seed: String(request.seed), equity: request.equity },
    startedAt: new Date(startedAt).toISOString(),
  };
}

/** A signal that also ends after a while, and the function that ends the waiting. */
function stopping(outer: AbortSignal, durationMs: number | undefined): { signal: AbortSignal; stop: () => void } {
  if (durationMs === undefined) return { signal: outer, stop: () => undefined };
  const timer = new AbortController();
  const handle = setTimeout(() => timer.abort(), durationMs);
  return { signal: AbortSignal.any([outer, timer.signal]), stop: () => clearTimeout(handle) };
}

/** A market, and whether it came to its end. */
interface Part {
  readonly market: AsyncIterable<BarBatch>;
  readonly ended: boolean;
}

function whole(market: AsyncIterable<BarBatch>): Part {
  return { market, ended: true };
}

/** The rows that were worked through before, and one close time more. */
function oneSlice(market: AsyncIterable<BarBatch>, done: number): Part {
  const part = { market: cutAfter(), ended: false };
  async function* cutAfter(): AsyncIterable<BarBatch> {
    let rows = 0;
    for await (const batch of market) {
      let to = Math.max(0, done - rows);
      while (to < batch.length && ((batch.flags[to] ?? 0) & LAST_OF_SLICE) === 0) to++;
      rows += batch.length;
      if (to < batch.length) {
        yield rowsOf(batch, 0, to + 1);
        return;
      }
      yield batch;
    }
    part.ended = true;
  }
  return part;
}

interface Pace {
  readonly speed: number;
  /** Rows that were worked through before: nobody waits for those. */
  readonly skip: number;
  readonly signal: AbortSignal;
  readonly halt: () => unknown;
}

/** The market at a pace: one close time a batch, each as long after the one before as its bars say, divided by `speed`. */
async function* paced(market: AsyncIterable<BarBatch>, pace: Pace): AsyncIterable<BarBatch> {
  let before = Number.NaN;
  let rows = 0;
  for await (const batch of market) {
    let from = 0;
    while (from < batch.length) {
      const ts = batch.ts[from] ?? 0;
      let to = from + 1;
      while (to < batch.length && batch.ts[to] === ts) to++;
      if (!Number.isNaN(before) && rows + to > pace.skip) await pause((ts - before) / pace.speed, pace);
      if (pace.signal.aborted) return;
      before = ts;
      yield rowsOf(batch, from, to);
      from = to;
    }
    rows += batch.length;
  }
}

/** Waits, and looks at the latch on the way: a halt does not wait for the next bar. */
async function pause(ms: number, { signal, halt }: Pace): Promise<void> {
  for (let left = ms; left > 0 && !signal.aborted && halt() === undefined; left -= LOOK_MS) {
    await wait(Math.min(left, LOOK_MS), signal);
  }
}

/** The market up to a halt. */
function untilHalt(market: AsyncIterable<BarBatch>, halt: () => unknown): Part {
  const part = { market: watch(), ended: false };
  async function* watch(): AsyncIterable<BarBatch> {
    for await (const batch of market) {
      if (halt() !== undefined) return;
      yield batch;
    }
    part.ended = true;
  }
  return part;
}

function rowsOf(batch: BarBatch, from: number, to: number): BarBatch {
  const part = (columns: BarBatch['price']) => ({
    open: columns.open.subarray(from, to),
    high: columns.high.subarray(from, to),
    low: columns.low.subarray(from, to),
    close: columns.close.subarray(from, to),
  });
  return {
    length: to - from,
    instrument: batch.instrument.subarray(from, to),
    ts: batch.ts.subarray(from, to),
    price: part(batch.price),
    volume: batch.volume.subarray(from, to),
    flags: batch.flags.subarray(from, to),
    ...(batch.bid === undefined || batch.ask === undefined ? {} : { bid: part(batch.bid), ask: part(batch.ask) }),
    ...(from > 0 || batch.actions === undefined ? {} : { actions: batch.actions }),
  };
}
