import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areaPath,
  decimate,
  linear,
  linePath,
  niceTicks,
  tickDigits,
  timeTicks,
} from '../../../src/core/report/svg.js';

describe('axis marks', () => {
  it.each`
    low      | high     | count | ticks
    ${0}     | ${10}    | ${5}  | ${[0, 2, 4, 6, 8, 10]}
    ${-0.13} | ${0}     | ${3}  | ${[-0.15, -0.1, -0.05, 0]}
    ${98e3}  | ${264e3} | ${4}  | ${[50e3, 100e3, 150e3, 200e3, 250e3, 300e3]}
    ${1}     | ${1}     | ${2}  | ${[1]}
  `('from $low to $high are round: $ticks', ({ low, high, count, ticks }) => {
    expect(niceTicks(low, high, count)).toEqual(ticks);
  });

  it('reach around the data, in even steps, at any scale', () => {
    const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, value, fc.integer({ min: 2, max: 10 }), (a, b, count) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        fc.pre(high - low > 1e-6 * Math.max(1, Math.abs(low), Math.abs(high)));
        const ticks = niceTicks(low, high, count);
        expect(ticks.length).toBeLessThanOrEqual(count * 2 + 3);
        const slack = (high - low) * 1e-6;
        expect(ticks[0]).toBeLessThanOrEqual(low + slack);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(high - slack);
      }),
    );
  });

  it.each`
    ticks             | digits
    ${[0, 5]}         | ${0}
    ${[0, 0.5]}       | ${1}
    ${[0, 0.25]}      | ${2}
    ${[0.001, 0.002]} | ${3}
  `('$ticks need $digits decimals', ({ ticks, digits }) => {
    expect(tickDigits(ticks)).toBe(digits);
  });

  it.each`
    from            | to              | first         | last
    ${'2004-01-02'} | ${'2023-12-29'} | ${'2006'}     | ${'2022'}
    ${'2023-01-01'} | ${'2023-12-31'} | ${'Jan 2023'} | ${'Nov 2023'}
    ${'2023-03-01'} | ${'2023-03-20'} | ${'1 Mar'}    | ${'19 Mar'}
  `('of time from $from to $to begin at $first and end at $last', ({ from, to, first, last }) => {
    const ticks = timeTicks(Date.parse(from), Date.parse(to), 11);
    expect([ticks[0]?.label, ticks.at(-1)?.label]).toEqual([first, last]);
    expect(ticks.length).toBeLessThanOrEqual(12);
  });
});

describe('a path', () => {
  it('breaks where there is no value', () => {
    const points = [
      [0, 1],
      [1, 2],
      [2, Number.NaN],
      [3, 4],
    ] as const;
    expect(linePath(points)).toBe('M0,1L1,2M3,4');
    expect(areaPath(points, 9)).toBe('M0,1L1,2L1,9L0,9ZM3,4L3,9L3,9Z');
  });

  it('keeps the lowest, the highest, the first and the last value when thinned out', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 400 }), (values) => {
        const kept = decimate(values, 20).map((i) => values[i] ?? Number.NaN);
        expect(Math.min(...kept)).toBe(Math.min(...values));
        expect(Math.max(...kept)).toBe(Math.max(...values));
        expect([kept[0], kept.at(-1)]).toEqual([values[0], values.at(-1)]);
        expect(kept.length).toBeLessThanOrEqual(42);
      }),
    );
  });

  it('of one value everywhere stays inside the picture', () => {
    const scale = linear([5, 5], [0, 100]);
    expect(scale(5)).toBe(50);
  });
});
