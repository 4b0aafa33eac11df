import type { EpochMs } from '../model/ids.js';

/** Days of returns kept for value at risk: one trading year. */
const DAYS = 250;
const NO_RETURNS = new Float64Array(0);

/** What the engine remembers of prices: the newest closes for strategies, a year of daily returns for limits. */
export class MarketMemory {
  readonly #capacity: number;
  readonly #closes: Float64Array[];
  readonly #count: Int32Array;
  readonly #dayClose: Float64Array;
  readonly #dayReturns: Float64Array[];
  /** The part of each series that is in use. */
  readonly #known: Float64Array[];
  readonly #days: Int32Array;
  /** Close time of the last bar, NaN before the first. */
  readonly lastTs: Float64Array;

  constructor(instruments: number, capacity: number) {
    this.#capacity = capacity;
    this.#closes = Array.from({ length: instruments }, () => new Float64Array(capacity));
    this.#count = new Int32Array(instruments);
    this.#dayClose = new Float64Array(instruments).fill(Number.NaN);
    this.#dayReturns = Array.from({ length: instruments }, () => new Float64Array(DAYS));
    this.#known = this.#dayReturns.map((returns) => returns.subarray(0, 0));
    this.#days = new Int32Array(instruments);
    this.lastTs = new Float64Array(instruments).fill(Number.NaN);
  }

  bar(index: number, ts: EpochMs, close: number): void {
    this.lastTs[index] = ts;
    if (this.#capacity === 0) return;
    const count = this.#count[index] ?? 0;
    const ring = this.#closes[index];
    if (ring !== undefined) ring[count % this.#capacity] = close;
    this.#count[index] = count + 1;
  }

  /** The newest closes, oldest first, at most `count`. A copy. */
  closes(index: number, count: number): Float64Array {
    const ring = this.#closes[index];
    const seen = this.#count[index] ?? 0;
    const length = Math.max(0, Math.min(count, seen, this.#capacity));
    const out = new Float64Array(length);
    if (ring === undefined) return out;
    for (let i = 0; i < length; i++) out[i] = ring[(seen - length + i) % this.#capacity] ?? Number.NaN;
    return out;
  }

  /** Old closes in new units, because a split is no return. */
  split(index: number, ratio: number): void {
    const ring = this.#closes[index];
    if (ring !== undefined) for (let i = 0; i < ring.length; i++) ring[i] = (ring[i] ?? Number.NaN) / ratio;
    this.#dayClose[index] = (this.#dayClose[index] ?? Number.NaN) / ratio;
  }

  /** Ends a day: its return against the day before joins the series. */
  endDay(prices: Float64Array): void {
    for (let index = 0; index < this.#dayClose.length; index++) {
      const price = prices[index] ?? Number.NaN;
      const before = this.#dayClose[index] ?? Number.NaN;
      if (Number.isNaN(price)) continue;
      this.#dayClose[index] = price;
      if (Number.isNaN(before)) continue;
      const returns = this.#dayReturns[index];
      const days = this.#days[index] ?? 0;
      if (returns === undefined) continue;
      if (days === DAYS) returns.copyWithin(0, 1);
      returns[Math.min(days, DAYS - 1)] = price / before - 1;
      this.#grow(index, Math.min(DAYS, days + 1));
    }
  }

  /** Daily returns of the mid, oldest first; a view, valid until the next day ends. */
  dailyReturns(index: number): Float64Array {
    return this.#known[index] ?? NO_RETURNS;
  }

  /** Deviation of the newest 60 daily returns, a fraction; undefined below 20 of them. */
  dailyVolatility(index: number): number | undefined {
    const returns = this.dailyReturns(index).slice(-60);
    if (returns.length < 20) return undefined;
    let sum = 0;
    for (const r of returns) sum += r;
    const mean = sum / returns.length;
    let squares = 0;
    for (const r of returns) squares += (r - mean) * (r - mean);
    return Math.sqrt(squares / (returns.length - 1));
  }

  #grow(index: number, days: number): void {
    const returns = this.#dayReturns[index];
    this.#days[index] = days;
    if (returns !== undefined) this.#known[index] = returns.subarray(0, days);
  }

  save(): unknown {
    const list = (column: Float64Array) => Array.from(column, (value) => (Number.isNaN(value) ? null : value));
    return {
      closes: this.#closes.map((ring, index) =>
        list(ring.subarray(0, Math.min(this.#count[index] ?? 0, this.#capacity))),
      ),
      count: [...this.#count],
      dayClose: list(this.#dayClose),
      dayReturns: this.#dayReturns.map((returns, index) => list(returns.subarray(0, this.#days[index]))),
      lastTs: list(this.lastTs),
    };
  }

  load(state: unknown): void {
    const saved = state as {
      closes: number[][];
      count: number[];
      dayClose: (number | null)[];
      dayReturns: number[][];
      lastTs: (number | null)[];
    };
    const real = (values: readonly (number | null)[]) => values.map((value) => value ?? Number.NaN);
    saved.closes.forEach((ring, index) => {
      this.#closes[index]?.set(ring);
    });
    this.#count.set(saved.count);
    this.#dayClose.set(real(saved.dayClose));
    saved.dayReturns.forEach((returns, index) => {
      this.#dayReturns[index]?.set(returns);
      this.#grow(index, returns.length);
    });
    this.lastTs.set(real(saved.lastTs));
  }
}
