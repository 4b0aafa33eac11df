import { Sma } from '../indicators/average.js';
import type { CarryPair } from './carry-ranking.js';
import { savedNumber, savedObject } from './saved.js';
import type { View } from './strategy.js';

const DAY_MS = 86_400_000;

/** Daily returns needed before a covariance or a forecast is used. */
export const LEAST_RETURNS = 20;

/** Days that the market's nervousness is averaged over, days it is compared with, and the fewest that will do. */
const REGIME_DAYS = 21;
const REGIME_HISTORY = 520;
const REGIME_LEAST = 60;
/** Nervous is above this share of its own past. */
const REGIME_PERCENTILE = 0.8;

/** The newest daily values of each currency in the numeraire, and how nervous the market has been. */
export class CarryHistory {
  readonly #pairs: readonly CarryPair[];
  readonly #rows: number;
  /** A row a day, oldest first, a value a pair; 0 where no price was known. */
  #days: number[][] = [];
  #newestDay = -1;
  readonly #nerves = new Sma(REGIME_DAYS);
  #past: number[] = [];

  /** `window` is the number of daily returns kept. */
  constructor(pairs: readonly CarryPair[], window: number) {
    this.#pairs = pairs;
    this.#rows = window + 1;
  }

  /** Takes the closes of a day; a second call for the same day replaces the first. */
  endDay(view: View): void {
    const values = this.#pairs.map(({ instrument, direction }) => {
      const price = view.price(instrument) ?? 0;
      return price > 0 && direction < 0 ? 1 / price : price;
    });
    // The day of a close is that of the instant before it, so a close at midnight belongs to the day it ends.
    const day = Math.floor((view.now - 1) / DAY_MS);
    if (day === this.#newestDay) {
      this.#days[this.#days.length - 1] = values;
      return;
    }
    this.#newestDay = day;
    this.#takeNerves();
    this.#days.push(values);
    if (this.#days.length > this.#rows) this.#days.shift();
  }

  /** Daily returns of the pairs with these indexes over their newest common run of days; undefined when too short. */
  returns(picked: readonly number[]): Float64Array[] | undefined {
    let first = this.#days.length;
    while (first > 0 && picked.every((i) => (this.#days[first - 1]?.[i] ?? 0) > 0)) first--;
    const days = this.#days.slice(first);
    if (days.length - 1 < LEAST_RETURNS) return undefined;
    return picked.map((i) =>
      Float64Array.from({ length: days.length - 1 }, (_, t) => (days[t + 1]?.[i] ?? 0) / (days[t]?.[i] ?? 0) - 1),
    );
  }

  /**
   * Share of the past that was calmer than now, 0 … 1 (equal days count half), of the mean absolute daily return of all
   * currencies over 21 days; it looks back 520 such days. Undefined before 60.
   */
  nervousness(): number | undefined {
    const now = this.#past.at(-1);
    const before = this.#past.slice(0, -1);
    if (now === undefined || before.length < REGIME_LEAST) return undefined;
    const calmer = before.reduce((count, x) => count + (x < now ? 1 : x === now ? 0.5 : 0), 0);
    return calmer / before.length;
  }

  /** True when the market is more nervous than in four fifths of its past. */
  get nervous(): boolean {
    return (this.nervousness() ?? 0) > REGIME_PERCENTILE;
  }

  save(): unknown {
    return {
      days: this.#days.map((row) => [...row]),
      newestDay: this.#newestDay,
      nerves: this.#nerves.save(),
      past: [...this.#past],
    };
  }

  load(state: unknown): void {
    const saved = savedObject(state);
    this.#days = (saved['days'] as number[][]).map((row) => [...row]);
    this.#newestDay = savedNumber(saved, 'newestDay');
    this.#nerves.load(saved['nerves']);
    this.#past = [...(saved['past'] as number[])];
  }

  /** Counts the day that has just become history: a day's last word is known when the next one ends. */
  #takeNerves(): void {
    const today = this.#days.at(-1) ?? [];
    const before = this.#days.at(-2) ?? [];
    let sum = 0;
    let count = 0;
    today.forEach((value, i) => {
      const last = before[i] ?? 0;
      if (value <= 0 || last <= 0) return;
      sum += Math.abs(value / last - 1);
      count += 1;
    });
    if (count === 0) return;
    const mean = this.#nerves.update(sum / count);
    if (Number.isNaN(mean)) return;
    this.#past.push(mean);
    if (this.#past.length > REGIME_HISTORY + 1) this.#past.shift();
  }
}
