import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, isWeekend } from '../../../../src/core/model/calendar/calendar.js';
import { isHoliday } from '../../../../src/core/model/calendar/holidays.js';
import { closeOfDate, isOpen, nextOpen, periodFlags } from '../../../../src/core/model/calendar/sessions.js';
import { LAST_OF_DAY, LAST_OF_MONTH, LAST_OF_WEEK } from '../../../../src/core/model/market.js';

const utc = (text: string) => Date.parse(text);
const iso = (ts: number) => new Date(ts).toISOString();
const shared = `${process.env['FXTRADE_SHARED'] ?? '../shared'}/data/market`;
const absent = !existsSync(shared);
if (absent) console.log(`skipped: no market data at ${shared}`);
const datesOf = (file: string) =>
  new Set(
    gunzipSync(readFileSync(`${shared}/${file}`))
      .toString()
      .split('\n')
      .slice(1)
      .map((line) => line.slice(0, 10))
      .filter((date) => /^\d{4}-\d\d-\d\d$/.test(date)),
  );

describe('market hours', () => {
  it.each`
    hours         | at                            | open     | why
    ${'fx'}       | ${'2024-01-07T21:59:59.999Z'} | ${false} | ${'just before Sunday 17:00 New York'}
    ${'fx'}       | ${'2024-01-07T22:00:00.000Z'} | ${true}  | ${'Sunday 17:00 in winter'}
    ${'fx'}       | ${'2024-07-07T21:00:00.000Z'} | ${true}  | ${'Sunday 17:00 in summer'}
    ${'fx'}       | ${'2024-01-05T21:59:59.999Z'} | ${true}  | ${'just before Friday 17:00'}
    ${'fx'}       | ${'2024-01-05T22:00:00.000Z'} | ${false} | ${'Friday 17:00'}
    ${'fx'}       | ${'2024-01-06T12:00:00.000Z'} | ${false} | ${'a Saturday'}
    ${'fx'}       | ${'2024-01-03T03:00:00.000Z'} | ${true}  | ${'any weekday hour'}
    ${'us-stock'} | ${'2024-01-03T14:29:59.999Z'} | ${false} | ${'before 09:30'}
    ${'us-stock'} | ${'2024-01-03T14:30:00.000Z'} | ${true}  | ${'09:30'}
    ${'us-stock'} | ${'2024-01-03T20:59:59.999Z'} | ${true}  | ${'just before 16:00'}
    ${'us-stock'} | ${'2024-01-03T21:00:00.000Z'} | ${false} | ${'16:00'}
    ${'us-stock'} | ${'2024-07-03T17:00:00.000Z'} | ${false} | ${'13:00 on an early close'}
    ${'us-stock'} | ${'2024-07-04T15:00:00.000Z'} | ${false} | ${'Independence Day'}
    ${'us-stock'} | ${'2002-07-05T17:30:00.000Z'} | ${false} | ${'early close after a Thursday holiday, before 2013'}
    ${'us-stock'} | ${'2012-10-29T15:00:00.000Z'} | ${false} | ${'the storm of 2012'}
    ${'us-stock'} | ${'2021-12-31T15:00:00.000Z'} | ${true}  | ${"New Year's Day on a Saturday is not kept"}
    ${'us-stock'} | ${'2010-12-24T15:00:00.000Z'} | ${false} | ${'Christmas on a Saturday is kept on Friday'}
    ${'us-stock'} | ${'1970-02-23T15:00:00.000Z'} | ${false} | ${"Washington's Birthday by its date"}
    ${'always'}   | ${'2024-01-06T12:00:00.000Z'} | ${true}  | ${'crypto on a Saturday'}
    ${'data'}     | ${'2024-01-06T12:00:00.000Z'} | ${true}  | ${'whatever the data says'}
  `('$hours at $at: open is $open ($why)', ({ hours, at, open }) => {
    expect(isOpen(hours, utc(at))).toBe(open);
  });

  it.each`
    hours         | at                            | opens
    ${'fx'}       | ${'2024-03-09T12:00:00.000Z'} | ${'2024-03-10T21:00:00.000Z'}
    ${'fx'}       | ${'2024-01-05T22:00:00.000Z'} | ${'2024-01-07T22:00:00.000Z'}
    ${'fx'}       | ${'2024-01-03T12:00:00.000Z'} | ${'2024-01-03T12:00:00.000Z'}
    ${'us-stock'} | ${'2024-07-03T17:00:00.000Z'} | ${'2024-07-05T13:30:00.000Z'}
    ${'us-stock'} | ${'2024-01-03T10:00:00.000Z'} | ${'2024-01-03T14:30:00.000Z'}
    ${'always'}   | ${'2024-01-06T12:00:00.000Z'} | ${'2024-01-06T12:00:00.000Z'}
  `('$hours after $at opens at $opens', ({ hours, at, opens }) => {
    expect(iso(nextOpen(hours, utc(at)))).toBe(opens);
  });

  it('nextOpen is the first open moment: open there, shut just before', () => {
    const anyTime = fc.integer({ min: utc('1970-02-01T00:00Z'), max: utc('2100-01-01T00:00Z') });
    fc.assert(
      fc.property(anyTime, fc.constantFrom('fx' as const, 'us-stock' as const), (ts, hours) => {
        const open = nextOpen(hours, ts);
        expect(isOpen(hours, open)).toBe(true);
        expect(open === ts || !isOpen(hours, open - 1)).toBe(true);
        expect(open - ts).toBeLessThan(7 * DAY_MS);
      }),
    );
  });
});

