import type { OrderId } from '../../model/ids.js';
import type { Order } from '../../model/order.js';
import type { RowSink } from '../../ports/sink.js';
import type { OrderListener } from '../order-book.js';

interface Entry {
  order: Order;
  done: boolean;
}

/** Writes a row an order, by creation, as soon as it and all before it can change no more. */
export class OrderRows implements OrderListener {
  readonly #sink: Pick<RowSink, 'order'>;
  /** Insertion order is creation order. */
  #waiting = new Map<OrderId, Entry>();

  constructor(sink: Pick<RowSink, 'order'>) {
    this.#sink = sink;
  }

  opened(order: Order): void {
    this.#waiting.set(order.id, { order, done: false });
  }

  closed(order: Order): void {
    const entry = this.#waiting.get(order.id);
    if (entry === undefined) return;
    entry.order = order;
    entry.done = true;
    for (const [id, first] of this.#waiting) {
      if (!first.done) break;
      this.#sink.order(first.order);
      this.#waiting.delete(id);
    }
  }

  /** The last state of those that still work, at the end of a run. They stay waiting: the run may go on. */
  flushAll(): void {
    for (const { order } of this.#waiting.values()) this.#sink.order(order);
  }

  relink(order: Order): void {
    const entry = this.#waiting.get(order.id);
    if (entry !== undefined) entry.order = order;
  }

  save(): unknown {
    return [...this.#waiting.values()];
  }

  load(state: unknown): void {
    this.#waiting = new Map((state as Entry[]).map((entry) => [entry.order.id, { ...entry }]));
  }
}
