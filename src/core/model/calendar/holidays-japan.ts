import { type DayNumber, dayNumber, nthWeekday, weekdayOf } from './calendar.js';

const MONDAY = 1;
const SUNDAY = 0;

/** Month × 100 + day of the days of single years: mourning, weddings, enthronements and the Olympic moves. */
const ONCE: Readonly<Record<number, readonly number[]>> = {
  1989: [224],
  1990: [1112],
  1993: [609],
  2019: [430, 501, 502, 1022],
  2020: [723, 724, 810],
  2021: [722, 723, 808],
};

/**
 * Japan's bank holidays: the national holidays (Act on National Holidays, Act 178 of 1948, as amended), a substitute when
 * one falls on a Sunday (1973), the day between two holidays (1986), and 31 December to 3 January (Banking Act).
 * The equinoxes are those the National Astronomical Observatory announces, by its usual formula for 1900–2099.
 */
export function japaneseHolidays(year: number): readonly DayNumber[] {
  const national = new Set(nationalHolidays(year));
  const days = new Set(national);
  for (const day of national) {
    if (weekdayOf(day) === SUNDAY && day >= SUBSTITUTES_SINCE) days.add(substitute(day, year, national));
    if (year >= 1986 && national.has(day + 2) && !national.has(day + 1) && weekdayOf(day + 1) !== SUNDAY) {
      days.add(day + 1);
    }
  }
  for (const [month, date] of YEAR_END) days.add(dayNumber(year, month, date));
  return [...days];
}

const SUBSTITUTES_SINCE = dayNumber(1973, 4, 12);
const YEAR_END = [
  [1, 2],
  [1, 3],
  [12, 31],
] as const;

/** The Monday, and since 2007 the first day after it that is no holiday itself. */
function substitute(sunday: DayNumber, year: number, national: ReadonlySet<DayNumber>): DayNumber {
  let day = sunday + 1;
  while (year >= 2007 && national.has(day)) day++;
  return day;
}

function nationalHolidays(year: number): DayNumber[] {
  const days = [
    dayNumber(year, 1, 1),
    year >= 2000 ? nthWeekday(year, 1, MONDAY, 2) : dayNumber(year, 1, 15),
    dayNumber(year, 2, 11),
    dayNumber(year, 3, equinox(year, 20.8357, 20.8431)),
    dayNumber(year, 4, 29),
    dayNumber(year, 5, 3),
    dayNumber(year, 5, 5),
    year >= 2003 ? nthWeekday(year, 9, MONDAY, 3) : dayNumber(year, 9, 15),
    dayNumber(year, 9, equinox(year, 23.2588, 23.2488)),
    dayNumber(year, 11, 3),
    dayNumber(year, 11, 23),
  ];
  if (year >= 2007) days.push(dayNumber(year, 5, 4));
  if (year >= 1989 && year <= 2018) days.push(dayNumber(year, 12, 23));
  if (year >= 2020) days.push(dayNumber(year, 2, 23));
  days.push(...summerHolidays(year));
  for (const date of ONCE[year] ?? []) days.push(dayNumber(year, Math.floor(date / 100), date % 100));
  return days;
}

/** Marine Day, Mountain Day and Sports Day; in 2020 and 2021 the Olympic Games had them moved to the days in `ONCE`. */
function summerHolidays(year: number): readonly DayNumber[] {
  if (year === 2020 || year === 2021) return [];
  const days = [year >= 2000 ? nthWeekday(year, 10, MONDAY, 2) : dayNumber(year, 10, 10)];
  if (year >= 2003) days.push(nthWeekday(year, 7, MONDAY, 3));
  else if (year >= 1996) days.push(dayNumber(year, 7, 20));
  if (year >= 2016) days.push(dayNumber(year, 8, 11));
  return days;
}

/** Day of the month of an equinox in Japan; the two constants are for years before and from 1980. */
function equinox(year: number, before1980: number, from1980: number): number {
  const leap = Math.trunc((year - (year < 1980 ? 1983 : 1980)) / 4);
  return Math.floor((year < 1980 ? before1980 : from1980) + 0.242194 * (year - 1980) - leap);
}
