import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell, csvNumber } from '../../../src/core/base/csv.js';

describe('a text cell', () => {
  it.each`
    text                     | cell
    ${'plain'}               | ${'plain'}
    ${''}                    | ${''}
    ${'a,b'}                 | ${'"a,b"'}
    ${'say "hi"'}            | ${'"say ""hi"""'}
    ${'two\nlines'}          | ${'"two\nlines"'}
    ${'=1+1'}                | ${"'=1+1"}
    ${'+1'}                  | ${"'+1"}
    ${'-1'}                  | ${"'-1"}
    ${'@SUM(A1)'}            | ${"'@SUM(A1)"}
    ${'\tx'}                 | ${"'\tx"}
    ${'\rx'}                 | ${'"\'\rx"'}
    ${'=HYPERLINK("a","b")'} | ${'"\'=HYPERLINK(""a"",""b"")"'}
    ${'a=b'}                 | ${'a=b'}
  `('$text becomes $cell', ({ text, cell }) => {
    expect(csvCell(text)).toBe(cell);
  });

  it('never starts with a character that a spreadsheet runs', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cell = csvCell(text);
        const seen = cell.startsWith('"') && cell !== text ? cell.slice(1) : cell;
        expect(/^[=+\-@\t\r]/.test(seen)).toBe(false);
      }),
    );
  });
});

describe('a number cell', () => {
  it.each`
    value        | cell
    ${0.1}       | ${'0.1'}
    ${-0}        | ${'0'}
    ${1e15}      | ${'1000000000000000'}
    ${null}      | ${''}
    ${undefined} | ${''}
  `('$value becomes "$cell"', ({ value, cell }) => {
    expect(csvNumber(value)).toBe(cell);
  });

  it('reads back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(csvNumber(value)) === value).toBe(true);
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('%s is a bug, not a cell', (value) => {
    expect(() => csvNumber(value)).toThrow('finite');
  });
});
