import type { EpochMs } from '../ids.js';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** A calendar date as days since 1970-01-01, in the zone that the context names. */
export type DayNumber = number;

/**
 * The day number of a date of the Gregorian calendar; `month` counts from 1.
 * Days-from-civil arithmetic on years that start in March, so that the leap day is the last of its year.
 */
export function dayNumber(year: number, month: number, day: number): DayNumber {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

/** The date of a day number: year, month from 1, day of the month. The inverse of `dayNumber`. */
export function dateOf(day: DayNumber): { readonly year: number; readonly month: number; readonly day: number } {
  const month = monthNumber(day);
  const year = Math.floor(month / 12);
  const first = dayNumber(year, month - year * 12 + 1, 1);
  return { year, month: month - year * 12 + 1, day: day - first + 1 };
}

/** Months since the year 0, so that two days are of one month when their numbers are equal. */
export function monthNumber(day: DayNumber): number {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return (yearOfEra + era * 400) * 12 + monthFromMarch + 2;
}

/** ISO weeks since 1970 (Monday to Sunday); two days are of one week when their numbers are equal. */
export function weekNumber(day: DayNumber): number {
  return Math.floor((day + 3) / 7);
}

/** 0 is Sunday, 6 is Saturday. */
export function weekdayOf(day: DayNumber): number {
  return (((day + 4) % 7) + 7) % 7;
}

export function isWeekend(day: DayNumber): boolean {
  const weekday = weekdayOf(day);
  return weekday === 0 || weekday === 6;
}

/** The `nth` (from 1) given weekday of a month; −1 is the last one. */
export function nthWeekday(year: number, month: number, weekday: number, nth: number): DayNumber {
  if (nth < 0) {
    const last = (month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1)) - 1;
    return last - ((weekdayOf(last) - weekday + 7) % 7);
  }
  const first = dayNumber(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + (nth - 1) * 7;
}

/** Easter Sunday of the western churches: the anonymous Gregorian computation (Nature, 1876; Meeus, chapter 8). */
export function easterSunday(year: number): DayNumber {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const e = b % 4;
  const g = Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3);
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30;
  const l = (32 + 2 * e + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return dayNumber(year, Math.floor(n / 31), (n % 31) + 1);
}

const STANDARD_MS = -5 * HOUR_MS;
const DAYLIGHT_MS = -4 * HOUR_MS;
const ROLL_MS = 17 * HOUR_MS;

let spanFrom: EpochMs = 0;
let spanUntil: EpochMs = 0;
let spanOffset = 0;

/**
 * New York time minus UTC in ms: −5 h, −4 h in daylight saving. Exact from 1970 to 2100 under today's law.
 *
 * Daylight saving by the Uniform Time Act of 1966 (last Sundays of April and October), the two energy years 1974 and
 * 1975, the 1986 amendment (first Sunday of April from 1987) and the Energy Policy Act of 2005 (second Sunday of March
 * to first Sunday of November from 2007); both changes are at 02:00 local time. The last half year is remembered, so a
 * call costs two comparisons.
 */
export function newYorkOffsetMs(utcMs: EpochMs): number {
  if (utcMs < spanFrom || utcMs >= spanUntil) findSpan(utcMs);
  return spanOffset;
}

function findSpan(utcMs: EpochMs): void {
  const year = Math.floor(monthNumber(Math.floor(utcMs / DAY_MS)) / 12);
  const start = daylightStart(year) * DAY_MS + 7 * HOUR_MS;
  const end = daylightEnd(year) * DAY_MS + 6 * HOUR_MS;
  if (utcMs < start) {
    [spanFrom, spanUntil, spanOffset] = [daylightEnd(year - 1) * DAY_MS + 6 * HOUR_MS, start, STANDARD_MS];
  } else if (utcMs < end) {
    [spanFrom, spanUntil, spanOffset] = [start, end, DAYLIGHT_MS];
  } else {
    [spanFrom, spanUntil, spanOffset] = [end, daylightStart(year + 1) * DAY_MS + 7 * HOUR_MS, STANDARD_MS];
  }
}

function daylightStart(year: number): DayNumber {
  if (year >= 2007) return nthWeekday(year, 3, 0, 2);
  if (year >= 1987) return nthWeekday(year, 4, 0, 1);
  if (year === 1974) return dayNumber(1974, 1, 6);
  if (year === 1975) return dayNumber(1975, 2, 23);
  return nthWeekday(year, 4, 0, -1);
}

function daylightEnd(year: number): DayNumber {
  return year >= 2007 ? nthWeekday(year, 11, 0, 1) : nthWeekday(year, 10, 0, -1);
}

/** The date in New York at a moment. */
export function newYorkDay(utcMs: EpochMs): DayNumber {
  return Math.floor((utcMs + newYorkOffsetMs(utcMs)) / DAY_MS);
}

/** Hour of the day in New York, 0 … 23. */
export function newYorkHour(utcMs: EpochMs): number {
  const local = utcMs + newYorkOffsetMs(utcMs);
  return Math.floor(local / HOUR_MS) - Math.floor(local / DAY_MS) * 24;
}

/**
 * The moment at which clocks in New York show `timeMs` after midnight of `day`.
 * The offset is the one that holds at 07:00 UTC or later, which both changes of the clock precede: right from 03:00 local on.
 */
export function newYorkTime(day: DayNumber, timeMs: number): EpochMs {
  const local = day * DAY_MS + timeMs;
  return local - newYorkOffsetMs(local - STANDARD_MS);
}

let rollFrom: EpochMs = 0;
let rollUntil: EpochMs = 0;

/**
 * The next 17:00 New York of a Monday to Friday strictly after a moment, in UTC: when FX days end and interest is due.
 * The last answer is remembered, so asking at every bar costs two comparisons.
 */
export function rollAfter(utcMs: EpochMs): EpochMs {
  if (utcMs >= rollFrom && utcMs < rollUntil) return rollUntil;
  const local = utcMs + newYorkOffsetMs(utcMs);
  const today = Math.floor(local / DAY_MS);
  let day = local - today * DAY_MS < ROLL_MS ? today : today + 1;
  while (isWeekend(day)) day++;
  rollUntil = newYorkTime(day, ROLL_MS);
  rollFrom = utcMs;
  return rollUntil;
}
