import type { Outbox } from '../../../core/dispatch/outbox.js';
import type { Effect } from '../../../core/engine/effect.js';
import { run } from '../../../core/engine/run.js';
import type { Approved, BrokerEvent, Declined } from '../../../core/model/event.js';
import type { EpochMs, OrderId } from '../../../core/model/ids.js';
import type { BarColumns } from '../../../core/model/market.js';
import type { Break } from '../../../core/orders/reconcile.js';
import { isOrderRecord, type OrderRecord, type RecordedOrder } from '../../../core/orders/records.js';
import { engineEvents } from '../../../core/orders/translate.js';
import { type Clock, replayClock } from '../../../core/ports/clock.js';
import type { JournalRecord } from '../../../core/state/books/journal.js';
import type { Recorded } from '../book.js';
import { recordedAnswer } from '../realtime/approvals.js';
import type { Latches, LatchResume } from '../realtime/latches.js';
import { withPeriods } from '../realtime/periods.js';
import type { RecordedHalts } from '../realtime/recorded-halts.js';
import type { LiveBook } from './book/live-book.js';
import { fromRecorded, type RecordedBars } from './market/recorded-bars.js';
import type { VenueMarket } from './market/venue-market.js';

/** Bars as the journal keeps them; decided at `until` only. */
export interface BarsInput {
  readonly until: EpochMs;
  readonly missedPeriods: number;
  /** When they were heard of. Journals of earlier versions do not say. */
  readonly heardAt?: EpochMs;
  readonly bars: readonly RecordedBars[];
}

export interface InputParts {
  readonly book: LiveBook;
  readonly market: VenueMarket;
  readonly outbox: Outbox;
  readonly halts: RecordedHalts;
  readonly latches: Latches;
  readonly clock: Clock;
  onRecord(ts: EpochMs, what: Recorded): void;
}

/**
 * The one way into the engine of a live book: an input is recorded, then told to the engine; what the engine answers is
 * recorded, then waits in the outbox. A restart tells it the recorded inputs again, in their order, and nothing else.
 */
export class Inputs {
  /** Close of the last bar that was worked through. */
  last: EpochMs;
  breaks: readonly Break[];
  /** Bars worked through since somebody asked. */
  #worked = 0;
  readonly #parts: InputParts;
  /** While a restart goes over old records, their times. */
  #at: EpochMs | undefined;

  constructor(parts: InputParts, last: EpochMs, breaks: readonly Break[]) {
    this.#parts = parts;
    this.last = last;
    this.breaks = breaks;
  }

  /** Tells the engine again what was recorded after the last snapshot. */
  async repeat(): Promise<void> {
    const { log } = this.#parts.book;
    for (let record = log.nextInput(); record !== undefined; record = log.nextInput()) {
      this.#at = Date.parse(String(record['ts']));
      await this.#again(record);
    }
    this.#at = undefined;
  }

  /**
   * Bars that are learnt from, never decided on, and in no journal: the past of a new book. With an input those that another
   * program decided on.
   */
  async learn(bars: readonly BarColumns[], until: EpochMs, input?: BarsInput): Promise<void> {
    const { book, market } = this.#parts;
    book.desk.engine.holdUntil(Number.POSITIVE_INFINITY);
    const signal = new AbortController().signal;
    const merged = input === undefined ? market.merged(bars) : withPeriods(market.merged(bars), input);
    const end = await run({ ...book.desk, clock: replayClock(0), market: merged, signal });
    if (input !== undefined) this.#worked += end.rows;
    this.last = until;
  }

