import { assert } from '../../base/assert.js';
import { type DayNumber, dateOf, dayNumber, easterSunday, nthWeekday, weekdayOf } from './calendar.js';
import { japaneseHolidays } from './holidays-japan.js';

/**
 * Currencies with a table of settlement holidays (`EUR` is TARGET, whose days the ECB's fixings share).
 * A currency without a table has weekends only.
 */
type TableCurrency = 'USD' | 'EUR' | 'GBP' | 'JPY' | 'CHF' | 'CAD' | 'AUD' | 'NZD' | 'NOK' | 'SEK';

const MONDAY = 1;
const THURSDAY = 4;
const FRIDAY = 5;
const SATURDAY = 6;
const SUNDAY = 0;

/** Holidays of a year; days on a weekend may be among them, they are shut anyway. */
type Rules = (year: number) => readonly DayNumber[];

const RULES: Readonly<Record<TableCurrency, Rules>> = {
  USD: federalReserve,
  EUR: target,
  GBP: england,
  JPY: japaneseHolidays,
  CHF: switzerland,
  CAD: canada,
  AUD: sydney,
  NZD: newZealand,
  NOK: norway,
  SEK: sweden,
};

const known = new Map<string, ReadonlySet<DayNumber>>();

/** True when there is a holiday table, so that value dates can be trusted over holidays and not only over weekends. */
export function hasHolidayTable(currency: string): currency is TableCurrency {
  return Object.hasOwn(RULES, currency);
}

/** Whether a weekday is a settlement holiday of a currency; always false for one without a table. */
export function isHoliday(currency: string, day: DayNumber): boolean {
  if (!hasHolidayTable(currency)) return false;
  assert(Number.isInteger(day), 'a holiday is asked for a whole day number');
  const year = dateOf(day).year;
  const key = `${currency}${year}`;
  let days = known.get(key);
  if (days === undefined) {
    days = new Set(RULES[currency](year));
    known.set(key, days);
  }
  return days.has(day);
}

/** A day and the Monday after it when it falls on a weekend. */
const mondayAfter = (day: DayNumber): DayNumber =>
  weekdayOf(day) === SATURDAY ? day + 2 : weekdayOf(day) === SUNDAY ? day + 1 : day;

/** A day and the Monday after it when it falls on a Sunday; a Saturday is lost. */
const sundayToMonday = (day: DayNumber): DayNumber => (weekdayOf(day) === SUNDAY ? day + 1 : day);

/** Two neighbouring holidays with substitutes for both: 25 and 26 December, 1 and 2 January. */
function pairWithSubstitutes(first: DayNumber): readonly DayNumber[] {
  const weekday = weekdayOf(first);
  if (weekday === FRIDAY) return [first, first + 3];
  if (weekday === SATURDAY) return [first + 2, first + 3];
  return weekday === SUNDAY ? [first + 1, first + 2] : [first, first + 1];
}

const from = (year: number, since: number, ...days: readonly DayNumber[]): readonly DayNumber[] =>
  year >= since ? days : [];

/** One-off days, `[year, month, day]`. */
type OneOff = readonly [number, number, number];
const oneOffs = (year: number, days: readonly OneOff[]): readonly DayNumber[] =>
  days.filter((day) => day[0] === year).map(([y, month, day]) => dayNumber(y, month, day));

/**
 * Federal Reserve Banks (5 U.S.C. 6103; Federal Reserve financial services holiday schedule): a Sunday moves to Monday,
 * a Saturday does not move. Juneteenth became law on 17 June 2021 and was first kept by the Reserve Banks in 2022.
 */
