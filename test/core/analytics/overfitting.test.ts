import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deflatedSharpe,
  expectedMaxSharpe,
  minTrackRecord,
  probabilisticSharpe,
  sharpeSample,
} from '../../../src/core/analytics/overfitting.js';
import { isNumber } from '../../../src/core/math/stats.js';

const normal = { skew: 0, kurtosis: 3 };
const aSharpe = fc.double({ min: -0.3, max: 0.3, noNaN: true });
const aTest = fc.record({
  sharpe: aSharpe,
  benchmarkSharpe: aSharpe,
  n: fc.integer({ min: 2, max: 3000 }),
  skew: fc.double({ min: -1, max: 1, noNaN: true }),
  kurtosis: fc.double({ min: 3, max: 10, noNaN: true }),
});

describe('probabilistic Sharpe ratio', () => {
  // The worked example of Bailey and López de Prado 2014: 0.9004 for 100 trials, 0.9505 for 46.
  it.each`
    trials | expected
    ${100} | ${0.9004}
    ${46}  | ${0.9505}
  `('deflates the published example of $trials trials to $expected', ({ trials, expected }) => {
    const sample = { sharpe: 2.5 / Math.sqrt(250), n: 1250, skew: -3, kurtosis: 10 };
    const result = deflatedSharpe(sample, { count: trials, variance: 1 / 2 / 250 });
    if (!isNumber(result)) throw new Error(result);
    expect(result.probability).toBeCloseTo(expected, 3);
  });

  it.each`
    given                    | actual                                                                                | expected
    ${'one return'}          | ${probabilisticSharpe({ sharpe: 0.1, benchmarkSharpe: 0, n: 1, ...normal })}          | ${'TOO_FEW'}
    ${'impossible moments'}  | ${probabilisticSharpe({ sharpe: 1, benchmarkSharpe: 0, n: 9, skew: 9, kurtosis: 3 })} | ${'INVALID_MOMENTS'}
    ${'nothing to beat'}     | ${probabilisticSharpe({ sharpe: 0.1, benchmarkSharpe: 0.1, n: 9, ...normal })}        | ${0.5}
    ${'a poor record'}       | ${minTrackRecord({ sharpe: 0, benchmarkSharpe: 0, confidence: 0.95, ...normal })}     | ${'NOT_ABOVE_BENCHMARK'}
    ${'one trial'}           | ${expectedMaxSharpe({ count: 1, variance: 1 })}                                       | ${'TOO_FEW_TRIALS'}
    ${'an unknown variance'} | ${expectedMaxSharpe({ count: 9, variance: undefined })}                               | ${'NO_TRIAL_VARIANCE'}
    ${'equal trials'}        | ${expectedMaxSharpe({ count: 9, variance: 0 })}                                       | ${0}
    ${'flat returns'}        | ${sharpeSample([0.1, 0.1])}                                                           | ${'ZERO_VARIANCE'}
  `('$given gives $expected', ({ actual, expected }) => {
    expect(actual).toBe(expected);
  });

  it('is a probability, rises with the ratio and falls with the ratio to beat', () => {
    fc.assert(
      fc.property(aTest, (test) => {
        const here = Number(probabilisticSharpe(test));
        expect(here).toBeGreaterThanOrEqual(0);
        expect(here).toBeLessThanOrEqual(1);
        const harder = Number(probabilisticSharpe({ ...test, benchmarkSharpe: test.benchmarkSharpe + 0.01 }));
        expect(harder).toBeLessThanOrEqual(here);
      }),
    );
  });

  it('reaches the confidence exactly at the minimum track record', () => {
    fc.assert(
      fc.property(aTest, fc.constantFrom(0.9, 0.95, 0.99), (test, confidence) => {
        const n = minTrackRecord({ ...test, confidence });
        if (!isNumber(n) || n < 2 || test.sharpe - test.benchmarkSharpe < 1e-4) return;
        expect(probabilisticSharpe({ ...test, n })).toBeCloseTo(confidence, 9);
      }),
    );
  });

  it('more trials and more spread among them mean more luck to beat', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 10_000 }), fc.double({ min: 1e-5, max: 0.1, noNaN: true }), (count, v) => {
        const here = Number(expectedMaxSharpe({ count, variance: v }));
        expect(Number(expectedMaxSharpe({ count: count + 1, variance: v }))).toBeGreaterThan(here);
        expect(expectedMaxSharpe({ count, variance: v * 4 })).toBeCloseTo(here * 2, 9);
      }),
    );
  });

  it('the sample of returns does not change with leverage or order', () => {
    const returns = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(returns, (list) => {
        const one = sharpeSample(list.map((r) => r / 1e4));
        const two = sharpeSample(list.map((r) => r / 1e3).reverse());
        if (!isNumber(one) || !isNumber(two)) return expect(two).toBe(one);
        expect(two.sharpe).toBeCloseTo(one.sharpe, 9);
        expect(two.skew).toBeCloseTo(one.skew, 9);
        expect(two.kurtosis).toBeCloseTo(one.kurtosis, 9);
      }),
    );
  });
});
