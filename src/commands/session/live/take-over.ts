import type { Effect } from '../../../core/engine/effect.js';
import type { BrokerEvent, EngineEvent } from '../../../core/model/event.js';
import type { EpochMs, OrderId } from '../../../core/model/ids.js';
import type { Break } from '../../../core/orders/reconcile.js';
import { isOrderRecord, type OrderRecord, type RecordedOrder } from '../../../core/orders/records.js';
import type { JournalRecord } from '../../../core/state/books/journal.js';
import type { HaltLine } from '../../../core/state/halt-file.js';
import { engineNumber } from './book/same-record.js';
import { isDiverged } from './book/tail-log.js';
import { type BarsInput, folded, type InputParts, type Inputs, withoutFrame } from './inputs.js';
import type { LiveParts } from './live-parts.js';
import type { LiveSession } from './live-session.js';
import { fromRecorded } from './market/recorded-bars.js';

const NOT_ASKED = 'decided by another program';

/** A session whose book is open, and that has not gone over what happened after its last snapshot. */
export interface OpenSession {
  readonly session: Pick<LiveSession, 'inputs' | 'checkpoint'>;
  readonly parts: LiveParts;
}

/** Opens a session and goes over what is recorded; where that comes out otherwise, what is recorded stands. */
export async function goneOver<T extends OpenSession>(open: () => Promise<T>): Promise<T> {
  const opened = await open();
  try {
    await opened.session.inputs.repeat();
    return opened;
  } catch (error) {
    opened.parts.book.close();
    if (isDiverged(error)) return takenOver(await open(), error.message);
    throw error;
  }
}

async function takenOver<T extends OpenSession>(opened: T, why: string): Promise<T> {
  const { session, parts } = opened;
  try {
    await new TakeOver(parts, session.inputs).run();
    const message = `${why}; what is recorded stands, and what was not sent never will be`;
    session.inputs.remark('retold', { message });
    parts.onEvent('retold', { message });
    session.checkpoint();
    return opened;
  } catch (error) {
    parts.book.close();
    throw error;
  }
}

/**
 * Ends the records after the last snapshot as they stand, where going over them again comes out otherwise: the strategy or the
 * program was changed after a crash, or a strategy is not deterministic. Every order that left, and every fill, stands in the
 * journal, so nothing has to be decided anew: orders and money are taken from there, bars are only learnt from. What was decided
 * and never sent stays unsent, what was to be taken back is taken back, and what waited for a person is asked for no more.
 */
class TakeOver {
  readonly #parts: InputParts;
  readonly #inputs: Inputs;
  readonly #cancels = new Map<OrderId, string>();
  /** Orders are numbered on from here. */
  #numbered = 0;

  constructor(parts: InputParts, inputs: Inputs) {
    this.#parts = parts;
    this.#inputs = inputs;
  }

  async run(): Promise<void> {
    const { book, outbox, latches } = this.#parts;
    const { log, desk } = book;
    for (let record = log.next(); record !== undefined; record = log.next()) {
      await this.#take(record, Date.parse(String(record['ts'])));
      log.keep();
    }
    for (const [orderId, reason] of this.#cancels) outbox.cancel(orderId, reason);
    if (latches.lines.length > 0) latches.settle(desk.engine);
  }

  async #take(record: JournalRecord, ts: EpochMs): Promise<void> {
    if (isOrderRecord(record)) {
      if (record.type === 'submit') this.#submitted(record.order, ts);
      else for (const event of folded(withoutFrame(record) as OrderRecord, ts, this.#parts)) this.#step(event);
      return;
    }
    switch (record['type']) {
      case 'bars': {
        const input = record['input'] as BarsInput;
        await this.#inputs.learn(input.bars.map(fromRecorded), input.until, input);
        this.#dropErrands();
        break;
      }
      case 'halts':
        this.#parts.halts.recall(record['halts'] as readonly HaltLine[]);
        break;
      case 'latch':
        this.#parts.latches.closed({ ...(withoutFrame(record) as Extract<Effect, { kind: 'latch' }>), ts });
        break;
      case 'resumed':
        this.#step({ kind: 'resumed', ts });
        this.#parts.latches.opened();
        break;
      case 'adoption':
        this.#step(record['event'] as BrokerEvent);
        break;
      case 'reconciled':
        this.#inputs.breaks = record['breaks'] as readonly Break[];
        break;
      default:
        this.#decided(record, ts);
    }
  }

  /** What the other program made of an input. */
  #decided(record: JournalRecord, ts: EpochMs): void {
    const { type, orderId, order } = record as { type?: unknown; orderId?: OrderId; order?: RecordedOrder };
    this.#number(orderId ?? order?.id);
    if ((type === 'cancel' || type === 'take-back') && orderId !== undefined)
      this.#cancels.set(orderId, String(record['reason']));
    if ((type === 'withdrawn' || type === 'refused' || type === 'declined') && orderId !== undefined) {
      this.#unpark(orderId, ts);
    }
  }

  #submitted(order: RecordedOrder, ts: EpochMs): void {
    const { book } = this.#parts;
    const { orders } = book.desk.engine;
    book.orders.apply({ type: 'submit', order }, ts);
    if (engineNumber(order.id) === undefined) return;
    this.#number(order.id);
    this.#unpark(order.id, ts);
    const { id, clientId, createdAt, intent } = order;
    const { reason } = intent;
    const sent = { id, clientId, createdAt, sentAt: ts, intent };
    orders.add({ ...sent, status: 'working', filledUnits: 0, averagePrice: 0, reason });
  }

  /** An order that waited for a person when the snapshot was made waits no more. */
  #unpark(orderId: OrderId, ts: EpochMs): void {
    if (this.#parts.book.desk.engine.orders.find(orderId)?.isParked !== true) return;
    this.#step({ kind: 'declined', ts, orderId, who: 'session', reason: NOT_ASKED });
  }

  /** The engine learns of it; what it would decide on that was decided already. */
  #step(event: EngineEvent): void {
    const { engine } = this.#parts.book.desk;
    for (const effect of engine.step(event)) {
      if (effect.kind === 'submit') engine.orders.end(effect.order.id, 'rejected', NOT_ASKED);
    }
  }

  /** Exits that a risk rule asked for over the bars stand in the journal where they were asked for. */
  #dropErrands(): void {
    const { outbox, book } = this.#parts;
    for (const errand of outbox.take()) {
      if (errand.kind === 'submit') book.desk.engine.orders.end(errand.order.id, 'rejected', NOT_ASKED);
    }
  }

  #number(id: OrderId | undefined): void {
    const number = engineNumber(id);
    if (number === undefined) return;
    const { orders } = this.#parts.book.desk.engine;
    while (this.#numbered < number) this.#numbered = orders.nextId();
  }
}
