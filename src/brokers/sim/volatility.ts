/** Decay of the running variance of one-bar returns (RiskMetrics daily). */
const LAMBDA = 0.94;
const DAY_MS = 86_400_000;

/** Running volatility of each instrument's mid, for slippage and impact; fed only when a cost needs it. */
export class VolatilityTracker {
  readonly #variance: Float64Array;
  readonly #last: Float64Array;
  readonly #barsPerDay: Float64Array;

  constructor(timeframesMs: readonly number[]) {
    this.#variance = new Float64Array(timeframesMs.length).fill(Number.NaN);
    this.#last = new Float64Array(timeframesMs.length).fill(Number.NaN);
    this.#barsPerDay = Float64Array.from(timeframesMs, (ms) => (ms > 0 ? Math.max(1, DAY_MS / ms) : DAY_MS / 1000));
  }

  update(index: number, close: number): void {
    const last = this.#last[index] ?? Number.NaN;
    this.#last[index] = close;
    if (!(last > 0)) return;
    const r = close / last - 1;
    const before = this.#variance[index] ?? Number.NaN;
    this.#variance[index] = before >= 0 ? LAMBDA * before + (1 - LAMBDA) * r * r : r * r;
  }

  /** The last close in new units. */
  split(index: number, ratio: number): void {
    this.#last[index] = (this.#last[index] ?? Number.NaN) / ratio;
  }

  /** Standard deviation of one bar's return; 0 before two bars. */
  bar(index: number): number {
    const variance = this.#variance[index] ?? Number.NaN;
    return variance > 0 ? Math.sqrt(variance) : 0;
  }

  /** The same, scaled by the square root of time to a day. */
  day(index: number): number {
    return this.bar(index) * Math.sqrt(this.#barsPerDay[index] ?? 1);
  }

  save(): unknown {
    return { variance: nulls(this.#variance), last: nulls(this.#last) };
  }

  load(state: unknown): void {
    const saved = state as { variance: (number | null)[]; last: (number | null)[] };
    this.#variance.set(saved.variance.map((value) => value ?? Number.NaN));
    this.#last.set(saved.last.map((value) => value ?? Number.NaN));
  }
}

/** JSON has no NaN. */
function nulls(column: Float64Array): (number | null)[] {
  return Array.from(column, (value) => (Number.isNaN(value) ? null : value));
}
