import type { EpochMs } from '../../core/model/ids.js';
import type { Periods } from './periods.js';

/** Open, high, low, close of one side. */
export type Corners = readonly [open: number, high: number, low: number, close: number];

/** A bar of one instrument with both sides where they are known. */
export interface LiveBar {
  /** Close time. */
  readonly ts: EpochMs;
  readonly price: Corners;
  readonly bid?: Corners;
  readonly ask?: Corners;
  /** Quotes in it, or what the vendor counts; NaN where nobody does. */
  readonly volume: number;
}

class Side {
  open = 0;
  high = 0;
  low = 0;
  close = 0;

  begin(price: number): void {
    this.open = price;
    this.high = price;
    this.low = price;
    this.close = price;
  }

  take(price: number): void {
    if (price > this.high) this.high = price;
    if (price < this.low) this.low = price;
    this.close = price;
  }

  get corners(): Corners {
    return [this.open, this.high, this.low, this.close];
  }
}

/** Makes bars of one instrument out of its quotes. A period without a quote makes no bar; a tick allocates nothing. */
export class BarMaker {
  readonly #periods: Periods;
  readonly #countsQuotes: boolean;
  readonly #bid = new Side();
  readonly #ask = new Side();
  readonly #mid = new Side();
  #count = 0;
  #end = Number.NEGATIVE_INFINITY;
  /** Quotes of periods that were closed already. */
  late = 0;

  /** `countsQuotes`: their number stands for the volume, as vendors of currencies count it. */
  constructor(periods: Periods, countsQuotes = true) {
    this.#periods = periods;
    this.#countsQuotes = countsQuotes;
  }

  /** Takes a good quote, in the time of the vendor. Answers with the bar that it ended, if it is the first of a new period. */
  hear(ts: EpochMs, bid: number, ask: number): LiveBar | undefined {
    if (ts < this.#end) {
      // A period that was closed stays closed: its bar may have been decided on.
      if (this.#count > 0) this.#take(bid, ask);
      else this.late++;
      return undefined;
    }
    const ended = this.#close();
    this.#end = this.#periods.closeOf(ts);
    this.#begin(bid, ask);
    return ended;
  }

  /** Close of the bar that is being made; infinity while there is none. */
  get end(): EpochMs {
    return this.#count > 0 ? this.#end : Number.POSITIVE_INFINITY;
  }

  /** The clock says that it is `now` over there: a bar whose period is over by then is done. */
  closeUpTo(now: EpochMs): LiveBar | undefined {
    return this.#count > 0 && this.#end <= now ? this.#close() : undefined;
  }

  #begin(bid: number, ask: number): void {
    this.#bid.begin(bid);
    this.#ask.begin(ask);
    this.#mid.begin((bid + ask) / 2);
    this.#count = 1;
  }

  #take(bid: number, ask: number): void {
    this.#bid.take(bid);
    this.#ask.take(ask);
    this.#mid.take((bid + ask) / 2);
    this.#count++;
  }

  #close(): LiveBar | undefined {
    if (this.#count === 0) return undefined;
    const bar = {
      ts: this.#end,
      price: this.#mid.corners,
      bid: this.#bid.corners,
      ask: this.#ask.corners,
      volume: this.#countsQuotes ? this.#count : Number.NaN,
    };
    this.#count = 0;
    return bar;
  }
}