  async bars(columns: readonly BarColumns[], input: BarsInput): Promise<void> {
    const { book, market, halts } = this.#parts;
    const { log, desk } = book;
    this.#record('bars', { input });
    log.flush(true);
    desk.engine.holdUntil(input.until, input.heardAt);
    const parts = {
      ...desk,
      clock: replayClock(0),
      market: withPeriods(market.merged(columns), input),
      signal: new AbortController().signal,
      journal: { record: (_: EpochMs, what: Recorded) => this.#tell(what) },
    };
    const end = await halts.during(() => run(parts));
    this.#worked += end.rows;
    this.last = input.until;
  }

  /** Timers come due also when no bar comes. Recorded only when it did something. */
  tick(now: EpochMs): void {
    const { book, halts } = this.#parts;
    if (this.#at === undefined) halts.look();
    const ts = this.#at ?? now;
    const effects = book.desk.engine.step({ kind: 'tick', ts });
    if (effects.length === 0) return;
    this.#record('tick', {}, ts);
    this.#carryOut(effects);
  }

  /** A person said yes or no to an order that waits, or somebody did in a person's place. */
  answer(event: Approved | Declined): void {
    const { book, halts } = this.#parts;
    if (this.#at === undefined) halts.look();
    const { kind, ts, ...fields } = event;
    this.#record(kind, fields, ts);
    this.#carryOut(book.desk.engine.step(event));
  }

  /** A person lifted every halt of the engine's latches: they open. */
  resume(resumes: readonly LatchResume[]): void {
    const { book, latches, clock } = this.#parts;
    this.#record('resumed', { resumes });
    book.desk.engine.step({ kind: 'resumed', ts: this.#at ?? clock.now() });
    latches.opened();
  }

  /** What is said of an order: folded, and told to the engine in its own words. */
  note(record: OrderRecord): void {
    const { type, ...fields } = record;
    const ts = this.#at ?? this.#parts.clock.now();
    this.#record(type, fields);
    for (const event of folded(record, ts, this.#parts)) this.#feed(event);
  }

  /** An order that the engine did not make: a stop where there was none. It is recorded like any other. */
  own(order: RecordedOrder): void {
    const { book, clock } = this.#parts;
    this.#record('submit', { order });
    book.orders.apply({ type: 'submit', order }, this.#at ?? clock.now());
  }

  /** A person takes the venue's word. */
  adopt(who: string, reason: string, event: BrokerEvent): void {
    this.#record('adoption', { who, reason, event });
    this.#feed(event);
  }

  /** What was decided to be taken back before, and was not yet: that holds under any settings. */
  takeBack(orderId: OrderId, reason: string): void {
    this.#record('take-back', { orderId, reason });
    this.#parts.outbox.cancel(orderId, reason);
    this.#parts.book.log.flush(true);
  }

  /** How the venue and we differ; blocks new risk until a reading without a difference. */
  reconciled(fields: object, breaks: readonly Break[]): void {
    this.#record('reconciled', { ...fields, breaks });
    this.breaks = breaks;
  }

  /** Something worth keeping that changes nothing. */
  remark(type: string, fields: object): void {
    this.#record(type, fields);
  }

  /** Bars worked through since the last time. */
  takeWorked(): number {
    const worked = this.#worked;
    this.#worked = 0;
    return worked;
  }

  async #again(record: JournalRecord): Promise<void> {
    if (isOrderRecord(record) && record.type !== 'submit') {
      this.note(withoutFrame(record) as unknown as OrderRecord);
      return;
    }
    switch (record['type']) {
      case 'bars': {
        const input = record['input'] as BarsInput;
        return this.bars(input.bars.map(fromRecorded), input);
      }
      case 'halts':
        this.#parts.halts.look();
        break;
      case 'tick':
        this.tick(Date.parse(String(record['ts'])));
        break;
      case 'approved':
      case 'declined':
        this.answer(recordedAnswer(record, Date.parse(String(record['ts']))));
        break;
      case 'resumed':
        this.resume(record['resumes'] as readonly LatchResume[]);
        break;
      case 'submit':
        // The engine's own ones were checked off with what led to them.
        this.own(record['order'] as RecordedOrder);
        break;
      case 'adoption':
        this.adopt(String(record['who']), String(record['reason']), record['event'] as BrokerEvent);
        break;
      case 'take-back':
        this.takeBack(record['orderId'] as OrderId, String(record['reason']));
        break;
      case 'reconciled':
        this.reconciled(withoutFrame(record), record['breaks'] as readonly Break[]);
        break;
      default:
        this.#record(String(record['type']), {});
    }
  }

  #feed(event: BrokerEvent): void {
    this.#tell(event);
    this.#carryOut(this.#parts.book.desk.engine.step(event));
  }

  #carryOut(effects: readonly Effect[]): void {
    const { outbox, book } = this.#parts;
    for (const effect of effects) this.#tell(effect);
    for (const effect of effects) {
      if (effect.kind === 'submit') outbox.submit(effect.order);
      else if (effect.kind === 'cancel') outbox.cancel(effect.orderId, effect.reason);
      else if (effect.kind === 'refused') book.desk.recorder.refused(effect.failures.map((failure) => failure.limit));
    }
  }

  /** What the engine was told or did goes into the journal; an order that is to be sent is ours from here on. */
  #tell(what: Recorded): void {
    const { book, clock, latches, onRecord } = this.#parts;
    const ts = this.#at ?? clock.now();
    const { kind, ...fields } = what;
    this.#record(kind, fields);
    if (what.kind === 'submit') book.orders.apply({ type: 'submit', order: what.order }, ts);
    if (what.kind === 'latch') latches.closed(what);
    if (this.#at === undefined) onRecord(ts, what);
  }

  #record(type: string, fields: object, now?: EpochMs): void {
    const { book, clock } = this.#parts;
    const { ts: _, ...own } = fields as { ts?: unknown };
    book.log.append(this.#at ?? now ?? clock.now(), type, own);
  }
}

/** Folds what is said of an order, and returns it in the engine's words. */
export function folded(record: OrderRecord, ts: EpochMs, { book, market }: InputParts): readonly BrokerEvent[] {
  const { engine } = book.desk;
  const traded = market.instruments.slice(0, market.tradedCount);
  return engineEvents(book.orders.apply(record, ts), ts, {
    hasOrder: (id) => engine.orders.find(id) !== undefined,
    trades: (id) => traded.some((one) => one.id === id),
  });
}

/** What the journal adds to each record. */
const FRAME: ReadonlySet<string> = new Set([
  ...['v', 'seq', 'ts', 'prev'],
  ...['mono', 'boot', 'build', 'config', 'generation'],
]);

/** A record as it was written, without what the journal added. */
export function withoutFrame(record: JournalRecord): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !FRAME.has(key)));
}
