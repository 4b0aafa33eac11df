import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeReturn, alphaBeta, geometricActive, joinByDate } from '../../../src/core/analytics/benchmark.js';
import { CONVENTIONS, conventionRows } from '../../../src/core/analytics/conventions.js';
import { isNumber } from '../../../src/core/math/stats.js';

const terms = { rfPerPeriod: 0, periodsPerYear: 252 };
const aReturn = fc.integer({ min: -500, max: 500 }).map((bps) => bps / 10_000);
const pairs = fc
  .array(fc.tuple(aReturn, aReturn), { minLength: 3, maxLength: 50 })
  .map((rows) => ({ ours: rows.map(([a]) => a), theirs: rows.map(([, b]) => b) }))
  .filter(({ theirs }) => new Set(theirs).size > 1);

const regression = (ours: readonly number[], theirs: readonly number[]) => {
  const result = alphaBeta(ours, theirs, terms);
  if (!isNumber(result)) throw new Error('a regression exists');
  return result;
};

describe('against a benchmark', () => {
  it.each`
    given                 | ours                  | theirs             | expected
    ${'unlike lengths'}   | ${[0.1, 0.2]}         | ${[0.1]}           | ${'LENGTH_MISMATCH'}
    ${'a flat benchmark'} | ${[0.01, 0.02, -0.1]} | ${[0.1, 0.1, 0.1]} | ${{ beta: 'ZERO_VARIANCE', alphaPerPeriod: 'ZERO_VARIANCE', r2: 'ZERO_VARIANCE' }}
    ${'a flat strategy'}  | ${[0.01, 0.01, 0.01]} | ${[0.1, 0.2, 0.3]} | ${{ beta: 0, correlation: 'ZERO_VARIANCE' }}
    ${'one day'}          | ${[0.01]}             | ${[0.1]}           | ${{ beta: 'TOO_FEW' }}
  `('$given', ({ ours, theirs, expected }) => {
    const result = alphaBeta(ours, theirs, terms);
    if (typeof expected === 'string') expect(result).toBe(expected);
    else expect(result).toMatchObject(expected);
    if (typeof expected === 'string') expect(activeReturn(ours, theirs, 252)).toBe(expected);
  });

  it('twice the benchmark plus one basis point has beta 2 and that alpha', () => {
    fc.assert(
      fc.property(pairs, ({ theirs }) => {
        const result = regression(
          theirs.map((b) => 2 * b + 0.0001),
          theirs,
        );
        expect(result.beta).toBeCloseTo(2, 9);
        expect(result.alphaPerPeriod).toBeCloseTo(0.0001, 9);
        expect(result.alphaAnnualArith).toBeCloseTo(0.0252, 7);
        expect(result.alphaAnnualGeom).toBeCloseTo(1.0001 ** 252 - 1, 7);
        expect(result.r2).toBeCloseTo(1, 9);
      }),
    );
  });

  it('beta scales with us and against the benchmark, whatever the order of days', () => {
    fc.assert(
      fc.property(pairs, ({ ours, theirs }) => {
        const beta = Number(regression(ours, theirs).beta);
        expect(
          Number(
            regression(
              ours.map((a) => a * 4),
              theirs,
            ).beta,
          ),
        ).toBeCloseTo(beta * 4, 7);
        expect(
          Number(
            regression(
              ours,
              theirs.map((b) => b * 4),
            ).beta,
          ),
        ).toBeCloseTo(beta / 4, 7);
        expect(Number(regression([...ours].reverse(), [...theirs].reverse()).beta)).toBeCloseTo(beta, 7);
        expect(
          Number(
            regression(
              ours.map((a) => a + 0.01),
              theirs,
            ).beta,
          ),
        ).toBeCloseTo(beta, 7);
      }),
    );
  });

  it('the information ratio turns over when the sides change, and does not exist against oneself', () => {
    fc.assert(
      fc.property(pairs, ({ ours, theirs }) => {
        const one = activeReturn(ours, theirs, 252);
        const other = activeReturn(theirs, ours, 252);
        if (!isNumber(one) || !isNumber(other)) throw new Error('lengths fit');
        expect(one.trackingError).toEqual(other.trackingError);
        if (isNumber(one.informationRatio)) expect(other.informationRatio).toBeCloseTo(-one.informationRatio, 9);
        expect(activeReturn(ours, ours, 252)).toEqual({ trackingError: 0, informationRatio: 'ZERO_VARIANCE' });
        expect(geometricActive(ours, ours, 252)).toMatchObject({ activePremium: 0, informationRatio: 'ZERO_VARIANCE' });
      }),
    );
  });

  it('joins by date and counts our days without a partner', () => {
    const joined = joinByDate(
      { date: ['2024-01-01', '2024-01-02', '2024-01-03'], return: [0.1, 0.2, 0.3] },
      { date: ['2024-01-03', '2024-01-02', '2024-01-09'], return: [3, 2, 9] },
    );
    expect(joined).toEqual({
      date: ['2024-01-02', '2024-01-03'],
      ours: Float64Array.of(0.2, 0.3),
      theirs: Float64Array.of(2, 3),
      dropped: 1,
    });
  });
});

