import { checkedWindow, divide, type IndicatorState, type PriceIndicator, savedNumbers } from './indicator.js';

/**
 * Average true range of Wilder (1978), in price; NaN until `window` true ranges are known. A bar's true range needs the
 * close before it, so the first answer is at bar `window` + 1.
 *
 * TR = max(high − low, |high − previous close|, |low − previous close|); the first answer is the mean of `window` of
 * them, then (ATR × (window − 1) + TR) ÷ window. It leans on its start for about five windows.
 */
export class Atr implements PriceIndicator {
  readonly #window: number;
  /** Bars seen, up to the first answer. */
  #count = 0;
  #close = 0;
  #value = 0;

  constructor(window: number) {
    this.#window = checkedWindow(window);
  }

  update(high: number, low: number, close: number): number {
    const n = this.#window;
    const before = this.#close;
    this.#close = close;
    const range = Math.max(high - low, Math.abs(high - before), Math.abs(low - before));
    if (this.#count > n) {
      this.#value = (this.#value * (n - 1) + range) / n;
      return this.#value;
    }
    this.#count += 1;
    if (this.#count === 1) return Number.NaN;
    this.#value += range;
    if (this.#count <= n) return Number.NaN;
    this.#value /= n;
    return this.#value;
  }

  save(): IndicatorState {
    return [this.#count, this.#close, this.#value];
  }

  load(state: unknown): void {
    const [count = 0, close = 0, value = 0] = savedNumbers(state, 3);
    this.#count = count;
    this.#close = close;
    this.#value = value;
  }

  split(ratio: number): void {
    this.#close /= ratio;
    this.#value /= ratio;
  }
}

/**
 * Largest of the newest `window` values, in their unit; NaN until there are so many. With highs it is the upper edge of
 * the channel of Donchian.
 */
export class RollingMax implements PriceIndicator {
  readonly #ring: Float64Array;
  readonly #window: number;
  #at = 0;
  #full = false;
  #best = Number.NEGATIVE_INFINITY;

  constructor(window: number) {
    this.#window = checkedWindow(window);
    this.#ring = new Float64Array(window).fill(Number.NEGATIVE_INFINITY);
  }

  update(x: number): number {
    const leaving = this.#ring[this.#at] ?? 0;
    this.#ring[this.#at] = x;
    this.#at += 1;
    if (this.#at === this.#window) {
      this.#at = 0;
      this.#full = true;
    }
    if (x >= this.#best) this.#best = x;
    else if (leaving >= this.#best) this.#best = this.#scan();
    return this.#full ? this.#best : Number.NaN;
  }

  save(): IndicatorState {
    const seen = this.#full ? this.#ring : this.#ring.subarray(0, this.#at);
    const filler = new Array<number>(this.#window - seen.length).fill(0);
    return [this.#at, this.#full ? 1 : 0, ...seen, ...filler];
  }

  load(state: unknown): void {
    const [at = 0, full = 0, ...ring] = savedNumbers(state, this.#window + 2);
    this.#at = at;
    this.#full = full === 1;
    this.#ring.fill(Number.NEGATIVE_INFINITY);
    this.#ring.set(this.#full ? ring : ring.slice(0, at));
    this.#best = this.#scan();
  }

  split(ratio: number): void {
    divide(this.#ring, ratio);
    this.#best /= ratio;
  }

  #scan(): number {
    let best = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.#window; i++) {
      const x = this.#ring[i] ?? best;
      if (x > best) best = x;
    }
    return best;
  }
}

/** Smallest of the newest `window` values, in their unit; NaN until there are so many. */
export class RollingMin implements PriceIndicator {
  readonly #max: RollingMax;

  constructor(window: number) {
    this.#max = new RollingMax(window);
  }

  update(x: number): number {
    return -this.#max.update(-x);
  }

  save(): IndicatorState {
    return this.#max.save();
  }

  load(state: unknown): void {
    this.#max.load(state);
  }

  split(ratio: number): void {
    this.#max.split(ratio);
  }
}
