import { isWeekend, newYorkDay, newYorkTime } from '../model/calendar/calendar.js';
import type { EpochMs } from '../model/ids.js';

/** The limits on losses that people are warned of, bps; null: off. */
export interface LossLimits {
  readonly dailyLossBps: number | null;
  readonly weeklyLossBps: number | null;
  readonly drawdownReduceBps: number | null;
  readonly drawdownHaltBps: number | null;
  readonly drawdownStopBps: number | null;
}

/** A loss that comes near its limit. */
export interface NearLimit {
  readonly key: keyof LossLimits;
  /** Bps of what it is measured from, positive. */
  readonly value: number;
  readonly limit: number;
}

/** One trading day as it was seen, 17:00 to 17:00 New York. */
export interface DaySeen {
  readonly equity: number;
  /** Change since the day began, or since the session did; account currency. */
  readonly change: number;
  readonly fills: number;
}

const BPS = 10_000;
const ROLL_MS = 17 * 3_600_000;

/**
 * Equity as a session tells it: how near losses are to their limits, and what the day brought. It knows only what it was
 * told since it began; the breakers of the engine know the whole past and act, this warns.
 */
export class EquityWatch {
  readonly #limits: LossLimits;
  readonly #nearBps: number;
  #equity: number | undefined;
  #dayStart = 0;
  #dayEnd = Number.NEGATIVE_INFINITY;
  #peak = 0;
  #fills = 0;
  /** Limits that were told since the day began. */
  readonly #told = new Set<string>();

  constructor(limits: LossLimits, nearBps: number) {
    this.#limits = limits;
    this.#nearBps = nearBps;
  }

  /** Limits that came near with this equity and were not told today. */
  equity(value: number, now: EpochMs): readonly NearLimit[] {
    const before = this.#equity ?? value;
    if (now >= this.#dayEnd) {
      this.#dayStart = before;
      this.#dayEnd = dayEndAfter(now);
      this.#told.clear();
      this.#fills = 0;
    }
    this.#equity = value;
    this.#peak = Math.max(this.#peak, value);
    const daily = lossBps(this.#dayStart, value);
    const drawdown = lossBps(this.#peak, value);
    return [
      ...this.#near('dailyLossBps', daily),
      ...this.#near('drawdownReduceBps', drawdown),
      ...this.#near('drawdownHaltBps', drawdown),
      ...this.#near('drawdownStopBps', drawdown),
    ];
  }

  /** What an earlier session saw of the day that is still going on; of another day only where it left equity. */
  begin(seen: DaySeen, at: EpochMs, now: EpochMs): void {
    const sameDay = now < dayEndAfter(at);
    this.#equity = seen.equity;
    this.#peak = seen.equity;
    this.#dayStart = sameDay ? seen.equity - seen.change : seen.equity;
    this.#dayEnd = dayEndAfter(now);
    this.#fills = sameDay ? seen.fills : 0;
  }

  filled(): void {
    this.#fills++;
  }

  /** The day so far; undefined before the first equity. */
  get day(): DaySeen | undefined {
    if (this.#equity === undefined) return undefined;
    return { equity: this.#equity, change: this.#equity - this.#dayStart, fills: this.#fills };
  }

  #near(key: keyof LossLimits, value: number): readonly NearLimit[] {
    const limit = this.#limits[key];
    if (limit === null || value < (limit * this.#nearBps) / BPS || value >= limit || this.#told.has(key)) return [];
    this.#told.add(key);
    return [{ key, value, limit }];
  }
}

/** The first time of day `minute` (New York) after `now`. */
export function nextNewYork(minute: number, now: EpochMs): EpochMs {
  const today = newYorkDay(now);
  for (const day of [today, today + 1]) {
    const at = newYorkTime(day, minute * 60_000);
    if (at > now) return at;
  }
  return newYorkTime(today + 2, minute * 60_000);
}

/** The last time of day `minute` (New York) at or before `now`, weekends left out. */
export function previousNewYork(minute: number, now: EpochMs): EpochMs {
  const today = newYorkDay(now);
  for (let day = today; ; day--) {
    const at = newYorkTime(day, minute * 60_000);
    if (at <= now && !isWeekend(day)) return at;
  }
}

function dayEndAfter(now: EpochMs): EpochMs {
  return nextNewYork(ROLL_MS / 60_000, now);
}

function lossBps(from: number, to: number): number {
  return from > 0 ? Math.max(0, ((from - to) / from) * BPS) : 0;
}
