import { checkedWindow, type Indicator, type IndicatorState, savedNumbers } from './indicator.js';

/**
 * Mean of the newest `window` values, in their unit; NaN until there are so many.
 *
 * The running sum takes the new value and gives back the old one, so over integers it is exact, and with a window that is
 * a power of two the mean is too. Each time the window has been replaced whole the sum is made afresh: rounding noise of
 * decimal prices cannot pile up over millions of bars, and integers stay as they are.
 */
export class Sma implements Indicator {
  readonly #ring: Float64Array;
  readonly #window: number;
  #at = 0;
  #full = false;
  #sum = 0;

  constructor(window: number) {
    this.#window = checkedWindow(window);
    this.#ring = new Float64Array(window);
  }

  update(x: number): number {
    const at = this.#at;
    this.#sum += x - (this.#ring[at] ?? 0);
    this.#ring[at] = x;
    if (at + 1 === this.#window) {
      this.#at = 0;
      this.#full = true;
      this.#sum = this.#freshSum();
    } else {
      this.#at = at + 1;
    }
    return this.#full ? this.#sum / this.#window : Number.NaN;
  }

  save(): IndicatorState {
    return [this.#at, this.#full ? 1 : 0, this.#sum, ...this.#ring];
  }

  load(state: unknown): void {
    const [at = 0, full = 0, sum = 0, ...ring] = savedNumbers(state, this.#window + 3);
    this.#at = at;
    this.#full = full === 1;
    this.#sum = sum;
    this.#ring.set(ring);
  }

  #freshSum(): number {
    let sum = 0;
    for (let i = 0; i < this.#window; i++) sum += this.#ring[i] ?? 0;
    return sum;
  }
}

/**
 * Exponential mean with weight 2 ÷ (window + 1) on the newest value, in the values' unit. The first answer, at value
 * `window`, is their plain mean; NaN before.
 */
export class Ema implements Indicator {
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
}
