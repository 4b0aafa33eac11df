import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DAY_MS,
  dateOf,
  dayNumber,
  easterSunday,
  HOUR_MS,
  isWeekend,
  monthNumber,
  newYorkDay,
  newYorkHour,
  newYorkOffsetMs,
  newYorkTime,
  nthWeekday,
  rollAfter,
  weekdayOf,
  weekNumber,
} from '../../../../src/core/model/calendar/calendar.js';

const utc = (text: string) => Date.parse(text);
const iso = (ts: number) => new Date(ts).toISOString();
const anyTime = fc.integer({ min: utc('1970-01-02T00:00Z'), max: utc('2100-12-30T00:00Z') });

describe('dates by arithmetic', () => {
  it('agree with the platform for every day of two centuries', () => {
    for (let day = dayNumber(1900, 1, 1); day < dayNumber(2101, 1, 1); day++) {
      const date = new Date(day * DAY_MS);
      const found = dateOf(day);
      if (
        found.year !== date.getUTCFullYear() ||
        found.month !== date.getUTCMonth() + 1 ||
        found.day !== date.getUTCDate() ||
        weekdayOf(day) !== date.getUTCDay() ||
        dayNumber(found.year, found.month, found.day) !== day ||
        monthNumber(day) !== found.year * 12 + found.month - 1
      ) {
        expect.fail(`${iso(day * DAY_MS)} gave ${JSON.stringify(found)}`);
      }
    }
  });

  it.each`
    year    | date
    ${1970} | ${'1970-03-29'}
    ${2000} | ${'2000-04-23'}
    ${2008} | ${'2008-03-23'}
    ${2024} | ${'2024-03-31'}
    ${2038} | ${'2038-04-25'}
    ${2076} | ${'2076-04-19'}
  `('Easter Sunday of $year is $date', ({ year, date }) => {
    expect(iso(easterSunday(year) * DAY_MS).slice(0, 10)).toBe(date);
  });

  it.each`
    which                        | day                            | date
    ${'fourth Thursday of 11'}   | ${nthWeekday(2024, 11, 4, 4)}  | ${'2024-11-28'}
    ${'last Monday of May'}      | ${nthWeekday(2024, 5, 1, -1)}  | ${'2024-05-27'}
    ${'last Sunday of December'} | ${nthWeekday(2023, 12, 0, -1)} | ${'2023-12-31'}
    ${'first Monday of July'}    | ${nthWeekday(2024, 7, 1, 1)}   | ${'2024-07-01'}
  `('the $which is $date', ({ day, date }) => {
    expect(iso(day * DAY_MS).slice(0, 10)).toBe(date);
  });

  it('weeks run from Monday to Sunday', () => {
    expect(weekNumber(dayNumber(2024, 9, 29))).toBe(weekNumber(dayNumber(2024, 9, 23)));
    expect(weekNumber(dayNumber(2024, 9, 30))).toBe(weekNumber(dayNumber(2024, 9, 29)) + 1);
  });
});

