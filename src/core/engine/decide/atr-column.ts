/** Wilder's average true range of each instrument, kept only when `sizing.method` is `atr`. */
export class AtrColumn {
  readonly #window: number;
  readonly #count: Int32Array;
  readonly #value: Float64Array;
  readonly #lastClose: Float64Array;

  constructor(instruments: number, window: number) {
    this.#window = window;
    this.#count = new Int32Array(instruments);
    this.#value = new Float64Array(instruments);
    this.#lastClose = new Float64Array(instruments).fill(Number.NaN);
  }

  /** First the mean of `window` true ranges, then (before × (window − 1) + range) ÷ window. */
  update(index: number, high: number, low: number, close: number): void {
    const last = this.#lastClose[index] ?? Number.NaN;
    const range = Number.isNaN(last) ? high - low : Math.max(high, last) - Math.min(low, last);
    const count = (this.#count[index] ?? 0) + 1;
    const before = this.#value[index] ?? 0;
    const weight = Math.min(count, this.#window);
    this.#value[index] = (before * (weight - 1) + range) / weight;
    this.#count[index] = count;
    this.#lastClose[index] = close;
  }

  /** In new units. */
  split(index: number, ratio: number): void {
    this.#value[index] = (this.#value[index] ?? 0) / ratio;
    this.#lastClose[index] = (this.#lastClose[index] ?? Number.NaN) / ratio;
  }

  /** In price; undefined while fewer than `window` bars are known. */
  value(index: number): number | undefined {
    return (this.#count[index] ?? 0) >= this.#window ? this.#value[index] : undefined;
  }

  save(): unknown {
    return {
      count: [...this.#count],
      value: [...this.#value],
      lastClose: Array.from(this.#lastClose, (close) => (Number.isNaN(close) ? null : close)),
    };
  }

  load(state: unknown): void {
    const saved = state as { count: number[]; value: number[]; lastClose: (number | null)[] };
    this.#count.set(saved.count);
    this.#value.set(saved.value);
    this.#lastClose.set(saved.lastClose.map((close) => close ?? Number.NaN));
  }
}
