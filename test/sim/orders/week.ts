import type { Rng } from '../../../src/core/base/rng.js';
import { rollAfter } from '../../../src/core/model/calendar/calendar.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Hours in a week: as long as there is trouble. */
export const WEEK_MS = 7 * DAY_MS;
/** When prices come around the close of an hour, ms from it. Between two closes nobody wants anything, and nothing moves. */
const PRICES_MS = [
  -8_000, -3_000, 500, 2_000, 4_000, 6_000, 8_000, 10_000, 12_000, 14_000, 16_000, 18_000, 20_000, 24_000, 28_000,
  32_000,
];
/** A session looks every second around a close, and every ten minutes between two. */
const BEFORE_MS = 2_000;
const AFTER_MS = 40_000;
const SELDOM_MS = 600_000;

/** Where a week begins: any hour of a week with a change of clocks in New York, in Europe, or in neither. */
export function weekStart(rng: Rng): number {
  const weeks = [Date.UTC(2024, 0, 8), Date.UTC(2024, 2, 6), Date.UTC(2024, 2, 27), Date.UTC(2024, 9, 30)];
  const monday = weeks[Math.floor(rng.next() * weeks.length)] ?? 0;
  return monday + Math.floor(rng.next() * 24) * HOUR_MS - 60_000;
}

/** From Friday 17:00 to Sunday 17:00 in New York no roll is nearer than a day. */
export function isWeekendAt(now: number): boolean {
  return rollAfter(now) - now > DAY_MS;
}

/** The moments after `now`, until the next close and a while after it, at which prices come. */
export function nextPrices(now: number): readonly number[] {
  const close = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
  return PRICES_MS.map((ms) => close + ms).filter((at) => at > now);
}

/** How long a session that would wait a second waits. */
export function pauseIn(now: number, ms: number): number {
  const since = now % HOUR_MS;
  const until = HOUR_MS - since - BEFORE_MS;
  return since < AFTER_MS || until <= 0 ? ms : Math.max(ms, Math.min(until, SELDOM_MS));
}

/** A price of an hour: up to a quarter of a percent from the middle, so that stops and targets are reached, and nearly still around its close. */
export function weekPrice(mid: number, level: number, rng: Rng): number {
  return mid * (1 + level * 0.005 + (rng.next() - 0.5) * 0.0002);
}
