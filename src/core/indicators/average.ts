import { checkedWindow, divide, type IndicatorState, type PriceIndicator, savedNumbers } from './indicator.js';

/** The sum is made afresh when the window has been replaced whole so many times. */
const FRESH_EVERY = 16;

/**
 * Mean of the newest `window` values, in their unit; NaN until there are so many.
 *
 * The running sum takes the new value and gives back the old one, so over integers it is exact, and with a window that is
 * a power of two the mean is too. Now and then the sum is made afresh: rounding noise of decimal prices cannot pile up
 * over millions of bars, and integers stay as they are.
 */
export class Sma implements PriceIndicator {
  /** The window's values, then their sum: a number in a column is written in place, one in a field may be boxed. */
  readonly #cells: Float64Array;
  readonly #window: number;
  #at = 0;
  #full = false;
  #wraps = 0;

  constructor(window: number) {
    this.#window = checkedWindow(window);
    this.#cells = new Float64Array(window + 1);
  }

  update(x: number): number {
    const cells = this.#cells;
    const window = this.#window;
    const at = this.#at;
    const sum = (cells[window] ?? 0) + (x - (cells[at] ?? 0));
    cells[window] = sum;
    cells[at] = x;
    if (at + 1 === window) return this.#wrap() / window;
    this.#at = at + 1;
    return this.#full ? sum / window : Number.NaN;
  }

  /** What the last `update` gave. */
  get value(): number {
    return this.#full ? (this.#cells[this.#window] ?? 0) / this.#window : Number.NaN;
  }

  save(): IndicatorState {
    return [this.#at, this.#full ? 1 : 0, this.#wraps, ...this.#cells];
  }

  load(state: unknown): void {
    const [at = 0, full = 0, wraps = 0, ...cells] = savedNumbers(state, this.#window + 4);
    this.#at = at;
    this.#full = full === 1;
    this.#wraps = wraps;
    this.#cells.set(cells);
  }

  split(ratio: number): void {
    divide(this.#cells, ratio);
    this.#sumAfresh();
  }

  /** Starts the window again at its first cell; gives the sum. */
  #wrap(): number {
    this.#at = 0;
    this.#full = true;
    this.#wraps = (this.#wraps + 1) % FRESH_EVERY;
    if (this.#wraps !== 0) return this.#cells[this.#window] ?? 0;
    return this.#sumAfresh();
  }

  #sumAfresh(): number {
    let sum = 0;
    for (let i = 0; i < this.#window; i++) sum += this.#cells[i] ?? 0;
    this.#cells[this.#window] = sum;
    return sum;
  }
}

/**
 * Exponential mean with weight 2 ÷ (window + 1) on the newest value, in the values' unit. The first answer, at value
 * `window`, is their plain mean; NaN before.
 */
export class Ema implements PriceIndicator {
  readonly #window: number;
  readonly #alpha: number;
  #count = 0;
  #value = 0;

  constructor(window: number) {
    this.#window = checkedWindow(window);
    this.#alpha = 2 / (window + 1);
  }

  update(x: number): number {
    if (this.#count >= this.#window) {
      this.#value += this.#alpha * (x - this.#value);
      return this.#value;
    }
    this.#count += 1;
    this.#value += x;
    if (this.#count < this.#window) return Number.NaN;
    this.#value /= this.#window;
    return this.#value;
  }

  save(): IndicatorState {
    return [this.#count, this.#value];
  }

  load(state: unknown): void {
    const [count = 0, value = 0] = savedNumbers(state, 2);
    this.#count = count;
    this.#value = value;
  }

  split(ratio: number): void {
    this.#value /= ratio;
  }
}
