import type { EngineEvent, EventBatch } from '../../core/model/event.js';
import type { BarBatch } from '../../core/model/market.js';
import type { EventQueue } from './event-queue.js';
import type { SimBar } from './sim-bar.js';

/** What a walk needs of the venue. */
interface Venue {
  readonly queue: EventQueue;
  pass(batch: BarBatch, row: number): SimBar;
  settle(): void;
}

/**
 * Rows of a batch with the venue's events between them: first what happened up to a bar's close, then the bar, then the
 * answers to what was sent at it. Written by hand and with one result object for all steps: a generator takes six times
 * as long, and this is the loop that everything runs in.
 */
export class WovenEvents implements EventBatch, Iterator<EngineEvent> {
  readonly #venue: Venue;
  readonly #batch: BarBatch;
  readonly #to: number;
  #row: number;
  /** The bar whose earlier events are being handed out. */
  #bar: SimBar | undefined;
  /** A bar was handed out, and its answers not yet asked for. */
  #open = false;
  readonly #result: { done: boolean; value: EngineEvent } = { done: false, value: { kind: 'tick', ts: 0 } };

  constructor(venue: Venue, batch: BarBatch, from: number, to: number) {
    this.#venue = venue;
    this.#batch = batch;
    this.#row = from;
    this.#to = to;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<EngineEvent> {
    const venue = this.#venue;
    if (this.#open) {
      this.#open = false;
      venue.settle();
    }
    const earlier = venue.queue.next();
    if (earlier !== undefined) return this.#give(earlier);
    if (this.#bar === undefined) {
      if (this.#row >= this.#to) {
        this.#result.done = true;
        return this.#result as IteratorResult<EngineEvent>;
      }
      this.#bar = venue.pass(this.#batch, this.#row);
      this.#row++;
      const before = venue.queue.next();
      if (before !== undefined) return this.#give(before);
    }
    const bar = this.#bar;
    this.#bar = undefined;
    this.#open = true;
    return this.#give(bar);
  }

  #give(event: EngineEvent): IteratorResult<EngineEvent> {
    this.#result.value = event;
    return this.#result as IteratorResult<EngineEvent>;
  }
}
