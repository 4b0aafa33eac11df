import type { EpochMs } from '../ids.js';
import type { AssetClass, Hours } from '../instrument.js';
import { LAST_OF_DAY, LAST_OF_MONTH, LAST_OF_WEEK } from '../market.js';
import {
  DAY_MS,
  type DayNumber,
  dateOf,
  dayNumber,
  easterSunday,
  HOUR_MS,
  isWeekend,
  MINUTE_MS,
  monthNumber,
  newYorkDay,
  newYorkOffsetMs,
  newYorkTime,
  nthWeekday,
  rollAfter,
  weekdayOf,
  weekNumber,
} from './calendar.js';
import { isHoliday } from './holidays.js';

const FX_CLOSE_MS = 17 * HOUR_MS;
const STOCK_OPEN_MS = 9 * HOUR_MS + 30 * MINUTE_MS;
const STOCK_CLOSE_MS = 16 * HOUR_MS;
const STOCK_EARLY_CLOSE_MS = 13 * HOUR_MS;
const SUNDAY = 0;
const MONDAY = 1;
const TUESDAY = 2;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;

/**
 * Whether a market trades at a moment. Sessions are half open: open at the opening, shut at the closing moment; for the
 * bar that closes at `ts` ask about `ts − 1`.
 *
 * `fx`: Sunday 17:00 to Friday 17:00 New York, holidays too (thin, but quoted). `us-stock`: 09:30 to 16:00 New York on
 * NYSE days, 13:00 on early closes (before October 1985 the day began at 10:00; that is not told apart). `always` is
 * always; `data` is whenever the data has a bar, so the answer here is yes.
 */
export function isOpen(hours: Hours, utcMs: EpochMs): boolean {
  if (hours === 'always' || hours === 'data') return true;
  const local = utcMs + newYorkOffsetMs(utcMs);
  const day = Math.floor(local / DAY_MS);
  const time = local - day * DAY_MS;
  if (hours === 'us-stock') return isStockDay(day) && time >= STOCK_OPEN_MS && time < stockCloseMs(day);
  const weekday = weekdayOf(day);
  if (weekday === SUNDAY) return time >= FX_CLOSE_MS;
  return weekday === FRIDAY ? time < FX_CLOSE_MS : weekday !== SATURDAY;
}

/** The first moment at or after `utcMs` at which the market trades; `utcMs` itself when it is open. */
export function nextOpen(hours: Hours, utcMs: EpochMs): EpochMs {
  if (isOpen(hours, utcMs)) return utcMs;
  let day = newYorkDay(utcMs);
  if (hours === 'fx') {
    while (weekdayOf(day) !== SUNDAY) day++;
    return newYorkTime(day, FX_CLOSE_MS);
  }
  while (!isStockDay(day) || newYorkTime(day, STOCK_OPEN_MS) < utcMs) day++;
  return newYorkTime(day, STOCK_OPEN_MS);
}

/**
 * The market's close on a date, which is how a row with a date and no time is stamped: FX 17:00 New York, stocks the
 * end of the session (16:00, or 13:00 on an early close), crypto and everything else 23:59:59.999 UTC.
 * `dateUtcMs` is midnight UTC of the date.
 */
export function closeOfDate(dateUtcMs: EpochMs, assetClass: AssetClass): EpochMs {
  const day = Math.floor(dateUtcMs / DAY_MS);
  if (assetClass === 'fx') return newYorkTime(day, FX_CLOSE_MS);
  if (assetClass === 'stock') return newYorkTime(day, stockCloseMs(day));
  return (day + 1) * DAY_MS - 1;
}

/** Which dates daily rows of an FX series have: every weekday, or those on which the ECB publishes (`target`). */
export type FixingCalendar = 'weekdays' | 'target';

/**
 * The bits LAST_OF_DAY, LAST_OF_WEEK and LAST_OF_MONTH of the bar that closes at `ts`: set when the next bar belongs to
 * another day, ISO week or month. A bar's day is that of the instant before its close, UTC.
 *
 * `nextTs` is the close of the next bar where it is known. Without it (the newest bar of a live session, the last of a
 * file) it is the next close that the market's hours allow, so that a session decides at a month's end on the day itself
 * as the backtest does. `timeframeMs` of a day or more means one bar a session.
 */
export function periodFlags(
  ts: EpochMs,
  nextTs: EpochMs | undefined,
  hours: Hours,
  timeframeMs: number = DAY_MS,
  fixings: FixingCalendar = 'weekdays',
): number {
  const day = Math.floor((ts - 1) / DAY_MS);
  const nextDay = Math.floor(((nextTs ?? expectedClose(ts, hours, timeframeMs, fixings)) - 1) / DAY_MS);
  if (nextDay <= day) return 0;
  const week = weekNumber(nextDay) === weekNumber(day) ? 0 : LAST_OF_WEEK;
  const month = monthNumber(nextDay) === monthNumber(day) ? 0 : LAST_OF_MONTH;
  return LAST_OF_DAY | week | month;
}

