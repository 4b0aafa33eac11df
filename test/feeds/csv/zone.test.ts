import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zoneClock } from '../../../src/feeds/csv/zone.js';

const at = (text: string): number => Date.parse(`${text}Z`);
const iso = (utc: number): string => new Date(utc).toISOString().slice(0, 19);

describe('local times', () => {
  it.each`
    zone                  | local                    | utc
    ${'America/New_York'} | ${'2018-01-15T17:00:00'} | ${'2018-01-15T22:00:00'}
    ${'America/New_York'} | ${'2018-07-15T17:00:00'} | ${'2018-07-15T21:00:00'}
    ${'America/New_York'} | ${'2018-03-11T03:00:00'} | ${'2018-03-11T07:00:00'}
    ${'America/New_York'} | ${'2017-12-31T23:59:00'} | ${'2018-01-01T04:59:00'}
    ${'EET'}              | ${'2018-03-25T04:00:00'} | ${'2018-03-25T01:00:00'}
    ${'Europe/London'}    | ${'1970-06-01T12:00:00'} | ${'1970-06-01T11:00:00'}
    ${'UTC'}              | ${'2018-03-25T02:30:00'} | ${'2018-03-25T02:30:00'}
    ${'+02:00'}           | ${'2018-03-25T02:30:00'} | ${'2018-03-25T00:30:00'}
    ${'UTC-5'}            | ${'2018-03-25T02:30:00'} | ${'2018-03-25T07:30:00'}
  `('$local in $zone is $utc', ({ zone, local, utc }) => {
    expect(iso(zoneClock(zone).toUtc(at(local), Number.NaN, false))).toBe(utc);
  });

  it('the spring hour does not exist', () => {
    expect(zoneClock('America/New_York').toUtc(at('2018-03-11T02:30:00'), Number.NaN, false)).toBeNaN();
  });

  it('the autumn hour comes once in summer time, then in winter time, by the order of the rows', () => {
    const clock = zoneClock('America/New_York');
    let previous = at('2018-11-04T04:30:00');
    const read = ['01:00:00', '01:30:00', '01:00:00', '01:30:00', '02:00:00'].map((time) => {
      previous = clock.toUtc(at(`2018-11-04T${time}`), previous, false);
      return iso(previous).slice(11);
    });
    expect(read).toEqual(['05:00:00', '05:30:00', '06:00:00', '06:30:00', '07:00:00']);
    const back = ['02:00:00', '01:30:00', '01:00:00', '01:30:00', '01:00:00'].map((time) => {
      previous = clock.toUtc(at(`2018-11-04T${time}`), previous, true);
      return iso(previous).slice(11);
    });
    expect(back).toEqual(['07:00:00', '06:30:00', '06:00:00', '05:30:00', '05:00:00']);
  });

  it('there and back is the same instant, in any zone and year', () => {
    const zones = ['America/New_York', 'Europe/Athens', 'Australia/Sydney', 'Africa/Casablanca', 'Asia/Kolkata'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: at('1971-01-01T00:00:00') / 60_000, max: at('2036-01-01T00:00:00') / 60_000 }),
        (zone, minute) => {
          const utc = minute * 60_000;
          const clock = zoneClock(zone);
          expect(clock.toUtc(clock.toLocal(utc), utc - 1, false)).toBe(utc);
        },
      ),
    );
  });

  it('a zone that does not exist is a usage error that names one', () => {
    expect(() => zoneClock('Mars/Base')).toThrow("'Mars/Base' is not a time zone");
  });
});