describe('a row with a date and no time', () => {
  it.each`
    assetClass  | date            | close
    ${'fx'}     | ${'2024-01-03'} | ${'2024-01-03T22:00:00.000Z'}
    ${'fx'}     | ${'2024-07-03'} | ${'2024-07-03T21:00:00.000Z'}
    ${'stock'}  | ${'2024-07-02'} | ${'2024-07-02T20:00:00.000Z'}
    ${'stock'}  | ${'2024-07-03'} | ${'2024-07-03T17:00:00.000Z'}
    ${'crypto'} | ${'2024-07-03'} | ${'2024-07-03T23:59:59.999Z'}
    ${'other'}  | ${'2024-07-03'} | ${'2024-07-03T23:59:59.999Z'}
  `('of $assetClass on $date is stamped $close', ({ assetClass, date, close }) => {
    expect(iso(closeOfDate(utc(date), assetClass))).toBe(close);
  });
});

describe('last bar of a day, week, month', () => {
  const D = LAST_OF_DAY;
  const W = LAST_OF_WEEK;
  const M = LAST_OF_MONTH;
  it.each`
    ts                            | next                          | flags        | why
    ${'2024-01-03T12:00:00.000Z'} | ${'2024-01-03T13:00:00.000Z'} | ${0}         | ${'same day'}
    ${'2024-01-03T23:00:00.000Z'} | ${'2024-01-04T00:00:00.000Z'} | ${0}         | ${'a bar that closes at midnight belongs to the day before'}
    ${'2024-01-04T00:00:00.000Z'} | ${'2024-01-04T01:00:00.000Z'} | ${D}         | ${'midnight ends the day'}
    ${'2024-01-05T22:00:00.000Z'} | ${'2024-01-07T23:00:00.000Z'} | ${D}         | ${'Sunday is of the same ISO week'}
    ${'2024-01-05T22:00:00.000Z'} | ${'2024-01-08T22:00:00.000Z'} | ${D | W}     | ${'Friday to Monday'}
    ${'2024-01-31T22:00:00.000Z'} | ${'2024-02-01T22:00:00.000Z'} | ${D | M}     | ${'month end inside a week'}
    ${'2024-05-31T21:00:00.000Z'} | ${'2024-06-03T21:00:00.000Z'} | ${D | W | M} | ${'month end on a Friday'}
    ${'2023-12-29T22:00:00.000Z'} | ${'2024-01-02T22:00:00.000Z'} | ${D | W | M} | ${'year end'}
    ${'2024-01-03T12:00:00.000Z'} | ${'2024-01-03T12:00:00.000Z'} | ${0}         | ${'another bar of the same slice'}
  `('$ts before $next gives $flags: $why', ({ ts, next, flags }) => {
    expect(periodFlags(utc(ts), utc(next), 'data')).toBe(flags);
  });

  it.each`
    ts                            | hours         | timeframe      | fixings       | flags        | why
    ${'2024-05-31T21:00:00.000Z'} | ${'fx'}       | ${DAY_MS}      | ${'weekdays'} | ${D | W | M} | ${'next is Monday in June'}
    ${'2024-03-28T21:00:00.000Z'} | ${'fx'}       | ${DAY_MS}      | ${'weekdays'} | ${D}         | ${'Good Friday is a weekday'}
    ${'2024-03-28T21:00:00.000Z'} | ${'fx'}       | ${DAY_MS}      | ${'target'}   | ${D | W | M} | ${'no fixing before 2 April'}
    ${'2024-03-28T20:00:00.000Z'} | ${'us-stock'} | ${DAY_MS}      | ${'weekdays'} | ${D | W | M} | ${'next session is 1 April'}
    ${'2024-01-03T21:00:00.000Z'} | ${'us-stock'} | ${DAY_MS}      | ${'weekdays'} | ${D}         | ${'next session is tomorrow'}
    ${'2024-01-03T20:00:00.000Z'} | ${'us-stock'} | ${HOUR_MS}     | ${'weekdays'} | ${0}         | ${'an hour is left'}
    ${'2024-01-03T21:00:00.000Z'} | ${'us-stock'} | ${HOUR_MS}     | ${'weekdays'} | ${D}         | ${'the session is over'}
    ${'2024-01-05T22:00:00.000Z'} | ${'fx'}       | ${HOUR_MS}     | ${'weekdays'} | ${D}         | ${'reopens on Sunday, same ISO week'}
    ${'2024-01-08T00:00:00.000Z'} | ${'fx'}       | ${HOUR_MS}     | ${'weekdays'} | ${D | W}     | ${'Sunday ends the ISO week'}
    ${'2024-01-31T23:59:59.999Z'} | ${'always'}   | ${DAY_MS}      | ${'weekdays'} | ${D | M}     | ${'crypto has every day'}
    ${'2024-01-31T23:59:59.999Z'} | ${'data'}     | ${DAY_MS}      | ${'weekdays'} | ${D | M}     | ${'a day later is all that is known'}
    ${'2024-02-01T00:00:00.000Z'} | ${'always'}   | ${0}           | ${'weekdays'} | ${D | M}     | ${'the next tick is later than midnight'}
    ${'2024-01-31T22:00:00.000Z'} | ${'fx'}       | ${4 * HOUR_MS} | ${'weekdays'} | ${D | M}     | ${'the next four hours end tomorrow'}
  `('$ts of $hours at the newest bar gives $flags: $why', ({ ts, hours, timeframe, fixings, flags }) => {
    expect(periodFlags(utc(ts), undefined, hours, timeframe, fixings)).toBe(flags);
  });

  it('takes a bar a session for granted when no timeframe is told', () => {
    expect(periodFlags(utc('2024-01-05T22:00:00Z'), undefined, 'fx')).toBe(D | W);
  });
});

describe.skipIf(absent)('calendars against what was published', () => {
  it('New York sessions of 1999 to 2020 are exactly the days SPY traded', () => {
    const traded = datesOf('equities/av_daily_adjusted/SPY.csv.gz');
    for (let ts = utc('1999-11-01'); ts <= utc('2020-12-11'); ts += DAY_MS) {
      const open = isOpen('us-stock', ts + 15 * HOUR_MS);
      if (open !== traded.has(iso(ts).slice(0, 10))) expect.fail(`${iso(ts)} open is ${open}`);
    }
  });

  it('TARGET days of 1999 to 2018 are exactly the days with an ECB fixing', () => {
    const fixed = datesOf('fx/ecb_eurofxref_hist_to_2018.csv.gz');
    const wrong: string[] = [];
    for (let ts = utc('1999-01-04'); ts <= utc('2018-12-31'); ts += DAY_MS) {
      const day = ts / DAY_MS;
      const open = !isWeekend(day) && !isHoliday('EUR', day);
      if (open !== fixed.has(iso(ts).slice(0, 10))) wrong.push(`${iso(ts).slice(0, 10)} open is ${open}`);
    }
    expect(wrong).toEqual([]);
  });
});
