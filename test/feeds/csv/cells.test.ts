import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellEnd, readNumber, readStamp, stampHasTime, stampHasZone } from '../../../src/feeds/csv/cells.js';

const bytes = (text: string): Uint8Array => Buffer.from(`${text}\n`);

describe('numbers', () => {
  it('any printed number is read back exactly, to its last byte', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = String(value);
        expect(readNumber(bytes(text), 0)).toBe(Number(text));
        expect(cellEnd).toBe(text.length);
      }),
    );
  });

  it('any decimal text, however long, is what Number makes of it', () => {
    const digits = fc.stringMatching(/^\d{1,25}$/);
    fc.assert(
      fc.property(
        fc.constantFrom('', '-', '+'),
        digits,
        fc.option(fc.stringMatching(/^\d{0,30}$/)),
        (sign, whole, tail) => {
          const text = `${sign}${whole}${tail === null ? '' : `.${tail}`}`;
          expect(readNumber(bytes(text), 0)).toBe(Number(text));
        },
      ),
    );
  });

  it.each(['', '.', '-', 'abc', '+', '-.'])('%j is no number', (text) => {
    expect(readNumber(bytes(text), 0)).toBeNaN();
  });

  it.each(['1e5', '1.5E-3', '.5', '5.', '-0', '0009.10', '9007199254740993', '1.2345678901234567890'])('%s', (text) => {
    expect(readNumber(bytes(text), 0)).toBe(Number(text));
  });
});

describe('times', () => {
  it.each`
    text                              | iso                           | time     | zone
    ${'2020-01-31'}                   | ${'2020-01-31T00:00:00.000Z'} | ${false} | ${false}
    ${'2020-01-31 22:05:07'}          | ${'2020-01-31T22:05:07.000Z'} | ${true}  | ${false}
    ${'2020-01-31T22:05:07.123456Z'}  | ${'2020-01-31T22:05:07.123Z'} | ${true}  | ${true}
    ${'2020-01-31T22:05:07.5+02:00'}  | ${'2020-01-31T20:05:07.500Z'} | ${true}  | ${true}
    ${'2020-01-31 22:05:00+00:00'}    | ${'2020-01-31T22:05:00.000Z'} | ${true}  | ${true}
    ${'2020-01-31 22:05:00 -0530'}    | ${'2020-02-01T03:35:00.000Z'} | ${true}  | ${true}
    ${'2020-01-31 22:05:00 UTC'}      | ${'2020-01-31T22:05:00.000Z'} | ${true}  | ${true}
    ${'31.01.2020 22:05:00.250'}      | ${'2020-01-31T22:05:00.250Z'} | ${true}  | ${false}
    ${'31.01.2020 22:05:00 GMT+0100'} | ${'2020-01-31T21:05:00.000Z'} | ${true}  | ${true}
    ${'2020.01.31'}                   | ${'2020-01-31T00:00:00.000Z'} | ${false} | ${false}
    ${'2020/1/3 4:05'}                | ${'2020-01-03T04:05:00.000Z'} | ${true}  | ${false}
    ${'20200131'}                     | ${'2020-01-31T00:00:00.000Z'} | ${false} | ${false}
    ${'20200131 22:05'}               | ${'2020-01-31T22:05:00.000Z'} | ${true}  | ${false}
    ${'20200131 220507'}              | ${'2020-01-31T22:05:07.000Z'} | ${true}  | ${false}
    ${'20200131 220507089'}           | ${'2020-01-31T22:05:07.089Z'} | ${true}  | ${false}
    ${'2020-01-31 12-AM'}             | ${'2020-01-31T00:00:00.000Z'} | ${true}  | ${false}
    ${'2020-01-31 04-PM'}             | ${'2020-01-31T16:00:00.000Z'} | ${true}  | ${false}
    ${'1580508307'}                   | ${'2020-01-31T22:05:07.000Z'} | ${true}  | ${true}
    ${'1580508307.25'}                | ${'2020-01-31T22:05:07.250Z'} | ${true}  | ${true}
    ${'1580508307123'}                | ${'2020-01-31T22:05:07.123Z'} | ${true}  | ${true}
    ${'1580508307123456'}             | ${'2020-01-31T22:05:07.123Z'} | ${true}  | ${true}
    ${'2018-12'}                      | ${'2018-12-01T00:00:00.000Z'} | ${false} | ${false}
    ${'2020-02-29'}                   | ${'2020-02-29T00:00:00.000Z'} | ${false} | ${false}
  `('$text is $iso', ({ text, iso, time, zone }) => {
    expect(new Date(readStamp(bytes(text), 0)).toISOString()).toBe(iso);
    expect(cellEnd).toBe(text.length);
    expect({ time: stampHasTime, zone: stampHasZone }).toEqual({ time, zone });
  });

  it.each([
    '2019-02-29',
    '2020-13-01',
    '2020-00-10',
    '2020-01-32',
    '1800-01-01',
    '01/02/2020',
    '2020-01-31 24:00',
    '2020-01-31 22:60',
    '2020-01-31 22:05:61',
    '2020-01-31 7',
    'yesterday',
    '',
    '12345',
  ])('%j is no time', (text) => {
    expect(readStamp(bytes(text), 0)).toBeNaN();
  });
});
