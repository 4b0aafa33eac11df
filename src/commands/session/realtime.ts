import { assert } from '../../core/base/assert.js';
import { run } from '../../core/engine/run.js';
import type { EpochMs } from '../../core/model/ids.js';
import { type BarBatch, LAST_OF_DAY, LAST_OF_MONTH, LAST_OF_SLICE, LAST_OF_WEEK } from '../../core/model/market.js';
import type { RunRecord } from '../../core/model/run-record.js';
import { type Clock, replayClock } from '../../core/ports/clock.js';
import { type Binding, bookFolder, readBinding } from '../../core/state/book-folder.js';
import { writeRunFile } from '../../core/state/runs/out-folder.js';
import { type SessionHost, warningsOf } from './backtest.js';
import { Book, type Recorded } from './book.js';
import { haltsOf, requireNotHalted } from './halts.js';
import { WARM_UP_MS } from './inputs/market.js';
import { type Prepared, prepare, sha256 } from './inputs/prepare.js';
import type { RunRequest } from './inputs/request.js';
import { makeRecord } from './record.js';
import { bookOutput, recordText } from './run-output.js';
import { wait } from './wait.js';

/** How often the clock is looked at, ms. */
const TICK_MS = 1_000;

export interface RealtimeOptions {
  readonly book: string;
  readonly once: boolean;
  readonly durationMs: number | undefined;
  readonly clock: Clock;
  readonly onRecord: (ts: number, what: Recorded) => void;
  readonly onEvent: (kind: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface RealtimeEnd {
  readonly record: RunRecord;
  /** A closed bar was new, and the strategy was asked about it. */
  readonly decided: boolean;
  /** Close times that passed while no session ran; only the newest was decided. */
  readonly missed: number;
}

/** What drives a real-time book, recorded before it is acted on, so that a crash repeats it and adds nothing. */
interface BarsInput {
  readonly after: EpochMs;
  readonly until: EpochMs;
  /** Earlier bars are worked through without a decision. */
  readonly decideFrom: EpochMs;
  /** Bits of periods that ended while no session ran. */
  readonly missedPeriods: number;
}

const PERIODS = LAST_OF_DAY | LAST_OF_WEEK | LAST_OF_MONTH;

/** A paper session on the newest prices, with the clock. */
export async function realtime(request: RunRequest, options: RealtimeOptions, host: SessionHost): Promise<RealtimeEnd> {
  const { clock } = options;
  const bound = readBinding(bookFolder(request.home, 'paper', options.book));
  // A book remembers when it began: before that, bars only warm up.
  const begun = bound?.kind === 'realtime' ? Number(bound.arguments['begun']) : clock.now();
  const prepared = await prepare({ ...request, from: request.from ?? begun, to: clock.now() }, host.settings);
  for (const note of prepared.market.notes) host.note(note);
  const { market, definition } = prepared;
  requireNotHalted(request.home, definition.name, market.instruments.slice(0, market.tradedCount));
  const first = await lastClose(prepared, begun - WARM_UP_MS, begun, host.signal);
  const plan = { ...prepared, request: { ...prepared.request, from: first } };
  const halted = haltsOf(request.home, definition.name);
  const book = Book.open(plan, options.book, bindingOf(prepared, begun), halted, host.heartbeat);
  try {
    const end = await new Session(plan, book, options, host, first).play();
    return { ...end, record: await bookOutput(book, end.record, request.out, true) };
  } finally {
    book.close();
  }
}

class Session {
  readonly #prepared: Prepared;
  readonly #book: Book;
  readonly #options: RealtimeOptions;
  readonly #host: SessionHost;
  /** Close of the last bar that was worked through. */
  #last: EpochMs;
  #rows: number;
  #missed = 0;
  #decided = false;
  readonly #isNew: boolean;

  constructor(prepared: Prepared, book: Book, options: RealtimeOptions, host: SessionHost, first: EpochMs) {
    this.#prepared = prepared;
    this.#book = book;
    this.#options = options;
    this.#host = host;
    const saved = book.extra as { last: EpochMs } | null | undefined;
    this.#isNew = saved === undefined || saved === null;
    this.#last = this.#isNew ? first - WARM_UP_MS : (saved?.last ?? first);
    this.#rows = book.resumedRows;
  }

  async play(): Promise<RealtimeEnd> {
    const { clock, once, durationMs, onEvent } = this.#options;
    const { signal } = this.#host;
    const begin = clock.now();
    await this.#redo();
    await this.#catchUp(clock.now(), true);
    while (!once && !signal.aborted && (durationMs === undefined || clock.now() - begin < durationMs)) {
      await wait(TICK_MS, signal);
      if (signal.aborted) break;
      await this.#catchUp(clock.now(), false);
      this.#tick(clock.now());
    }
    const record = this.#record();
    onEvent('stopped', { decided: this.#decided, equity: this.#book.desk.engine.equity });
    return { record, decided: this.#decided, missed: this.#missed };
  }

  /** Inputs that were recorded and not finished when the last session died. */
  async #redo(): Promise<void> {
    for (const record of this.#book.journal.tail()) {
      if (record['type'] === 'bars') await this.#apply(record['input'] as BarsInput);
      else if (record['type'] === 'tick') this.#tick(Date.parse(String(record['ts'])));
    }
  }

  /** Works through what closed since the last bar; decides at the newest close time only. */
  async #catchUp(now: EpochMs, starting: boolean): Promise<void> {
    const newest = await lastClose(this.#prepared, this.#last, now, this.#host.signal);
    if (newest <= this.#last) return;
    const after = this.#last;
    const skipped = starting && !this.#isNew ? await this.#between(after, newest) : { closes: 0, periods: 0 };
    if (skipped.closes > 0) {
      this.#missed += skipped.closes;
      this.#options.onEvent('missed', { closes: skipped.closes, decidedAt: new Date(newest).toISOString() });
    }
    await this.#apply({ after, until: newest, decideFrom: newest, missedPeriods: skipped.periods });
  }

  async #between(after: EpochMs, newest: EpochMs): Promise<{ closes: number; periods: number }> {
    let closes = 0;
    let periods = 0;
    for await (const batch of this.#bars(after, newest)) {
      for (let row = 0; row < batch.length; row++) {
        const flags = batch.flags[row] ?? 0;
        if ((flags & LAST_OF_SLICE) === 0 || batch.ts[row] === newest) continue;
        closes++;
        periods |= flags & PERIODS;
      }
    }
    return { closes, periods };
  }

  async #apply(input: BarsInput): Promise<void> {
    const { desk, journal } = this.#book;
    journal.append(input.until, 'bars', { input });
    journal.flush(true);
    desk.engine.holdUntil(input.decideFrom);
    const end = await run({
      ...desk,
      clock: replayClock(0),
      market: withPeriods(this.#bars(input.after, input.until), input),
      signal: new AbortController().signal,
      journal: this.#book.recorder(this.#options.onRecord),
    });
    this.#rows += end.rows;
    this.#last = input.until;
    this.#decided = true;
    this.#checkpoint();
    this.#options.onEvent('bar', { close: new Date(input.until).toISOString(), equity: desk.engine.equity });
  }

  /** Timers come due also when no bar comes. Recorded only when it did something. */
  #tick(now: EpochMs): void {
    const { desk, journal } = this.#book;
    const effects = desk.engine.step({ kind: 'tick', ts: now });
    if (effects.length === 0) return;
    journal.append(now, 'tick', {});
    const recorder = this.#book.recorder(this.#options.onRecord);
    for (const effect of effects) recorder.record(now, effect);
    journal.flush(true);
    for (const effect of effects) if (effect.kind === 'cancel') desk.broker.cancel(effect.orderId, effect.reason);
    this.#checkpoint();
  }

  #bars(after: EpochMs, until: EpochMs): AsyncIterable<BarBatch> {
    const { newest } = this.#prepared.market;
    assert(newest !== undefined, 'a real-time session has a market that goes with the clock');
    return newest(after, until, this.#host.signal);
  }

  #checkpoint(): void {
    this.#book.checkpoint(this.#rows, false, { last: this.#last });
    this.#record();
  }

  #record(): RunRecord {
    const { desk, folder } = this.#book;
    const record = makeRecord({
      prepared: this.#prepared,
      numbers: desk.recorder.numbers(),
      engine: desk.engine,
      dataHash: '',
      startedAt: new Date(this.#host.startedAt).toISOString(),
      version: this.#host.version,
      trials: [],
      files: {},
      warnings: warningsOf(this.#prepared),
    });
    writeRunFile(folder, 'run.json', recordText(record));
    return record;
  }
}

/** Bars whose newest close time also ends every period that ended while nobody looked. */
async function* withPeriods(bars: AsyncIterable<BarBatch>, input: BarsInput): AsyncIterable<BarBatch> {
  for await (const batch of bars) {
    for (let row = 0; row < batch.length; row++) {
      const flags = batch.flags[row] ?? 0;
      if (batch.ts[row] === input.until && (flags & LAST_OF_SLICE) !== 0)
        batch.flags[row] = flags | input.missedPeriods;
    }
    yield batch;
  }
}

/** Close of the newest bar up to `now`; `after` itself when there is none. */
async function lastClose(prepared: Prepared, after: EpochMs, now: EpochMs, signal: AbortSignal): Promise<EpochMs> {
  const { newest } = prepared.market;
  assert(newest !== undefined, 'a real-time session has a market that goes with the clock');
  let last = after;
  for await (const batch of newest(after, now, signal)) last = Math.max(last, batch.ts[batch.length - 1] ?? after);
  return last;
}

function bindingOf(prepared: Prepared, begun: EpochMs): Binding {
  const { request, definition, codeHash, params, loaded, currency, capital, costs, market } = prepared;
  return {
    version: 1,
    kind: 'realtime',
    strategy: definition.name,
    codeHash,
    params,
    // Without dates: a session that goes with the clock has another end at every start.
    configHash: sha256(loaded.canonical),
    dataHash: 'simulated',
    arguments: {
      begun: String(begun),
      seed: String(request.seed),
      instruments: market.instruments.map((instrument) => instrument.id).join(),
      timeframe: request.timeframe ?? '',
      currency,
      capital: String(capital),
      costs: costs.name,
      fill: request.fill,
    },
    startedAt: new Date(begun).toISOString(),
  };
}