/** Close of the bar after the one that closes at `ts`, as far as the market's hours tell. */
function expectedClose(ts: EpochMs, hours: Hours, timeframeMs: number, fixings: FixingCalendar): EpochMs {
  if (timeframeMs < DAY_MS) return nextOpen(hours, ts) + Math.max(timeframeMs, 1);
  if (hours === 'always' || hours === 'data') return ts + timeframeMs;
  if (hours === 'us-stock') {
    let day = newYorkDay(ts - 1) + 1;
    while (!isStockDay(day)) day++;
    return newYorkTime(day, stockCloseMs(day));
  }
  let close = rollAfter(ts);
  while (fixings === 'target' && isHoliday('EUR', newYorkDay(close))) close = rollAfter(close);
  return close;
}

function isStockDay(day: DayNumber): boolean {
  return !isWeekend(day) && !stockYear(day).shut.has(day);
}

function stockCloseMs(day: DayNumber): number {
  return stockYear(day).early.has(day) ? STOCK_EARLY_CLOSE_MS : STOCK_CLOSE_MS;
}

interface StockYear {
  readonly shut: ReadonlySet<DayNumber>;
  readonly early: ReadonlySet<DayNumber>;
}

const stockYears = new Map<number, StockYear>();

function stockYear(day: DayNumber): StockYear {
  const { year } = dateOf(day);
  let found = stockYears.get(year);
  if (found === undefined) {
    found = { shut: new Set(stockHolidays(year)), early: new Set(stockEarlyCloses(year)) };
    stockYears.set(year, found);
  }
  return found;
}

/** Days of mourning, storms and elections on which the exchange stayed shut, yyyymmdd. */
const STOCK_SHUT_ONCE = [
  19721107, 19721228, 19730125, 19761102, 19770714, 19801104, 19850927, 19940427, 20010911, 20010912, 20010913,
  20010914, 20040611, 20070102, 20121029, 20121030, 20181205, 20250109,
] as const;

/**
 * New York Stock Exchange (its Rule 7.2 and published holidays): Saturdays are kept on Friday and Sundays on Monday, but
 * a New Year's Day on a Saturday is not kept, because its Friday ends a year.
 */
function stockHolidays(year: number): readonly DayNumber[] {
  const newYear = dayNumber(year, 1, 1);
  const days = [
    weekdayOf(newYear) === SUNDAY ? newYear + 1 : newYear,
    year >= 1971 ? nthWeekday(year, 2, MONDAY, 3) : nearestWeekday(dayNumber(year, 2, 22)),
    easterSunday(year) - 2,
    year >= 1971 ? nthWeekday(year, 5, MONDAY, -1) : nearestWeekday(dayNumber(year, 5, 30)),
    nearestWeekday(dayNumber(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 11, THURSDAY, 4),
    nearestWeekday(dayNumber(year, 12, 25)),
  ];
  if (year >= 1998) days.push(nthWeekday(year, 1, MONDAY, 3));
  if (year >= 2022) days.push(nearestWeekday(dayNumber(year, 6, 19)));
  for (const date of STOCK_SHUT_ONCE) if (Math.floor(date / 10_000) === year) days.push(dayOfDigits(date));
  return days;
}

/**
 * Sessions that end at 13:00 since 1993: the Friday after Thanksgiving, Christmas Eve, and the day before (until 2012 for
 * a Thursday the day after) Independence Day; once each 26 December 2003 and 31 December 1999.
 */
function stockEarlyCloses(year: number): readonly DayNumber[] {
  if (year < 1993) return [];
  const fourth = dayNumber(year, 7, 4);
  const days = [nthWeekday(year, 11, THURSDAY, 4) + 1, dayNumber(year, 12, 24)];
  const weekday = weekdayOf(fourth);
  if (weekday === THURSDAY && year < 2013) days.push(fourth + 1);
  else if (weekday >= TUESDAY && weekday <= FRIDAY) days.push(fourth - 1);
  if (year === 2003) days.push(dayNumber(2003, 12, 26));
  if (year === 1999) days.push(dayNumber(1999, 12, 31));
  return days;
}

function nearestWeekday(day: DayNumber): DayNumber {
  const weekday = weekdayOf(day);
  if (weekday === SATURDAY) return day - 1;
  return weekday === SUNDAY ? day + 1 : day;
}

function dayOfDigits(date: number): DayNumber {
  return dayNumber(Math.floor(date / 10_000), Math.floor(date / 100) % 100, date % 100);
}
