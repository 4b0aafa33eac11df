import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cornishFisher,
  gaussianTail,
  historicalTail,
  isCornishFisherMonotone,
  modifiedShortfall,
  modifiedVar,
  worstReturnsMean,
} from '../../../src/core/analytics/var-es.js';
import { isNumber } from '../../../src/core/math/stats.js';

const aReturn = fc.integer({ min: -900, max: 900 }).map((bps) => bps / 10_000);
const returns = fc.array(aReturn, { minLength: 20, maxLength: 120 }).filter((list) => new Set(list).size > 2);

describe('historical tail', () => {
  // 21 returns −10 … +10 ‰: position 1 at 95 %, so VaR 9 ‰ and ES the mean of 10 and 9.
  it('is the order statistic and the mean at or below it', () => {
    const list = Array.from({ length: 21 }, (_, i) => (i - 10) / 1000);
    expect(historicalTail(list, 0.95)).toEqual({ valueAtRisk: 0.009, expectedShortfall: expect.closeTo(0.0095, 15) });
    expect(worstReturnsMean(list, 0.95)).toBeCloseTo(0.0095, 15);
  });

  it.each`
    n      | confidence | enough
    ${19}  | ${0.95}    | ${false}
    ${20}  | ${0.95}    | ${true}
    ${99}  | ${0.99}    | ${false}
    ${100} | ${0.99}    | ${true}
    ${0}   | ${0.95}    | ${false}
  `('$n returns at $confidence: enough is $enough', ({ n, confidence, enough }) => {
    const result = historicalTail(new Float64Array(n), confidence);
    expect(isNumber(result)).toBe(enough);
    if (!enough) expect(result).toBe('SAMPLE_TOO_SMALL');
  });

  it('refuses a missing return rather than leaving it out', () => {
    expect(historicalTail(new Float64Array(30).fill(Number.NaN, 3, 4), 0.95)).toBe('NOT_FINITE');
  });

  it('loses at least as much beyond the quantile as at it, and more at a higher confidence', () => {
    fc.assert(
      fc.property(returns, (list) => {
        const at90 = historicalTail(list, 0.9);
        const at95 = historicalTail(list, 0.95);
        if (!isNumber(at90) || !isNumber(at95)) throw new Error('the sample is large enough');
        expect(at95.expectedShortfall).toBeGreaterThanOrEqual(at95.valueAtRisk - 1e-12);
        expect(at95.valueAtRisk).toBeGreaterThanOrEqual(at90.valueAtRisk - 1e-12);
        expect(at95.expectedShortfall).toBeGreaterThanOrEqual(at90.expectedShortfall - 1e-12);
      }),
    );
  });
});

describe('every tail measure', () => {
  const measures = {
    historical: (list: readonly number[]) => historicalTail(list, 0.95),
    gaussian: (list: readonly number[]) => gaussianTail(list, 0.95),
  };

  it('doubles with leverage, falls by a sure gain, and does not depend on the order', () => {
    fc.assert(
      fc.property(returns, (list) => {
        for (const measure of Object.values(measures)) {
          const [plain, double, richer, turned] = [
            measure(list),
            measure(list.map((r) => r * 2)),
            measure(list.map((r) => r + 0.01)),
            measure([...list].reverse()),
          ];
          if (!isNumber(plain) || !isNumber(double) || !isNumber(richer) || !isNumber(turned))
            throw new Error('exists');
          expect(double.valueAtRisk).toBeCloseTo(plain.valueAtRisk * 2, 12);
          expect(double.expectedShortfall).toBeCloseTo(plain.expectedShortfall * 2, 12);
          expect(richer.valueAtRisk).toBeCloseTo(plain.valueAtRisk - 0.01, 12);
          expect(turned.valueAtRisk).toBeCloseTo(plain.valueAtRisk, 12);
        }
      }),
    );
  });

  it('Cornish-Fisher shares those laws, and its shortfall is never below it', () => {
    fc.assert(
      fc.property(returns, (list) => {
        const plain = cornishFisher(list, 0.95);
        const double = cornishFisher(
          list.map((r) => r * 2 + 0.01),
          0.95,
        );
        if (!isNumber(plain) || !isNumber(double)) throw new Error('exists');
        expect(double.valueAtRisk).toBeCloseTo(plain.valueAtRisk * 2 - 0.01, 9);
        expect(Number(modifiedShortfall(list, 0.95))).toBeGreaterThanOrEqual(plain.valueAtRisk - 1e-12);
        expect(modifiedVar(list, 0.95)).toBe(plain.inDomain ? plain.valueAtRisk : 'CF_OUT_OF_DOMAIN');
      }),
    );
  });

  it('does not exist for flat or absent returns', () => {
    expect(cornishFisher([0.01, 0.01, 0.01], 0.95)).toBe('ZERO_VARIANCE');
    expect(cornishFisher([], 0.95)).toBe('TOO_FEW');
    expect(gaussianTail([0.01], 0.95)).toBe('TOO_FEW');
    expect(gaussianTail([0.01, 0.01], 0.95)).toEqual({ valueAtRisk: -0.01, expectedShortfall: -0.01 });
  });
});

describe('domain of the Cornish-Fisher expansion', () => {
  it.each`
    skew    | excessKurtosis | monotone
    ${0}    | ${0}           | ${true}
    ${-0.5} | ${2}           | ${true}
    ${-1.5} | ${12}          | ${false}
    ${2.6}  | ${8}           | ${false}
  `('skew $skew and excess kurtosis $excessKurtosis: $monotone', ({ skew, excessKurtosis, monotone }) => {
    expect(isCornishFisherMonotone({ skew, excessKurtosis })).toBe(monotone);
  });

  it('is what walking the quantile function finds', () => {
    const shape = fc.record({
      skew: fc.double({ min: -3, max: 3, noNaN: true }),
      excessKurtosis: fc.double({ min: -2, max: 12, noNaN: true }),
    });
    fc.assert(
      fc.property(shape, ({ skew: s, excessKurtosis: k }) => {
        const slope = (z: number) => 1 + (z * s) / 3 + ((z * z - 1) * k) / 8 - ((6 * z * z - 5) * s * s) / 36;
        const lowest = Math.min(...Array.from({ length: 801 }, (_, i) => slope(-4 + i / 100)));
        fc.pre(Math.abs(lowest) > 1e-3);
        expect(isCornishFisherMonotone({ skew: s, excessKurtosis: k })).toBe(lowest > 0);
      }),
    );
  });
});
