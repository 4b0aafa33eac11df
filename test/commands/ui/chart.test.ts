import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chartLines, showsUnicode, type TextChart } from '../../../src/commands/ui/chart.js';

const chart = (changes: Partial<TextChart>): TextChart => ({
  title: 'Equity',
  time: ['2024-01-01T22:00:00.000Z', '2024-01-05T22:00:00.000Z'],
  values: [1, 2, 3, 2, 1, 0, 1, 2],
  columns: 40,
  rows: 4,
  label: (value) => value.toFixed(1),
  unicode: false,
  ...changes,
});

describe('a chart of text', () => {
  it('draws a line in ASCII', () => {
    expect(chartLines(chart({ columns: 30 }))).toEqual([
      'Equity',
      '         3.0 |    ***',
      '             |  *** ***     **',
      '         1.0 |***     *** ***',
      '         0.0 |          ***',
      '              2024-01-01 2024-01-05',
    ]);
  });

  it('fills a drawdown from the top', () => {
    expect(chartLines(chart({ columns: 26, filled: true, values: [0, -1, -2, -1, 0, -3] }))).toEqual([
      'Equity',
      '         0.0 |############',
      '             |  ######  ##',
      '        -2.0 |    ##    ##',
      '        -3.0 |          ##',
      '              2024-01-01 2024-01-05',
    ]);
  });

  it('fits its columns and never shows a number that is none', () => {
    const values = fc.array(fc.double({ noDefaultInfinity: true, min: -1e12, max: 1e12 }), { maxLength: 300 });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 40, max: 120 }),
        fc.boolean(),
        fc.boolean(),
        (list, columns, unicode, filled) => {
          for (const line of chartLines(chart({ values: list, columns, unicode, filled }))) {
            expect([...line].length).toBeLessThanOrEqual(columns);
            expect(line).not.toMatch(/NaN|Infinity/);
          }
        },
      ),
    );
  });

  it('is empty when there is nothing to draw', () => {
    expect(chartLines(chart({ values: [1] }))).toEqual([]);
  });

  it.each`
    env                                     | unicode
    ${{ LANG: 'en_US.UTF-8' }}              | ${true}
    ${{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }} | ${false}
    ${{ LC_CTYPE: 'de_DE.utf8' }}           | ${true}
    ${{}}                                   | ${false}
    ${{ WT_SESSION: 'x' }}                  | ${true}
  `('uses dots only where the locale is UTF-8: $env', ({ env, unicode }) => {
    expect(showsUnicode(env)).toBe(unicode);
  });
});
