import {
  checkedWindow,
  divide,
  type Indicator,
  type IndicatorState,
  type PriceIndicator,
  savedNumbers,
} from './indicator.js';

/** Below this share of the largest value a standard deviation is rounding noise, and the values are all the same. */
const SAME = 1e-12;

/** Mean and standard deviation of a window; made once and reused. */
interface Moments {
  mean: number;
  /** In the values' unit; exactly 0 when the values are all the same. */
  sd: number;
}

/**
 * Mean and deviation of the newest values, by two passes over the window. The one-pass forms are faster and lose half of
 * the digits where prices stand still, which is where a z-score divides by them.
 */
class RollingMoments {
  readonly #ring: Float64Array;
  readonly #window: number;
  readonly #divisor: number;
  readonly #moments: Moments = { mean: Number.NaN, sd: Number.NaN };
  #at = 0;
  #full = false;

  constructor(window: number, divisor: number) {
    this.#window = checkedWindow(window);
    this.#divisor = divisor;
    this.#ring = new Float64Array(window);
  }

  /** Undefined until the window is full; the object is reused. */
  update(x: number): Moments | undefined {
    this.#ring[this.#at] = x;
    this.#at += 1;
    if (this.#at === this.#window) {
      this.#at = 0;
      this.#full = true;
    }
    if (!this.#full) return undefined;
    let sum = 0;
    for (let i = 0; i < this.#window; i++) sum += this.#ring[i] ?? 0;
    const mean = sum / this.#window;
    let squares = 0;
    let largest = 0;
    for (let i = 0; i < this.#window; i++) {
      const value = this.#ring[i] ?? 0;
      const away = value - mean;
      squares += away * away;
      const size = Math.abs(value);
      if (size > largest) largest = size;
    }
    const sd = Math.sqrt(squares / this.#divisor);
    this.#moments.mean = mean;
    this.#moments.sd = sd <= SAME * largest ? 0 : sd;
    return this.#moments;
  }

  save(): IndicatorState {
    return [this.#at, this.#full ? 1 : 0, ...this.#ring];
  }

  load(state: unknown): void {
    const [at = 0, full = 0, ...ring] = savedNumbers(state, this.#window + 2);
    this.#at = at;
    this.#full = full === 1;
    this.#ring.set(ring);
  }

  split(ratio: number): void {
    divide(this.#ring, ratio);
  }
}

/** Sample standard deviation (n − 1) of the newest `window` values (2 at least), in their unit; NaN until there are so many. */
export class RollingSd implements PriceIndicator {
  readonly #moments: RollingMoments;

  constructor(window: number) {
    this.#moments = new RollingMoments(checkedWindow(window - 1) + 1, window - 1);
  }

  update(x: number): number {
    return this.#moments.update(x)?.sd ?? Number.NaN;
  }

  save(): IndicatorState {
    return this.#moments.save();
  }

  load(state: unknown): void {
    this.#moments.load(state);
  }

  split(ratio: number): void {
    this.#moments.split(ratio);
  }
}

/** The band at one bar, in price. The object is reused. */
export interface Band {
  readonly lower: number;
  readonly middle: number;
  readonly upper: number;
  /** Population standard deviation; exactly 0 where the window's prices are all the same. */
  readonly sd: number;
}

/**
 * Bollinger's band: the mean of the newest `window` values and `width` population standard deviations (n, as he
 * defines them) to either side. Undefined until there are so many values.
 */
export class Bollinger implements PriceIndicator {
  readonly #moments: RollingMoments;
  readonly #width: number;
  readonly #band = { lower: Number.NaN, middle: Number.NaN, upper: Number.NaN, sd: Number.NaN };

  constructor(window: number, width = 2) {
    this.#moments = new RollingMoments(window, window);
    this.#width = width;
  }

  update(x: number): Band | undefined {
    const moments = this.#moments.update(x);
    if (moments === undefined) return undefined;
    const away = this.#width * moments.sd;
    this.#band.lower = moments.mean - away;
    this.#band.middle = moments.mean;
    this.#band.upper = moments.mean + away;
    this.#band.sd = moments.sd;
    return this.#band;
  }

  save(): IndicatorState {
    return this.#moments.save();
  }

  load(state: unknown): void {
    this.#moments.load(state);
  }

  split(ratio: number): void {
    this.#moments.split(ratio);
  }
}

/**
 * Volatility of the next period from returns, as a fraction a period (RiskMetrics 1996): s² ← λ s² + (1 − λ) r².
 * λ is 0.94 for days, 0.97 for months. It starts from the mean square of the first `warmUp` returns; NaN before.
 */
export class EwmaVolatility implements Indicator {
  readonly #lambda: number;
  readonly #warmUp: number;
  #count = 0;
  #variance = 0;

  constructor(lambda = 0.94, warmUp = 20) {
    this.#lambda = lambda;
    this.#warmUp = checkedWindow(warmUp);
  }

  update(change: number): number {
    const square = change * change;
    if (this.#count >= this.#warmUp) {
      this.#variance = this.#lambda * this.#variance + (1 - this.#lambda) * square;
      return Math.sqrt(this.#variance);
    }
    this.#count += 1;
    this.#variance += square;
    if (this.#count < this.#warmUp) return Number.NaN;
    this.#variance /= this.#warmUp;
    return Math.sqrt(this.#variance);
  }

  save(): IndicatorState {
    return [this.#count, this.#variance];
  }

  load(state: unknown): void {
    const [count = 0, variance = 0] = savedNumbers(state, 2);
    this.#count = count;
    this.#variance = variance;
  }
}
