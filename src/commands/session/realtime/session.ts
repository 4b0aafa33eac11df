import type { Effect } from '../../../core/engine/effect.js';
import { type RunJournal, run } from '../../../core/engine/run.js';
import type { Approved, BrokerEvent, Declined, SeenPrice } from '../../../core/model/event.js';
import type { EpochMs, InstrumentId } from '../../../core/model/ids.js';
import type { RunRecord } from '../../../core/model/run-record.js';
import { type Clock, replayClock } from '../../../core/ports/clock.js';
import { wait } from '../../../core/ports/wait.js';
import { Inbox } from '../../../core/state/approvals/inbox.js';
import type { HaltLine } from '../../../core/state/halt-file.js';
import { writeRunFile } from '../../../core/state/runs/out-folder.js';
import type { FeedNews } from '../../../feeds/live/news.js';
import { type SessionHost, warningsOf } from '../backtest.js';
import type { Book, OpenOptions, Recorded } from '../book.js';
import type { OpenFeeds } from '../feed/open-feeds.js';
import { paperTrader, requireNotHalted } from '../halts.js';
import { WARM_UP_MS } from '../inputs/market.js';
import type { Prepared } from '../inputs/prepare.js';
import { makeRecord } from '../record.js';
import { recordText } from '../run-output.js';
import { ApprovalDesk, recordedAnswer } from './approvals.js';
import { type FlattenInput, flattenDesk, type HeldBefore, isFlat } from './flatten.js';
import type { Latches, LatchResume } from './latches.js';
import { passedBefore, withPeriods } from './periods.js';
import type { RecordedHalts } from './recorded-halts.js';
import { type BarSupply, type BarsInput, type Heard, untilWoken } from './supply.js';

export interface RealtimeOptions extends OpenOptions {
  readonly once: boolean;
  readonly durationMs: number | undefined;
  readonly clock: Clock;
  /** Present for a book on a feed; who opened them closes them. */
  readonly feeds?: OpenFeeds;
  /** Between two looks at the clock; `wait` unless a test moves the clock by hand. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onRecord: (ts: number, what: Recorded) => void;
  readonly onEvent: (kind: string, fields: Readonly<Record<string, unknown>>) => void;
}

export interface RealtimeEnd {
  readonly record: RunRecord;
  /** A closed bar was new, and the strategy was asked about it. */
  readonly decided: boolean;
  /** Close times that passed between two looks or while no session ran; only the newest was decided. */
  readonly missed: number;
}

/** What a real-time book knows beside its desk. */
export interface Saved {
  readonly last: EpochMs;
  readonly latched?: readonly HaltLine[];
  readonly halts?: readonly HaltLine[];
}

const NOTHING_HELD: HeldBefore = { positions: [], orders: [] };

export interface SessionParts {
  readonly prepared: Prepared;
  readonly book: Book;
  readonly options: RealtimeOptions;
  readonly host: SessionHost;
  readonly first: EpochMs;
  readonly halts: RecordedHalts;
  readonly latches: Latches;
  readonly supply: BarSupply;
  /** What the engine is told of prices beside the bars; set for as long as bars are worked through. */
  readonly heard: Map<string, Heard>;
}

/** A real-time book at work: what comes from outside is recorded, then done. */
export class Session {
  readonly #prepared: Prepared;
  readonly #book: Book;
  readonly #options: RealtimeOptions;
  readonly #host: SessionHost;
  readonly #halts: RecordedHalts;
  readonly #latches: Latches;
  readonly #supply: BarSupply;
  readonly #heard: Map<string, Heard>;
  readonly #approvals: ApprovalDesk;
  /** What the last session left to do again. */
  readonly #tail: readonly Readonly<Record<string, unknown>>[];
  /** Close of the last bar that was worked through. */
  #last: EpochMs;
  #rows: number;
  #missed = 0;
  #decided = false;
  /** Nothing was worked through yet: what closed before is warm-up, and nobody missed it. */
  #isNew: boolean;