function federalReserve(year: number): readonly DayNumber[] {
  const mondays = year >= 1971;
  return [
    sundayToMonday(dayNumber(year, 1, 1)),
    ...from(year, 1986, nthWeekday(year, 1, MONDAY, 3)),
    mondays ? nthWeekday(year, 2, MONDAY, 3) : sundayToMonday(dayNumber(year, 2, 22)),
    mondays ? nthWeekday(year, 5, MONDAY, -1) : sundayToMonday(dayNumber(year, 5, 30)),
    ...from(year, 2022, sundayToMonday(dayNumber(year, 6, 19))),
    sundayToMonday(dayNumber(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    mondays ? nthWeekday(year, 10, MONDAY, 2) : sundayToMonday(dayNumber(year, 10, 12)),
    mondays && year < 1978 ? nthWeekday(year, 10, MONDAY, 4) : sundayToMonday(dayNumber(year, 11, 11)),
    nthWeekday(year, 11, THURSDAY, 4),
    sundayToMonday(dayNumber(year, 12, 25)),
  ];
}

/**
 * TARGET (European Central Bank, long-term calendar since 2002; earlier years by its yearly announcements): 1999 kept
 * New Year, Christmas and the last day of the year; 2001 its last day too. Before the euro the same days as since 2002.
 */
function target(year: number): readonly DayNumber[] {
  const [newYear, christmas] = [dayNumber(year, 1, 1), dayNumber(year, 12, 25)];
  const lastDay = year === 1999 || year === 2001 ? [christmas + 6] : [];
  if (year === 1999) return [newYear, christmas, ...lastDay];
  const easter = easterSunday(year);
  return [newYear, easter - 2, easter + 1, dayNumber(year, 5, 1), christmas, christmas + 1, ...lastDay];
}

const ENGLAND_ONCE: readonly OneOff[] = [
  [1973, 11, 14],
  [1977, 6, 7],
  [1981, 7, 29],
  [1999, 12, 31],
  [2002, 6, 3],
  [2002, 6, 4],
  [2011, 4, 29],
  [2012, 6, 4],
  [2012, 6, 5],
  [2022, 6, 2],
  [2022, 6, 3],
  [2022, 9, 19],
  [2023, 5, 8],
];
const SPRING_HOLIDAY_MOVED = new Set([2002, 2012, 2022]);
const EARLY_MAY_ON_VE_DAY = new Set([1995, 2020]);

/** England and Wales (Banking and Financial Dealings Act 1971 and royal proclamations). */
function england(year: number): readonly DayNumber[] {
  const easter = easterSunday(year);
  const earlyMay = EARLY_MAY_ON_VE_DAY.has(year) ? dayNumber(year, 5, 8) : nthWeekday(year, 5, MONDAY, 1);
  return [
    ...from(year, 1974, mondayAfter(dayNumber(year, 1, 1))),
    easter - 2,
    easter + 1,
    ...from(year, 1978, earlyMay),
    ...(SPRING_HOLIDAY_MOVED.has(year) ? [] : [nthWeekday(year, 5, MONDAY, -1)]),
    nthWeekday(year, 8, MONDAY, -1),
    ...pairWithSubstitutes(dayNumber(year, 12, 25)),
    ...oneOffs(year, ENGLAND_ONCE),
  ];
}

/** Swiss Interbank Clearing (bank holidays of SIX): without substitutes; 1 August since the vote of 1993. */
function switzerland(year: number): readonly DayNumber[] {
  const easter = easterSunday(year);
  return [
    dayNumber(year, 1, 1),
    dayNumber(year, 1, 2),
    easter - 2,
    easter + 1,
    dayNumber(year, 5, 1),
    easter + 39,
    easter + 50,
    ...from(year, 1994, dayNumber(year, 8, 1)),
    dayNumber(year, 12, 25),
    dayNumber(year, 12, 26),
  ];
}

/** Toronto banks (Canada's Holidays Act and Ontario's Family Day, the August civic holiday, Remembrance Day). */
function canada(year: number): readonly DayNumber[] {
  const victoriaDay = dayNumber(year, 5, 24) - ((weekdayOf(dayNumber(year, 5, 24)) + 6) % 7);
  return [
    mondayAfter(dayNumber(year, 1, 1)),
    ...from(year, 2008, nthWeekday(year, 2, MONDAY, 3)),
    easterSunday(year) - 2,
    victoriaDay,
    mondayAfter(dayNumber(year, 7, 1)),
    nthWeekday(year, 8, MONDAY, 1),
    nthWeekday(year, 9, MONDAY, 1),
    ...from(year, 2021, mondayAfter(dayNumber(year, 9, 30))),
    nthWeekday(year, 10, MONDAY, 2),
    mondayAfter(dayNumber(year, 11, 11)),
    ...pairWithSubstitutes(dayNumber(year, 12, 25)),
  ];
}

/** Sydney banks (New South Wales Public Holidays Act 2010 and the August bank holiday); 22 September 2022 was mourning. */
function sydney(year: number): readonly DayNumber[] {
  const easter = easterSunday(year);
  return [
    mondayAfter(dayNumber(year, 1, 1)),
    mondayAfter(dayNumber(year, 1, 26)),
    easter - 2,
    easter + 1,
    dayNumber(year, 4, 25),
    nthWeekday(year, 6, MONDAY, 2),
    nthWeekday(year, 8, MONDAY, 1),
    nthWeekday(year, 10, MONDAY, 1),
    ...pairWithSubstitutes(dayNumber(year, 12, 25)),
    ...oneOffs(year, [[2022, 9, 22]]),
  ];
}

/** Month and day of Matariki from 2022 (Te Kāhui o Matariki Public Holiday Act 2022, schedule 1, to 2052). */
const MATARIKI = [
  624, 714, 628, 620, 710, 625, 714, 706, 621, 711, 702, 624, 707, 629, 718, 710, 625, 715, 706, 719, 711, 703, 624,
  707, 629, 719, 703, 625, 715, 630, 621,
] as const;

/** New Zealand, without the provinces' anniversaries (Holidays Act 2003; weekends give a Monday from 2014). */
function newZealand(year: number): readonly DayNumber[] {
  const easter = easterSunday(year);
  const mondayised = year >= 2014 ? mondayAfter : (day: DayNumber) => day;
  const matariki = MATARIKI[year - 2022];
  return [
    ...pairWithSubstitutes(dayNumber(year, 1, 1)),
    mondayised(dayNumber(year, 2, 6)),
    easter - 2,
    easter + 1,
    mondayised(dayNumber(year, 4, 25)),
    nthWeekday(year, 6, MONDAY, 1),
    ...(matariki === undefined ? [] : [dayNumber(year, Math.floor(matariki / 100), matariki % 100)]),
    nthWeekday(year, 10, MONDAY, 4),
    ...pairWithSubstitutes(dayNumber(year, 12, 25)),
    ...oneOffs(year, [[2022, 9, 26]]),
  ];
}

/** Norway (Lov om helligdager of 1995, and 1 and 17 May by the law of 1947). */
function norway(year: number): readonly DayNumber[] {
  const easter = easterSunday(year);
  return [
    dayNumber(year, 1, 1),
    easter - 3,
    easter - 2,
    easter + 1,
    dayNumber(year, 5, 1),
    dayNumber(year, 5, 17),
    easter + 39,
    easter + 50,
    dayNumber(year, 12, 25),
    dayNumber(year, 12, 26),
  ];
}

/** Swedish banks (Lag 1989:253 and the bank days of the Riksbank): National Day took the place of Whit Monday in 2005. */
function sweden(year: number): readonly DayNumber[] {
  const easter = easterSunday(year);
  const midsummer = dayNumber(year, 6, 19);
  return [
    dayNumber(year, 1, 1),
    dayNumber(year, 1, 6),
    easter - 2,
    easter + 1,
    dayNumber(year, 5, 1),
    easter + 39,
    year >= 2005 ? dayNumber(year, 6, 6) : easter + 50,
    midsummer + ((FRIDAY - weekdayOf(midsummer) + 7) % 7),
    dayNumber(year, 12, 24),
    dayNumber(year, 12, 25),
    dayNumber(year, 12, 26),
    dayNumber(year, 12, 31),
  ];
}
