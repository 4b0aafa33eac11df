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
    ${'\rx'}                 | ${'\\x0dx'}
    ${'=HYPERLINK("a","b")'} | ${'"\'=HYPERLINK(""a"",""b"")"'}
    ${'a=b'}                 | ${'a=b'}
    ${' =1+1'}               | ${"' =1+1"}
    ${'\t=1+1'}              | ${"'\t'=1+1"}
    ${'\r=1+1'}              | ${'\\x0d=1+1'}
    ${'a;=1+1'}              | ${"a;'=1+1"}
    ${'a\t@x'}               | ${"a\t'@x"}
    ${'a\n=1'}               | ${'"a\n\'=1"'}
    ${'＝1+1'}               | ${"'＝1+1"}
    ${'\u001b[2J'}           | ${'\\x1b[2J'}
    ${'\u200b=1'}            | ${'\\u200b=1'}
    ${'\u0000=1'}            | ${'\\x00=1'}
    ${'USD/JPY: 5%'}         | ${'USD/JPY: 5%'}
  `('$text becomes $cell', ({ text, cell }) => {
    expect(csvCell(text)).toBe(cell);
  });

  it('holds no formula, whatever separator a spreadsheet cuts at, and nothing that a terminal acts on', () => {
    const risky = fc.string({ unit: fc.constantFrom(...'=+-@＝;, \t\r\n"\'a\u001b\u200b\u202e') });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), risky), (text) => {
        const cell = csvCell(text);
        const seen = cell.startsWith('"') && cell.endsWith('"') && /[",\n]/.test(text) ? cell.slice(1, -1) : cell;
        for (const part of seen.split(/[;\t\n]/)) expect(part.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
        expect(cell.replace(/[\t\n]/g, '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u);
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
