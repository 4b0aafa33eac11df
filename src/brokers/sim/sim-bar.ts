import type { BarEvent } from '../../core/model/event.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { BarBatch, PriceColumns } from '../../core/model/market.js';
import type { Side } from '../../core/model/order.js';

/** Full spread in price where the data has one price; asked for only when an order or a decision needs it. */
export type SpreadModel = (instrument: Instrument, ts: EpochMs) => number;

/** The current bar of one instrument, reused for each of its rows, with both sides of the market. */
export class SimBar implements BarEvent {
  readonly kind = 'bar';
  readonly index: number;
  readonly definition: Instrument;
  readonly instrument: Instrument['id'];
  ts = Number.NaN;
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  volume = Number.NaN;
  flags = 0;
  /** Close of the bar before, NaN for the first. */
  previousTs = Number.NaN;
  bidOpen = 0;
  bidHigh = 0;
  bidLow = 0;
  bidClose = 0;
  askOpen = 0;
  askHigh = 0;
  askLow = 0;
  askClose = 0;
  /** The data has both sides; else they are modelled around the price. */
  twoSided = false;
  readonly #reads: 'mid' | 'bid' | 'both';
  readonly #model: SpreadModel;

  /** `reads`: what the data holds; `both` takes its bid and ask, `mid` models them (or, where nothing costs, has none). */
  constructor(index: number, definition: Instrument, reads: 'mid' | 'bid' | 'both', model: SpreadModel) {
    this.index = index;
    this.definition = definition;
    this.instrument = definition.id;
    this.#reads = reads;
    this.#model = model;
  }

  /** Takes over row `row`. */
  read(batch: BarBatch, row: number): void {
    const { price, bid, ask } = batch;
    this.previousTs = this.ts;
    this.ts = batch.ts[row] ?? Number.NaN;
    this.open = price.open[row] ?? Number.NaN;
    this.high = price.high[row] ?? Number.NaN;
    this.low = price.low[row] ?? Number.NaN;
    this.close = price.close[row] ?? Number.NaN;
    this.volume = batch.volume[row] ?? Number.NaN;
    this.flags = batch.flags[row] ?? 0;
    if (this.#reads === 'both' && bid !== undefined && ask !== undefined) this.#readSides(bid, ask, row);
  }

  #readSides(bid: PriceColumns, ask: PriceColumns, row: number): void {
    this.bidOpen = bid.open[row] ?? Number.NaN;
    this.twoSided = !Number.isNaN(this.bidOpen);
    this.bidHigh = bid.high[row] ?? Number.NaN;
    this.bidLow = bid.low[row] ?? Number.NaN;
    this.bidClose = bid.close[row] ?? Number.NaN;
    this.askOpen = ask.open[row] ?? Number.NaN;
    this.askHigh = ask.high[row] ?? Number.NaN;
    this.askLow = ask.low[row] ?? Number.NaN;
    this.askClose = ask.close[row] ?? Number.NaN;
  }

  /** Full spread at the close. */
  get spread(): number {
    return this.twoSided ? this.askClose - this.bidClose : this.#model(this.definition, this.ts);
  }

  /** What a trader on `side` meets: asks to buy, bids to sell. */
  corners(side: Side): Corners {
    if (this.twoSided) {
      return side === 'buy'
        ? { open: this.askOpen, high: this.askHigh, low: this.askLow, close: this.askClose }
        : { open: this.bidOpen, high: this.bidHigh, low: this.bidLow, close: this.bidClose };
    }
    const away = this.#away(side);
    return {
      open: this.open + away,
      high: this.high + away,
      low: this.low + away,
      close: this.close + away,
    };
  }

  /** The corners of a side hold a modelled spread, so the price may lie off the grid. */
  isModelled(side: Side): boolean {
    return this.#away(side) !== 0;
  }

  /** Half the spread at the open, in price. */
  halfSpreadAtOpen(): number {
    return (this.twoSided ? this.askOpen - this.bidOpen : this.#model(this.definition, this.ts)) / 2;
  }

  /** From the price of the data to what a side meets, in price; nothing where the data has both sides. */
  #away(side: Side): number {
    if (this.twoSided) return 0;
    const spread = this.#model(this.definition, this.ts);
    if (this.#reads === 'bid') return side === 'buy' ? spread : 0;
    return side === 'buy' ? spread / 2 : -spread / 2;
  }

  save(): unknown {
    const { ts, open, high, low, close, bidClose, askClose, twoSided } = this;
    return Number.isNaN(ts) ? null : { ts, open, high, low, close, bidClose, askClose, twoSided };
  }

  load(state: unknown): void {
    if (state !== null) Object.assign(this, state);
  }
}

/** One side of a bar. */
export interface Corners {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}
