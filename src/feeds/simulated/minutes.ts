import { seededRng } from '../../core/base/rng.js';
import { CURRENCIES } from './currencies.js';
import { WEEK_HOURS, WEEK_NODES, type WeekPath, type World } from './world.js';

/** Nodes of an hour: its start and the end of each minute. */
export const HOUR_NODES = 61;
const MINUTES = 60;
/** Weeks of minutes that are kept; sources that are read side by side ask for the same ones. */
export const KEPT_WEEKS = 16;
/** A move of more than this many hourly deviations is a jump: it comes in one minute. */
const JUMP_DEVIATIONS = 4.5;
/** Makes 60 uniform steps of ±½ as wide, in sum, as the hour's deviation: √(12 ÷ 60). */
const STEP_WIDTH = Math.sqrt(0.2);

/**
 * Values in dollars at each minute: a bridge between an hour's ends, seeded by hour and currency, so that any minute can be
 * made without those before it and the hour's high and low are those of its minutes.
 */
export class Minutes {
  readonly #world: World;
  readonly #seed: number;
  readonly #kept = new Map<number, { week: number; values: Float64Array }>();
  readonly #ones = new Float64Array(WEEK_HOURS * HOUR_NODES).fill(1);

  constructor(seed: number | string, world: World) {
    this.#world = world;
    this.#seed = Math.floor(seededRng(`simulated minutes ${seed}`).next() * 4294967296) | 0;
  }

  /** 120 × 61 values of a currency in a week; the array is kept for 16 weeks, then used again. The dollar is all ones. */
  of(currency: string, week: number): Float64Array {
    const index = CURRENCIES.findIndex((one) => one.code === currency);
    if (index < 0) return this.#ones;
    const slot = index * KEPT_WEEKS + (week % KEPT_WEEKS);
    const kept = this.#kept.get(slot) ?? { week: -1, values: new Float64Array(WEEK_HOURS * HOUR_NODES) };
    if (kept.week === week) return kept.values;
    const path = this.#world.week(week);
    if (path !== undefined) {
      for (let hour = 0; hour < WEEK_HOURS; hour++) this.#fillHour(kept.values, path, week, hour, index);
    }
    kept.week = week;
    this.#kept.set(slot, kept);
    return kept.values;
  }

  #fillHour(values: Float64Array, path: WeekPath, week: number, hour: number, index: number): void {
    const at = hour * HOUR_NODES;
    const start = path.values[index * WEEK_NODES + hour] ?? 0;
    const end = path.values[index * WEEK_NODES + hour + 1] ?? 0;
    const deviation = (CURRENCIES[index]?.volatility ?? 0) * (path.scale[hour] ?? 0) * start;
    const move = end - start;
    const width = deviation * STEP_WIDTH;
    let state = mixed(this.#seed, week * WEEK_HOURS + hour, index);
    const jumpMinute = Math.abs(move) > JUMP_DEVIATIONS * deviation ? 1 + ((state >>> 8) % MINUTES) : 0;
    let sum = 0;
    for (let minute = 1; minute <= MINUTES; minute++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      sum += (state >>> 0) / 4294967296 - 0.5;
      values[at + minute] = sum;
    }
    const slope = move / MINUTES - (width * sum) / MINUTES;
    const slide = jumpMinute > 0 ? slope - move / MINUTES : slope;
    values[at] = start;
    for (let minute = 1; minute < MINUTES; minute++) {
      const step = jumpMinute > 0 && minute >= jumpMinute ? move : 0;
      values[at + minute] = start + width * (values[at + minute] ?? 0) + slide * minute + step;
    }
    values[at + MINUTES] = end;
  }
}

/** A 32-bit word from three, never 0; the finalizer of MurmurHash3. */
function mixed(seed: number, hour: number, index: number): number {
  let h = seed ^ Math.imul(hour + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return h === 0 ? 1 : h;
}
