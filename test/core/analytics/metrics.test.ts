import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFINITIONS, definitionOf } from '../../../src/core/analytics/definitions.js';
import { computeMetrics, type MetricsInput } from '../../../src/core/analytics/metrics.js';

const DAY = 86_400_000;
const FROM = Date.UTC(2023, 0, 1);

function aRun(changes: Partial<MetricsInput> = {}): MetricsInput {
  return {
    startEquity: 100_000,
    endEquity: 110_000,
    from: FROM,
    to: FROM + 730.5 * DAY,
    dailyReturns: Float64Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? -0.01 : 0.005)),
    periodsPerYear: 260,
    maxDrawdown: 0.05,
    maxDrawdownDays: 30,
    tradeNetPnl: [100, -50, 200, 0],
    tradeRisk: [100, 50, 100, 50],
    exposedBars: 25,
    bars: 100,
    tradedNotional: 420_000,
    meanEquity: 105_000,
    trials: { count: 10, variance: 0.0005 },
    ...changes,
  };
}

describe('metrics of a run', () => {
  it('follow from their definitions', () => {
    const { metrics, reasons } = computeMetrics(aRun());
    // mean 0.00125; squares about it 30 × 0.00375² + 10 × 0.01125², over 39.
    const sd = Math.sqrt((30 * 0.00375 ** 2 + 10 * 0.01125 ** 2) / 39);
    expect(reasons).toEqual({});
    expect(metrics.totalReturn).toBeCloseTo(0.1, 12);
    expect(metrics.annualReturn).toBeCloseTo(Math.sqrt(1.1) - 1, 12);
    expect(metrics.annualVolatility).toBeCloseTo(sd * Math.sqrt(260), 12);
    expect(metrics.sharpe).toBeCloseTo((0.00125 / sd) * Math.sqrt(260), 10);
    expect(metrics.sortino).toBeCloseTo((0.00125 / 0.005) * Math.sqrt(260), 10);
    expect(metrics.omega).toBeCloseTo(1.5, 12);
    expect(metrics.calmar).toBeCloseTo((Math.sqrt(1.1) - 1) / 0.05, 12);
    expect(metrics).toMatchObject({ maxDrawdown: 0.05, maxDrawdownDays: 30, exposure: 0.25, trialsCounted: 10 });
    expect(metrics.turnover).toBeCloseTo(2, 12);
    expect(metrics).toMatchObject({ winRate: 2 / 3, profitFactor: 6, payoff: 3, expectancy: 62.5 });
    // R is 1, −1, 2, 0: mean 0.5, squares about it 5.
    expect(metrics.sqn).toBeCloseTo((2 * 0.5) / Math.sqrt(5 / 3), 12);
    expect(metrics).toMatchObject({ var95Day: 0.01, es95Day: 0.01 });
    expect(metrics.skew).toBeCloseTo(-2 / Math.sqrt(3), 10);
    expect(metrics.kurtosis).toBeCloseTo(7 / 3, 10);
    expect(metrics.probabilisticSharpe).toBeGreaterThan(metrics.deflatedSharpe ?? 1);
  });

  const flat = new Float64Array(30);
  it.each`
    given                         | changes                                                            | expected
    ${'flat returns'}             | ${{ dailyReturns: flat }}                                          | ${{ sharpe: 'ZERO_VARIANCE', sortino: 'ZERO_VARIANCE', omega: 'ZERO_VARIANCE', skew: 'ZERO_VARIANCE', kurtosis: 'ZERO_VARIANCE', probabilisticSharpe: 'ZERO_VARIANCE', deflatedSharpe: 'ZERO_VARIANCE' }}
    ${'the same return each day'} | ${{ dailyReturns: flat.map(() => 0.001) }}                         | ${{ sharpe: 'ZERO_VARIANCE' }}
    ${'no losing day'}            | ${{ dailyReturns: flat.map((_, i) => i / 1000) }}                  | ${{ sortino: 'NO_LOSSES', omega: 'NO_LOSSES' }}
    ${'no day'}                   | ${{ dailyReturns: new Float64Array(0) }}                           | ${{ sharpe: 'TOO_FEW', ulcer: 'TOO_FEW', annualVolatility: 'TOO_FEW', var95Day: 'SAMPLE_TOO_SMALL' }}
    ${'19 days'}                  | ${{ dailyReturns: flat.subarray(0, 19) }}                          | ${{ var95Day: 'SAMPLE_TOO_SMALL', es95Day: 'SAMPLE_TOO_SMALL' }}
    ${'no trade'}                 | ${{ tradeNetPnl: [], tradeRisk: [] }}                              | ${{ winRate: 'NO_TRADES', profitFactor: 'NO_TRADES', payoff: 'NO_TRADES', expectancy: 'NO_TRADES', sqn: 'NO_TRADES' }}
    ${'no stop'}                  | ${{ tradeRisk: [Number.NaN, Number.NaN, Number.NaN, Number.NaN] }} | ${{ sqn: 'NO_STOPS' }}
    ${'winners only'}             | ${{ tradeNetPnl: [5, 6] }}                                         | ${{ profitFactor: 'NO_LOSSES', payoff: 'NO_LOSSES' }}
    ${'losers only'}              | ${{ tradeNetPnl: [-5, -6] }}                                       | ${{ payoff: 'NO_WINS' }}
    ${'break-even only'}          | ${{ tradeNetPnl: [0, 0] }}                                         | ${{ winRate: 'ALL_BREAK_EVEN', profitFactor: 'ALL_BREAK_EVEN' }}
    ${'no drawdown'}              | ${{ maxDrawdown: 0 }}                                              | ${{ calmar: 'NO_DRAWDOWN' }}
    ${'one trial'}                | ${{ trials: { count: 1, variance: undefined } }}                   | ${{ deflatedSharpe: 'TOO_FEW_TRIALS' }}
    ${'trials without variance'}  | ${{ trials: { count: 5, variance: undefined } }}                   | ${{ deflatedSharpe: 'NO_TRIAL_VARIANCE' }}
    ${'debt at the end'}          | ${{ endEquity: -1 }}                                               | ${{ annualReturn: 'NEGATIVE_WEALTH', calmar: 'NEGATIVE_WEALTH' }}
    ${'no time'}                  | ${{ to: FROM, bars: 0 }}                                           | ${{ annualReturn: 'TOO_FEW', turnover: 'TOO_FEW', exposure: 'TOO_FEW' }}
    ${'a broken return'}          | ${{ dailyReturns: Float64Array.of(0.1, Number.NaN) }}              | ${{ sharpe: 'NOT_FINITE', omega: 'NOT_FINITE', sortino: 'NOT_FINITE', ulcer: 'NOT_FINITE' }}
  `('given $given, each missing number says why', ({ changes, expected }) => {
    const { metrics, reasons } = computeMetrics(aRun(changes));
    for (const [name, reason] of Object.entries(expected)) {
      expect([name, metrics[name as keyof typeof metrics], reasons[`metrics.${name}`]]).toEqual([name, null, reason]);
    }
  });

  const wild = fc.oneof(fc.double(), fc.constantFrom(0, 1, -1, 1e-320, 1e308, -1e308, Number.NaN, Infinity));
  const list = fc.oneof(fc.array(wild, { maxLength: 30 }), fc.array(fc.double({ min: -2, max: 2 }), { maxLength: 60 }));

  it('are finite or null with a reason, whatever comes in', () => {
    const input = fc.record({
      startEquity: wild,
      endEquity: wild,
      from: wild,
      to: wild,
      dailyReturns: list.map((values) => Float64Array.from(values)),
      periodsPerYear: fc.constantFrom(252, 260, 365),
      maxDrawdown: wild,
      maxDrawdownDays: wild,
      tradeNetPnl: list,
      tradeRisk: list,
      exposedBars: wild,
      bars: wild,
      tradedNotional: wild,
      meanEquity: wild,
      trials: fc.record({ count: wild, variance: fc.option(wild, { nil: undefined }) }),
    });
    fc.assert(
      fc.property(input, (run) => {
        const { metrics, reasons } = computeMetrics(run);
        for (const [name, metric] of Object.entries(metrics)) {
          expect([name, metric === null || Number.isFinite(metric)]).toEqual([name, true]);
          expect([name, `metrics.${name}` in reasons]).toEqual([name, metric === null]);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('definitions', () => {
  it('exist for every metric of a run and every cost, and for nothing else', () => {
    const costs = ['spread', 'commission', 'slippage', 'impact', 'financing'];
    expect(Object.keys(DEFINITIONS).sort()).toEqual([...Object.keys(computeMetrics(aRun()).metrics), ...costs].sort());
    expect(definitionOf('sharpe')?.formula).toContain('√P');
    expect(definitionOf('toString')).toBeUndefined();
    for (const definition of Object.values(DEFINITIONS)) {
      expect(Object.values(definition).every((part) => part.length > 0)).toBe(true);
    }
  });
});
