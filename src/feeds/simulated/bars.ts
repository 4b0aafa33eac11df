import { HOUR_MS, MINUTE_MS, rollAfter } from '../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { PriceColumns } from '../../core/model/market.js';
import { HOUR_NODES, type Minutes } from './minutes.js';
import { WEEK_HOURS, type World, weekOpen } from './world.js';

/** A day of bars ends at 17:00 New York, shorter bars at multiples of their length in UTC. */
const DAY_MS = 24 * HOUR_MS;

/** Bars being written. */
export interface BarBuffer {
  length: number;
  readonly ts: Float64Array;
  readonly volume: Float64Array;
  readonly price: PriceColumns;
  readonly bid: PriceColumns;
  readonly ask: PriceColumns;
}

export function barBuffer(rows: number): BarBuffer {
  const column = (): Float64Array => new Float64Array(rows);
  const corners = (): PriceColumns => ({ open: column(), high: column(), low: column(), close: column() });
  return {
    length: 0,
    ts: column(),
    volume: column().fill(Number.NaN),
    price: corners(),
    bid: corners(),
    ask: corners(),
  };
}

export interface WeekOfBars {
  readonly instrument: Instrument;
  readonly timeframeMs: number;
  readonly week: number;
  /** Bars that close after `after` and not after `until`. */
  readonly after: EpochMs;
  readonly until: EpochMs;
}

/** Writes a week's bars of one pair behind those already in `out`. Bars never reach over a weekend. */
export function writeWeek(out: BarBuffer, wanted: WeekOfBars, world: World, minutes: Minutes): void {
  const { instrument, timeframeMs, week } = wanted;
  const path = world.week(week);
  if (path === undefined) return;
  const base = minutes.of(instrument.base, week);
  const quote = minutes.of(instrument.quote, week);
  const open = weekOpen(week);
  const pieceMs = Math.min(timeframeMs, HOUR_MS);
  const piece = pieceMs / MINUTE_MS;
  const endOf =
    timeframeMs >= DAY_MS
      ? (ts: EpochMs): EpochMs => rollAfter(ts - 1)
      : (ts: EpochMs): EpochMs => Math.ceil(ts / timeframeMs) * timeframeMs;
  const row = new Row(out, instrument.tick);
  for (let hour = 0; hour < WEEK_HOURS; hour++) {
    const half = 0.5 * instrument.typicalSpread * (path.spread[hour] ?? 1);
    for (let minute = 0; minute < 60; minute += piece) {
      const ts = open + hour * HOUR_MS + (minute + piece) * MINUTE_MS;
      const end = endOf(ts);
      if (end <= wanted.after) continue;
      if (end > wanted.until) return;
      const from = hour * HOUR_NODES + minute;
      row.add(base, quote, from, from + piece, half, end);
    }
  }
}

/** Puts pieces of one hour or less into the bar they belong to. */
class Row {
  readonly #out: BarBuffer;
  /** Grid steps in one unit of price. */
  readonly #steps: number;
  #end = Number.NEGATIVE_INFINITY;

  constructor(out: BarBuffer, tick: number) {
    this.#out = out;
    this.#steps = tick < 1 ? Math.round(1 / tick) : 1 / tick;
  }

  add(base: Float64Array, quote: Float64Array, from: number, to: number, half: number, end: EpochMs): void {
    const open = (base[from] ?? 0) / (quote[from] ?? 1);
    let high = open;
    let low = open;
    for (let i = from + 1; i < to; i++) {
      const mid = (base[i] ?? 0) / (quote[i] ?? 1);
      if (mid > high) high = mid;
      if (mid < low) low = mid;
    }
    const close = (base[to] ?? 0) / (quote[to] ?? 1);
    if (close > high) high = close;
    if (close < low) low = close;
    const fresh = end !== this.#end;
    if (fresh) this.#start(end, open, half);
    this.#grow(high, low, close, half, fresh);
  }

  #start(end: EpochMs, open: number, half: number): void {
    const out = this.#out;
    const row = out.length++;
    this.#end = end;
    out.ts[row] = end;
    out.volume[row] = Number.NaN;
    const bid = this.#bid(open, half);
    const ask = this.#ask(open, half);
    out.bid.open[row] = bid;
    out.ask.open[row] = ask;
    out.price.open[row] = (bid + ask) / 2;
  }

  #grow(high: number, low: number, close: number, half: number, fresh: boolean): void {
    const { bid, ask, price, length } = this.#out;
    const row = length - 1;
    setHighLow(bid, row, this.#bid(high, half), this.#bid(low, half), fresh);
    setHighLow(ask, row, this.#ask(high, half), this.#ask(low, half), fresh);
    const midHigh = (this.#bid(high, half) + this.#ask(high, half)) / 2;
    const midLow = (this.#bid(low, half) + this.#ask(low, half)) / 2;
    setHighLow(price, row, midHigh, midLow, fresh);
    bid.close[row] = this.#bid(close, half);
    ask.close[row] = this.#ask(close, half);
    price.close[row] = ((bid.close[row] ?? 0) + (ask.close[row] ?? 0)) / 2;
  }

  /** Outward to the grid, so that bid ≤ mid ≤ ask and no chain of conversions can earn. */
  #bid(mid: number, half: number): number {
    return Math.floor((mid - half) * this.#steps) / this.#steps;
  }

  #ask(mid: number, half: number): number {
    return Math.ceil((mid + half) * this.#steps) / this.#steps;
  }
}

function setHighLow(side: PriceColumns, row: number, high: number, low: number, fresh: boolean): void {
  if (fresh || high > (side.high[row] ?? 0)) side.high[row] = high;
  if (fresh || low < (side.low[row] ?? 0)) side.low[row] = low;
}
