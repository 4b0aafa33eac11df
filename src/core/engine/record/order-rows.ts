import type { Order } from '../../model/order.js';
import type { RowSink } from '../../ports/sink.js';
import type { OrderListener } from '../order-book.js';

/** An order as a snapshot keeps it. */
interface SavedRow {
  readonly order: Order;
  readonly done: boolean;
}

/** So many rows that were written are kept before they are thrown away together. */
const MOST_WRITTEN = 1_000;

/** Writes a row an order, by creation, as soon as it and all before it can change no more. */
export class OrderRows implements OrderListener {
  readonly #sink: Pick<RowSink, 'order'>;
  /** In order of creation; those before `#first` have their row. */
  #waiting: Order[] = [];
  #first = 0;

  constructor(sink: Pick<RowSink, 'order'>) {
    this.#sink = sink;
  }

  opened(order: Order): void {
    this.#waiting.push(order);
  }

  closed(): void {
    for (; this.#first < this.#waiting.length; this.#first++) {
      const order = this.#waiting[this.#first];
      if (order === undefined || order.status === 'working') break;
      this.#sink.order(order);
    }
    if (this.#first > MOST_WRITTEN || this.#first === this.#waiting.length) this.#forgetWritten();
  }

  /** The last state of those that still work, at the end of a run. They stay waiting: the run may go on. */
  flushAll(): void {
    for (const order of this.#open()) this.#sink.order(order);
  }

  relink(order: Order): void {
    const place = this.#waiting.findIndex((one) => one.id === order.id);
    if (place >= 0) this.#waiting[place] = order;
  }

  save(): unknown {
    return this.#open().map((order): SavedRow => ({ order, done: order.status !== 'working' }));
  }

  load(state: unknown): void {
    this.#waiting = (state as SavedRow[]).map(({ order }) => order);
    this.#first = 0;
  }

  #open(): readonly Order[] {
    return this.#waiting.slice(this.#first);
  }

  #forgetWritten(): void {
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}