describe('conventions of other libraries', () => {
  const returns = [0.02, -0.01, 0.015, 0.003, -0.02, 0.01, 0.004, -0.006, 0.012, 0.001, -0.003, 0.007].concat([
    0.002, -0.004, 0.006, 0.009, -0.012, 0.008, 0.011, -0.002,
  ]);
  const benchmark = returns.map((r, i) => r / 2 + (i % 3) / 1000);
  const printed = (name: (typeof CONVENTIONS)[number], metric: string) =>
    conventionRows(name, { returns, benchmark, periodsPerYear: 252 }).find((row) => row.metric === metric)?.value;

  it('agree on Sharpe, and differ by known factors elsewhere', () => {
    expect(printed('quantstats', 'sharpe')).toBe(printed('empyrical', 'sharpe'));
    expect(printed('pa', 'sharpe')).toBe(printed('empyrical', 'sharpe'));
    expect(printed('pa', 'sortino')).toBeCloseTo(Number(printed('quantstats', 'sortino')) / Math.sqrt(252), 12);
    expect(printed('pa', 'ulcer')).toBeCloseTo(Number(printed('quantstats', 'ulcer')) * Math.sqrt(19 / 20), 12);
    const alpha = Number(printed('pa', 'alpha'));
    expect(printed('quantstats', 'alpha')).toBeCloseTo(alpha * 252, 12);
    expect(printed('empyrical', 'alpha')).toBeCloseTo((1 + alpha) ** 252 - 1, 12);
  });

  it('print VaR and CVaR negative, each by its own definition', () => {
    const historical = Number(printed('empyrical', 'var95'));
    expect(historical).toBeCloseTo(-0.0124, 12);
    expect(printed('pa', 'var95Historical')).toBe(historical);
    expect(printed('pa', 'cvar95')).toBeCloseTo(-0.02, 12);
    expect(Number(printed('quantstats', 'var95'))).toBeLessThan(Number(printed('pa', 'var95Gaussian')));
  });

  // Mean and deviation of the ten points behind the published comparison: mean 0.0013, Kelly 12.084, Sharpe 2.813827.
  it('halve Kelly as PerformanceAnalytics does by default', () => {
    const sd = (0.0013 / 2.813827) * Math.sqrt(252);
    const half = Math.sqrt(1 / 2) * sd;
    const two = conventionRows('pa', { returns: [0.0013 - half, 0.0013 + half], periodsPerYear: 252 });
    expect(two.find((row) => row.metric === 'kelly')?.value).toBeCloseTo(12.084, 2);
  });

  it('give a number or a reason for any returns', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2 }), { maxLength: 40 }), (list) => {
        for (const name of CONVENTIONS) {
          for (const { value } of conventionRows(name, { returns: list, periodsPerYear: 260 })) {
            expect(typeof value === 'string' || Number.isFinite(value)).toBe(true);
          }
        }
      }),
    );
  });
});