  /** Recorded, and told as soon as it is safe on disk. */
  #untold: (readonly [ts: EpochMs, what: Recorded])[] = [];

  /** What was held when the book was flattened, in this session or in one that it repeats. */
  #flattened: HeldBefore = NOTHING_HELD;

  constructor({ prepared, book, options, host, first, halts, latches, supply, heard }: SessionParts) {
    const { clock } = options;
    this.#prepared = prepared;
    this.#book = book;
    this.#options = options;
    this.#host = host;
    this.#halts = halts;
    this.#latches = latches;
    this.#supply = supply;
    this.#heard = heard;
    const saved = book.extra as Saved | null | undefined;
    this.#isNew = saved === undefined || saved === null;
    this.#last = saved?.last ?? first - WARM_UP_MS;
    this.#rows = book.resumedRows;
    this.#tail = book.journal.tail();
    halts.goOn(book.journal, saved?.halts ?? [], this.#tail);
    this.#approvals = new ApprovalDesk({
      inbox: new Inbox(book.folder),
      engine: book.desk.engine,
      configHash: prepared.configHash,
      seen: (instrument, now) => this.#seen(instrument, now),
      answer: (event) => this.#answer(event),
      remark: (type, fields) => this.#remark(clock.now(), type, fields),
      onEvent: options.onEvent,
    });
  }

  async play(): Promise<RealtimeEnd> {
    const { clock, once, durationMs, onEvent, pause = wait } = this.#options;
    const { signal } = this.#host;
    const begin = clock.now();
    await this.#redo();
    this.#settle(clock.now());
    // The line of a latch that somebody took away stands again now.
    this.#requireNotHalted();
    await this.#hearNews();
    await this.#supply.refresh([...this.#book.desk.engine.waiting].map(({ intent }) => intent.instrument));
    await this.#catchUp(clock.now());
    if (this.#settle(clock.now())) this.#tick(clock.now());
    this.#approvals.look(clock.now());
    while (!once && !signal.aborted && (durationMs === undefined || clock.now() - begin < durationMs)) {
      await untilWoken(this.#supply, pause, signal);
      if (signal.aborted) break;
      this.#settle(clock.now());
      for (const news of this.#supply.tick()) this.#tellFeed(clock.now(), news);
      await this.#hearNews();
      await this.#catchUp(clock.now());
      this.#settle(clock.now());
      this.#tick(clock.now());
    }
    const record = this.#record();
    onEvent('stopped', { decided: this.#decided, equity: this.#book.desk.engine.equity });
    return { record, decided: this.#decided, missed: this.#missed };
  }

  /** Headlines that were stored since. They need no record: each counts from a minute after it was stored, whenever it is read. */
  async #hearNews(): Promise<void> {
    const trouble = await this.#prepared.market.news?.refresh();
    if (trouble !== undefined) this.#host.note(trouble);
  }

  /** A session that was killed left bars to work through again: the strategy is asked then. */
  get asksStrategy(): boolean {
    return this.#tail.some(({ type }) => type === 'bars');
  }

  /** Brings the book to nothing. Answers with what was held and what is now. */
  async flatten(input: FlattenInput): Promise<{ readonly held: HeldBefore; readonly flat: boolean }> {
    const now = this.#options.clock.now();
    await this.#redo();
    if (!isFlat(this.#book.desk)) this.#flatten(now, input);
    // Questions that wait no more are taken back for everybody to see.
    this.#approvals.look(now);
    return { held: this.#flattened, flat: isFlat(this.#book.desk) };
  }

  /** Inputs that were recorded and not finished when the last session died. */
  async #redo(): Promise<void> {
    const { journal } = this.#book;
    for (const record of this.#tail) {
      // What an input led to was repeated with it.
      if (Number(record['seq']) <= journal.position.seq) continue;
      await this.#again(record, Date.parse(String(record['ts'])));
    }
  }

  async #again(record: Readonly<Record<string, unknown>>, ts: EpochMs): Promise<void> {
    switch (record['type']) {
      case 'bars':
        return this.#apply(record['input'] as BarsInput);
      case 'halts':
        return this.#halts.look();
      case 'tick':
        return this.#step(ts);
      case 'resumed':
        return this.#resume(ts, record['resumes'] as readonly LatchResume[]);
      case 'approved':
      case 'declined':
        return this.#answer(recordedAnswer(record, ts));
      case 'flatten':
        return this.#flatten(ts, { who: String(record['who']), reason: String(record['reason']) });
      case 'approval-refused':
        return this.#remark(ts, 'approval-refused', refusedMail(record));
      case 'feed':
        return this.#remark(ts, 'feed', feedFields(record));
    }
  }

  /** Keeps `HALT` and the engine's latches together. True while a latch is closed. */
  #settle(now: EpochMs): boolean {
    const { engine } = this.#book.desk;
    if (engine.latches.length === 0) return false;
    const resumes = this.#latches.settle(engine);
    if (resumes === undefined) return true;
    this.#resume(now, resumes);
    return false;
  }

  #requireNotHalted(): void {
    const { request, definition, market } = this.#prepared;
    if (this.#book.desk.engine.latches.length === 0) return;
    const traded = market.instruments.slice(0, market.tradedCount);
    requireNotHalted(request.home, paperTrader(definition.name), traded);
  }

  /** A person lifted every halt of the latches: they open, and the journal says who did it. */
  #resume(now: EpochMs, resumes: readonly LatchResume[]): void {
    const { desk, journal } = this.#book;
    journal.append(now, 'resumed', { resumes });
    journal.flush(true);
    desk.engine.step({ kind: 'resumed', ts: now });
    this.#latches.opened();
    this.#checkpoint();
    const reason = resumes.map((resume) => resume.reason).at(-1) ?? '';
    this.#options.onEvent('resumed', { latches: resumes.map(({ id }) => id), reason });
  }

  /** Works through what closed since the last bar; decides at the newest close time only. */
  async #catchUp(now: EpochMs): Promise<void> {
    this.#approvals.look(now);
    for (;;) {
      const fresh = await this.#supply.next(this.#last, now, this.#isNew);
      if (fresh === undefined) return;
      const { until, learnsUntil, outside, isOneClose = false } = fresh;
      const input = { after: this.#last, until, decideFrom: learnsUntil ?? until, missedPeriods: 0, ...outside };
      const isPast = this.#isNew || learnsUntil !== undefined || isOneClose;
      const { closes, periods } = isPast
        ? { closes: 0, periods: 0 }
        : await passedBefore(this.#supply.of(input), until);
      await this.#apply({ ...input, missed: closes, missedPeriods: periods, heardAt: now });
    }
  }

  async #apply(input: BarsInput): Promise<void> {
    const { desk, journal } = this.#book;
    // Safe on disk together with what it leads to, before anything of it is told: nobody waits for the disk twice.
    journal.append(input.until, 'bars', { input });
    this.#tellMissed(input);
    desk.engine.holdUntil(input.decideFrom, input.heardAt);
    for (const [id, heard] of Object.entries(input.heard ?? {})) this.#heard.set(id, heard);
    const parts = {
      ...desk,
      clock: replayClock(0),
      market: withPeriods(this.#supply.of(input), input),
      signal: new AbortController().signal,
      journal: this.#recorder(),
    };
    const end = await this.#halts.during(() => run(parts)).finally(() => this.#tell());
    this.#heard.clear();
    this.#rows += end.rows;
    this.#last = input.until;
    this.#isNew = false;
    this.#checkpoint();
    if (input.until < input.decideFrom) return;
    this.#decided = true;
    this.#options.onEvent('bar', { close: new Date(input.until).toISOString(), equity: desk.engine.equity });
  }

  /** Recorded as well as told: who reads the journal later must know which prices there were. */
  #tellFeed(now: EpochMs, news: FeedNews): void {
    this.#remark(now, 'feed', { ...news });
    this.#options.onEvent('feed', { ...news });
  }

  #tellMissed({ missed = 0, until }: BarsInput): void {
    if (missed === 0) return;
    this.#missed += missed;
    this.#options.onEvent('missed', { closes: missed, decidedAt: new Date(until).toISOString() });
  }

  #recorder(): RunJournal {
    return this.#book.recorder((ts, what) => {
      if (what.kind === 'latch') this.#latches.closed(what);
      this.#untold.push([ts, what]);
    });
  }

  /** Everything that was recorded is safe on disk when this returns, and told. */
  #tell(): void {
    this.#book.journal.flush(true);
    for (const [ts, what] of this.#untold.splice(0)) this.#options.onRecord(ts, what);
  }

  /** Timers come due also when no bar comes, and halts are seen. */
  #tick(now: EpochMs): void {
    this.#approvals.look(now);
    this.#halts.look();
    this.#step(now);
  }

  /** Recorded only when it did something. */
  #step(now: EpochMs): void {
    const { desk, journal } = this.#book;
    const effects = desk.engine.step({ kind: 'tick', ts: now });
    if (effects.length === 0) return;
    journal.append(now, 'tick', {});
    this.#carryOut(now, effects);
  }

  /** An answer that came back: recorded before the engine learns of it. */
  #answer(event: Approved | Declined): void {
    this.#halts.look();
    const { kind, ts, ...fields } = event;
    this.#book.journal.append(ts, kind, fields);
    this.#carryOut(ts, this.#book.desk.engine.step(event));
  }

  #remark(now: EpochMs, type: string, fields: Readonly<Record<string, unknown>>): void {
    this.#book.journal.append(now, type, fields);
    this.#book.journal.flush(true);
  }

  /** One input, whatever it leads to: nothing is kept before all of it is done, so that a restart does all of it again. */
  #flatten(now: EpochMs, input: FlattenInput): void {
    const { desk, journal } = this.#book;
    const { who, reason } = input;
    journal.append(now, 'flatten', { who, reason });
    journal.flush(true);
    const recorder = this.#recorder();
    this.#flattened = flattenDesk(desk, now, input, {
      event: (event: BrokerEvent) => recorder.record(event.ts, event),
      effect: (ts, effect) => recorder.record(ts, effect),
    });
    this.#tell();
    this.#checkpoint();
  }

  #carryOut(now: EpochMs, effects: readonly Effect[]): void {
    const { desk } = this.#book;
    const recorder = this.#recorder();
    for (const effect of effects) recorder.record(now, effect);
    this.#tell();
    for (const effect of effects) {
      if (effect.kind === 'submit') desk.broker.submit(effect.order);
      else if (effect.kind === 'cancel') desk.broker.cancel(effect.orderId, effect.reason);
      else if (effect.kind === 'refused') desk.recorder.refused(effect.failures.map(({ limit }) => limit));
    }
    this.#checkpoint();
  }

  /** The newest quote, where there are quotes; else the newest close, which ages from when the next one is missing. */
  #seen(instrument: InstrumentId, now: EpochMs): SeenPrice | undefined {
    const { market } = this.#prepared;
    const { engine } = this.#book.desk;
    const index = engine.ledger.indexOf(instrument);
    const length = market.series[index]?.timeframeMs ?? 0;
    const closed = { price: engine.priceOf(index), ageMs: Math.max(0, now - this.#last - length) };
    return this.#supply.seen(instrument) ?? closed;
  }

  #checkpoint(): void {
    const extra: Saved = { last: this.#last, latched: this.#latches.lines, halts: this.#halts.lines };
    this.#book.checkpoint(this.#rows, false, extra);
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

function feedFields({ feed, state, why, to, instruments }: Readonly<Record<string, unknown>>) {
  return { feed, state, why, to, instruments };
}

function refusedMail({ orderId, why }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { orderId, why };
}
