import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  correlation,
  covariance,
  isNumber,
  mean,
  momentsOf,
  quantile,
  sampleSd,
  sum,
} from '../../../src/core/math/stats.js';

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-6 ? 0 : x));
const values = fc.array(value, { minLength: 2, maxLength: 60 });

describe('sums', () => {
  it('keeps what a plain sum loses', () => {
    expect(sum([1, 1e100, 1, -1e100])).toBe(2);
    expect(sum(new Float64Array(10).fill(0.1))).toBe(1);
    expect(sum([])).toBe(0);
  });

  it('does not depend on the order by more than rounding', () => {
    fc.assert(
      fc.property(values, (list) => {
        expect(Math.abs(sum(list) - sum([...list].reverse()))).toBeLessThanOrEqual(1e-15 * 1e6 * list.length);
      }),
    );
  });
});

describe('moments', () => {
  // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, squares 32, cubes 42, fourths 356.
  it('gives mean, deviations, skew and kurtosis of a list worked by hand', () => {
    const moments = momentsOf([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(moments).toMatchObject({ n: 8, mean: 5 });
    if (!isNumber(moments)) throw new Error('moments exist');
    expect(moments.sd).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(moments.sdPopulation).toBeCloseTo(2, 14);
    expect(moments.skew).toBeCloseTo(42 / 8 / 8, 14);
    expect(moments.kurtosis).toBeCloseTo(356 / 8 / 16, 14);
  });

  it.each`
    given                   | list                                   | expected
    ${'no values'}          | ${[]}                                  | ${'TOO_FEW'}
    ${'a missing value'}    | ${[1, Number.NaN]}                     | ${'NOT_FINITE'}
    ${'an infinite value'}  | ${[1, Infinity]}                       | ${'NOT_FINITE'}
    ${'values beyond sums'} | ${[1.7e308, 1.7e308]}                  | ${'NOT_FINITE'}
    ${'one value'}          | ${[3]}                                 | ${'TOO_FEW'}
    ${'equal values'}       | ${[0.001, 0.001, 0.001, 0.001, 0.001]} | ${0}
    ${'rounding noise'}     | ${[0.1 + 0.2, 0.3, 0.3]}               | ${0}
    ${'tiny values'}        | ${[1e-200, -1e-200]}                   | ${Math.SQRT2 * 1e-200}
  `('$given have a deviation of $expected', ({ list, expected }: { list: number[]; expected: number | string }) => {
    const sd = sampleSd(list);
    if (typeof expected === 'number' && expected > 0) expect(Number(sd) / expected).toBeCloseTo(1, 12);
    else expect(sd).toBe(expected);
  });

  it('shifts the mean alone, scales the deviation, and leaves the shape, whatever the order', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -100, max: 100 }), fc.integer({ min: 1, max: 9 }), (list, shift, times) => {
        const before = momentsOf(list);
        const after = momentsOf(list.map((x) => x * times + shift).reverse());
        fc.pre(isNumber(before) && isNumber(after) && Number(before.sd) > 1);
        if (!isNumber(before) || !isNumber(after)) return;
        expect(after.mean / 1e6).toBeCloseTo((before.mean * times + shift) / 1e6, 9);
        expect(Number(after.sd) / times / Number(before.sd)).toBeCloseTo(1, 9);
        expect(after.skew).toBeCloseTo(Number(before.skew), 5);
        expect(Number(after.kurtosis) / Number(before.kurtosis)).toBeCloseTo(1, 5);
      }),
    );
  });

  it('doubles nothing but the count when a list is written twice', () => {
    fc.assert(
      fc.property(values, (list) => {
        const once = momentsOf(list);
        const twice = momentsOf([...list, ...list]);
        if (!isNumber(once) || !isNumber(twice)) return;
        expect(twice.mean).toBeCloseTo(once.mean, 6);
        expect(twice.sdPopulation).toBeCloseTo(once.sdPopulation, 5);
      }),
    );
  });
});

describe('quantile of type 7', () => {
  it.each`
    list               | share   | expected
    ${[1, 2, 3, 4]}    | ${0.5}  | ${2.5}
    ${[4, 1, 3, 2]}    | ${0.25} | ${1.75}
    ${[1, 2, 3, 4, 5]} | ${0.9}  | ${4.6}
    ${[7]}             | ${0.05} | ${7}
    ${[1, 9]}          | ${0}    | ${1}
    ${[1, 9]}          | ${1}    | ${9}
    ${[]}              | ${0.5}  | ${'TOO_FEW'}
  `('$list at $share is $expected', ({ list, share, expected }) => {
    const result = quantile(list, share);
    if (typeof expected === 'string') expect(result).toBe(expected);
    else expect(result).toBeCloseTo(expected, 14);
  });

  it('takes the order statistic itself where 1 − 0.95 misses it in binary', () => {
    const list = Array.from({ length: 61 }, (_, i) => i / 1000);
    expect(quantile(list, 1 - 0.95)).toBe(0.003);
  });

  it('lies between the smallest and the largest, and rises with the share', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const here = Number(quantile(list, share));
        expect(here).toBeGreaterThanOrEqual(Math.min(...list));
        expect(here).toBeLessThanOrEqual(Math.max(...list));
        expect(Number(quantile(list, Math.min(1, share + 0.1)))).toBeGreaterThanOrEqual(here - 1e-9);
      }),
    );
  });
});

describe('two lists', () => {
  it.each`
    given               | a            | b            | cov                  | cor
    ${'the same'}       | ${[1, 2, 3]} | ${[1, 2, 3]} | ${1}                 | ${1}
    ${'opposite'}       | ${[1, 2, 3]} | ${[3, 2, 1]} | ${-1}                | ${-1}
    ${'one flat'}       | ${[1, 2, 3]} | ${[5, 5, 5]} | ${0}                 | ${'ZERO_VARIANCE'}
    ${'unlike lengths'} | ${[1, 2, 3]} | ${[5, 5]}    | ${'LENGTH_MISMATCH'} | ${'LENGTH_MISMATCH'}
    ${'one row'}        | ${[1]}       | ${[5]}       | ${'TOO_FEW'}         | ${'TOO_FEW'}
  `('$given: covariance $cov, correlation $cor', ({ a, b, cov, cor }) => {
    expect(covariance(a, b)).toBe(cov);
    const related = correlation(a, b);
    if (typeof cor === 'number') expect(related).toBeCloseTo(cor, 14);
    else expect(related).toBe(cor);
  });

  it('is symmetric and never beyond one', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 40 }), (pairs) => {
        const a = pairs.map(([x]) => x);
        const b = pairs.map(([, y]) => y);
        expect(covariance(a, b)).toBe(covariance(b, a));
        const related = correlation(a, b);
        if (isNumber(related)) expect(Math.abs(related)).toBeLessThanOrEqual(1);
        expect(Number.isFinite(mean(a))).toBe(true);
      }),
    );
  });
});
