import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, dayNumber, HOUR_MS, isWeekend, newYorkTime } from '../../../../src/core/model/calendar/calendar.js';
import { rollDays, spotDate } from '../../../../src/core/model/calendar/value-dates.js';

const pairOf = (text: string) => ({ base: text.slice(0, 3), quote: text.slice(4) });
const dayOf = (date: string) => Date.parse(date) / DAY_MS;
const rollOf = (day: number) => newYorkTime(day, 17 * HOUR_MS);
const pairs = ['EUR/USD', 'USD/JPY', 'GBP/JPY', 'AUD/NZD', 'USD/CAD', 'USD/TRY', 'USD/SEK', 'CAD/JPY', 'EUR/PLN'];

describe('spot value dates', () => {
  it.each`
    pair         | trade           | spot            | why
    ${'EUR/USD'} | ${'2024-01-08'} | ${'2024-01-10'} | ${'two days'}
    ${'EUR/USD'} | ${'2024-01-11'} | ${'2024-01-16'} | ${'Monday 15 January is a dollar holiday'}
    ${'EUR/USD'} | ${'2024-07-02'} | ${'2024-07-05'} | ${'the value date may not be the 4th of July'}
    ${'EUR/USD'} | ${'2024-07-03'} | ${'2024-07-05'} | ${'a dollar holiday on the way counts as a day'}
    ${'EUR/USD'} | ${'2024-12-23'} | ${'2024-12-27'} | ${'Christmas and St Stephen are shut in TARGET'}
    ${'USD/JPY'} | ${'2024-04-30'} | ${'2024-05-02'} | ${'just before Golden Week'}
    ${'USD/JPY'} | ${'2024-05-01'} | ${'2024-05-07'} | ${'over Golden Week'}
    ${'USD/CAD'} | ${'2024-01-08'} | ${'2024-01-09'} | ${'one day'}
    ${'USD/CAD'} | ${'2024-06-28'} | ${'2024-07-02'} | ${'over Canada Day'}
    ${'CAD/JPY'} | ${'2024-01-08'} | ${'2024-01-10'} | ${'a cross of the Canadian dollar takes two days'}
    ${'EUR/GBP'} | ${'2024-07-02'} | ${'2024-07-05'} | ${'a cross does not settle on a dollar holiday'}
    ${'TRY/USD'} | ${'2024-01-08'} | ${'2024-01-09'} | ${'the inverse pair settles alike'}
    ${'EUR/PLN'} | ${'2024-11-07'} | ${'2024-11-12'} | ${'no table for the zloty: weekends, TARGET and the dollar'}
  `('$pair on $trade settles on $spot: $why', ({ pair, trade, spot }) => {
    expect(new Date(spotDate(pairOf(pair), dayOf(trade)) * DAY_MS).toISOString().slice(0, 10)).toBe(spot);
  });
});

describe('days of interest at a roll', () => {
  it.each`
    pair         | week                           | days
    ${'EUR/USD'} | ${'2024-02-05 (a plain week)'} | ${[1, 1, 3, 1, 1]}
    ${'USD/CAD'} | ${'2024-02-05 (a plain week)'} | ${[1, 1, 1, 3, 1]}
    ${'USD/TRY'} | ${'2024-02-05 (a plain week)'} | ${[1, 1, 1, 3, 1]}
    ${'EUR/TRY'} | ${'2024-02-05 (a plain week)'} | ${[1, 1, 3, 1, 1]}
    ${'CAD/JPY'} | ${'2024-01-22 (a plain week)'} | ${[1, 1, 3, 1, 1]}
    ${'EUR/USD'} | ${'2024-07-01 (4th of July)'}  | ${[2, 0, 3, 1, 1]}
    ${'EUR/USD'} | ${'2024-12-23 (Christmas)'}    | ${[3, 0, 0, 1, 2]}
    ${'USD/JPY'} | ${'2024-04-29 (Golden Week)'}  | ${[1, 5, 1, 0, 0]}
  `('$pair in the week of $week: $days', ({ pair, week, days }) => {
    const monday = dayOf(String(week).slice(0, 10));
    expect([0, 1, 2, 3, 4].map((n) => rollDays(pairOf(pair), rollOf(monday + n)))).toEqual(days);
  });

  it('are never negative, and sum to the calendar days between the value dates', () => {
    const day = fc.integer({ min: dayNumber(1972, 1, 3), max: dayNumber(2090, 1, 1) });
    fc.assert(
      fc.property(fc.constantFrom(...pairs), day, fc.integer({ min: 1, max: 400 }), (text, start, length) => {
        const pair = pairOf(text);
        let first = start;
        while (isWeekend(first)) first++;
        let sum = 0;
        let end = first;
        for (; end < first + length || isWeekend(end); end++) {
          if (isWeekend(end)) continue;
          const days = rollDays(pair, rollOf(end));
          expect(days).toBeGreaterThanOrEqual(0);
          sum += days;
        }
        expect(sum).toBe(spotDate(pair, end) - spotDate(pair, first));
      }),
    );
  });

  it('sum to 7 in every week that no holiday is near', () => {
    for (const pair of pairs.map(pairOf)) {
      for (const monday of ['2021-03-01', '2022-03-07', '2023-03-06', '2023-11-27']) {
        let sum = 0;
        for (let n = 0; n < 5; n++) sum += rollDays(pair, rollOf(dayOf(monday) + n));
        expect(sum).toBe(7);
      }
    }
  });
});