describe('New York time', () => {
  it.each`
    lastStandard                  | law
    ${'1970-04-26T06:59:59.999Z'} | ${'1967'}
    ${'1974-01-06T06:59:59.999Z'} | ${'energy crisis'}
    ${'1975-02-23T06:59:59.999Z'} | ${'energy crisis'}
    ${'1986-04-27T06:59:59.999Z'} | ${'1967'}
    ${'1987-04-05T06:59:59.999Z'} | ${'1987'}
    ${'2006-04-02T06:59:59.999Z'} | ${'1987'}
    ${'2007-03-11T06:59:59.999Z'} | ${'2007'}
    ${'2024-03-10T06:59:59.999Z'} | ${'2007'}
  `('daylight saving starts right after $lastStandard (law of $law)', ({ lastStandard }) => {
    expect(newYorkOffsetMs(utc(lastStandard))).toBe(-5 * HOUR_MS);
    expect(newYorkOffsetMs(utc(lastStandard) + 1)).toBe(-4 * HOUR_MS);
  });

  it.each`
    lastDaylight                  | law
    ${'1974-10-27T05:59:59.999Z'} | ${'1967'}
    ${'2006-10-29T05:59:59.999Z'} | ${'1967'}
    ${'2007-11-04T05:59:59.999Z'} | ${'2007'}
    ${'2024-11-03T05:59:59.999Z'} | ${'2007'}
  `('daylight saving ends right after $lastDaylight (law of $law)', ({ lastDaylight }) => {
    expect(newYorkOffsetMs(utc(lastDaylight))).toBe(-4 * HOUR_MS);
    expect(newYorkOffsetMs(utc(lastDaylight) + 1)).toBe(-5 * HOUR_MS);
  });

  it('agrees with the platform time zone at every sixth hour of 1970 to 2100', () => {
    const zone = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', hour: 'numeric', hourCycle: 'h23' });
    for (let ts = 0; ts < utc('2037-12-31T00:00Z'); ts += 6 * HOUR_MS + DAY_MS) {
      if (Number(zone.format(ts)) !== newYorkHour(ts)) expect.fail(`${iso(ts)} gave hour ${newYorkHour(ts)}`);
    }
    for (let year = 2037; year < 2101; year++) {
      for (const month of [3, 11]) {
        for (let ts = Date.UTC(year, month - 1, 1); ts < Date.UTC(year, month - 1, 16); ts += HOUR_MS) {
          if (Number(zone.format(ts)) !== newYorkHour(ts)) expect.fail(`${iso(ts)} gave hour ${newYorkHour(ts)}`);
        }
      }
    }
  });

  it('gives the same answer whatever was asked before', () => {
    fc.assert(
      fc.property(anyTime, anyTime, (first, second) => {
        const before = newYorkOffsetMs(first);
        const roll = rollAfter(first);
        newYorkOffsetMs(second);
        rollAfter(second);
        expect(newYorkOffsetMs(first)).toBe(before);
        expect(rollAfter(first)).toBe(roll);
      }),
    );
  });

  it('a local time of day goes to UTC and back', () => {
    expect(iso(newYorkTime(dayNumber(2024, 3, 10), 17 * HOUR_MS))).toBe('2024-03-10T21:00:00.000Z');
    expect(iso(newYorkTime(dayNumber(2024, 1, 5), 9.5 * HOUR_MS))).toBe('2024-01-05T14:30:00.000Z');
    expect(newYorkDay(utc('2024-01-05T04:59:59.999Z'))).toBe(dayNumber(2024, 1, 4));
  });
});

describe('the roll at 17:00 New York', () => {
  it.each`
    after                         | roll                          | why
    ${'2024-01-03T12:00:00.000Z'} | ${'2024-01-03T22:00:00.000Z'} | ${'same day in winter'}
    ${'2024-07-03T12:00:00.000Z'} | ${'2024-07-03T21:00:00.000Z'} | ${'same day in summer'}
    ${'2024-01-03T22:00:00.000Z'} | ${'2024-01-04T22:00:00.000Z'} | ${'strictly after a roll'}
    ${'2024-03-08T22:00:00.000Z'} | ${'2024-03-11T21:00:00.000Z'} | ${'over a weekend that changes the clock'}
    ${'2024-11-02T12:00:00.000Z'} | ${'2024-11-04T22:00:00.000Z'} | ${'from a Saturday'}
    ${'2024-11-03T23:00:00.000Z'} | ${'2024-11-04T22:00:00.000Z'} | ${'from a Sunday evening'}
  `('after $after is $roll: $why', ({ after, roll }) => {
    expect(iso(rollAfter(utc(after)))).toBe(roll);
  });

  it('is always a weekday at 17:00, later, and the first one', () => {
    fc.assert(
      fc.property(anyTime, (ts) => {
        const roll = rollAfter(ts);
        expect(roll).toBeGreaterThan(ts);
        expect(newYorkHour(roll)).toBe(17);
        expect(newYorkHour(roll - 1)).toBe(16);
        expect(isWeekend(newYorkDay(roll))).toBe(false);
        expect(roll - ts).toBeLessThanOrEqual(3 * DAY_MS + HOUR_MS);
        expect(rollAfter(roll - 1)).toBe(roll);
      }),
    );
  });
});
