import type { EpochMs } from './ids.js';
import type { RateSeries } from './market.js';

/** Policy rates as of a moving now: each lookup may only go forward in time, so it costs a comparison. */
export class RateBook {
  readonly #series: ReadonlyMap<string, RateSeries>;
  readonly #cursor = new Map<string, number>();

  constructor(series: readonly RateSeries[]) {
    this.#series = new Map(series.map((one) => [one.currency, one]));
  }

  get isEmpty(): boolean {
    return this.#series.size === 0;
  }

  /** Fraction a year known at `ts`, or undefined when none was known yet. */
  at(currency: string, ts: EpochMs): number | undefined {
    const index = this.#indexAt(currency, ts);
    return index < 0 ? undefined : this.#series.get(currency)?.rate[index];
  }

  /** When the value in force at `ts` became known; for the limit on the age of rates. */
  knownAt(currency: string, ts: EpochMs): EpochMs | undefined {
    const index = this.#indexAt(currency, ts);
    return index < 0 ? undefined : this.#series.get(currency)?.knownAt[index];
  }

  #indexAt(currency: string, ts: EpochMs): number {
    const series = this.#series.get(currency);
    if (series === undefined) return -1;
    const known = series.knownAt;
    let index = this.#cursor.get(currency) ?? -1;
    if (index >= 0 && (known[index] ?? 0) > ts) index = -1;
    while (index + 1 < known.length && (known[index + 1] ?? Infinity) <= ts) index++;
    this.#cursor.set(currency, index);
    return index;
  }
}

/**
 * Up to when values count as known at a bar: its close, but the end of the month at a month's last bar, because a month's
 * rate is known at that month's last bar even when holidays close the market before the month's last weekday.
 */
export function knowledgeTime(ts: EpochMs, endsMonth: boolean): EpochMs {
  if (!endsMonth) return ts;
  const before = new Date(ts - 1);
  return Math.max(ts, Date.UTC(before.getUTCFullYear(), before.getUTCMonth() + 1, 1) - 1);
}
