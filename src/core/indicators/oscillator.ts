import { checkedWindow, type IndicatorState, type PriceIndicator, savedNumbers } from './indicator.js';

/**
 * Relative strength index of Wilder (1978), 0 … 100; NaN until `window` changes are known, so the first answer is at
 * value `window` + 1.
 *
 * 100 × gain ÷ (gain + loss), both Wilder means: first the plain mean of `window` changes, then
 * (mean × (window − 1) + new) ÷ window. Only gains gives 100, only losses 0. Prices that never moved give 50: nothing
 * speaks for either side (some packages say 100 there, which reads as a reason to sell).
 */
export class Rsi implements PriceIndicator {
  readonly #window: number;
  /** Values seen, up to the first answer. */
  #count = 0;
  #last = 0;
  #gain = 0;
  #loss = 0;

  constructor(window: number) {
    this.#window = checkedWindow(window);
  }

  update(x: number): number {
    const n = this.#window;
    const change = x - this.#last;
    this.#last = x;
    const up = Math.max(change, 0);
    const down = Math.max(-change, 0);
    if (this.#count > n) {
      this.#gain = (this.#gain * (n - 1) + up) / n;
      this.#loss = (this.#loss * (n - 1) + down) / n;
      return this.#index();
    }
    this.#count += 1;
    if (this.#count === 1) return Number.NaN;
    this.#gain += up;
    this.#loss += down;
    if (this.#count <= n) return Number.NaN;
    this.#gain /= n;
    this.#loss /= n;
    return this.#index();
  }

  save(): IndicatorState {
    return [this.#count, this.#last, this.#gain, this.#loss];
  }

  load(state: unknown): void {
    const [count = 0, last = 0, gain = 0, loss = 0] = savedNumbers(state, 4);
    this.#count = count;
    this.#last = last;
    this.#gain = gain;
    this.#loss = loss;
  }

  split(ratio: number): void {
    this.#last /= ratio;
    this.#gain /= ratio;
    this.#loss /= ratio;
  }

  #index(): number {
    const all = this.#gain + this.#loss;
    return all === 0 ? 50 : (100 * this.#gain) / all;
  }
}
