import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSizing, type SizerInput, sizeSignal } from '../../../src/core/sizing/sizer.js';
import type { SizingMethod, SizingSettings } from '../../../src/core/sizing/sizing.js';
import { anInstrument } from './an-instrument.js';

const METHODS: readonly SizingMethod[] = [
  'target-weights',
  'fixed-fractional',
  'volatility-target',
  'atr',
  'kelly',
  'fixed-units',
];
const settings = (change: Partial<SizingSettings>): SizingSettings => ({ ...defaultSizing(), ...change });
const stats = { n: 100, winProb: 0.6, payoff: 1.2, returnMean: 0.004, returnSd: 0.02 };

function aCase(change: Partial<SizerInput> = {}): SizerInput {
  return {
    instrument: anInstrument(),
    exposure: 1,
    equity: 100_000,
    price: 1.25,
    quoteToAccount: 1,
    stopDistance: 0.005,
    atr: 0.004,
    dailyVolatility: 0.005,
    instrumentCount: 4,
    tradeStats: stats,
    ...change,
  };
}

describe('the size of a signal', () => {
  it.each`
    method                 | given                                      | change                         | units
    ${'target-weights'}    | ${'a quarter of equity each of four'}      | ${{}}                          | ${20_000}
    ${'target-weights'}    | ${'half a signal, short'}                  | ${{ exposure: -0.5 }}          | ${-10_000}
    ${'fixed-fractional'}  | ${'1 % at 50 pips'}                        | ${{}}                          | ${200_000}
    ${'fixed-fractional'}  | ${'1 % at 50 pips, short'}                 | ${{ exposure: -1 }}            | ${-200_000}
    ${'fixed-fractional'}  | ${'half a signal risks half'}              | ${{ exposure: 0.5 }}           | ${100_000}
    ${'atr'}               | ${'1 % at twice 40 pips'}                  | ${{}}                          | ${125_000}
    ${'volatility-target'} | ${'10 % a year from 0.5 % a day'}          | ${{}}                          | ${99_227}
    ${'volatility-target'} | ${'a calm market, capped at twice equity'} | ${{ dailyVolatility: 0.0001 }} | ${160_000}
    ${'kelly'}             | ${'a quarter of Kelly at the stop'}        | ${{}}                          | ${1_026_944}
    ${'kelly'}             | ${'a quarter of Kelly on returns, capped'} | ${{ stopDistance: undefined }} | ${132_551}
    ${'fixed-units'}       | ${'as many as set'}                        | ${{}}                          | ${10_000}
    ${'fixed-units'}       | ${'as many as set, short and half'}        | ${{ exposure: -0.5 }}          | ${-5_000}
  `('$method: $given is $units units', ({ method, change, units }) => {
    const sized = sizeSignal(settings({ method }), aCase(change));
    expect(sized.units).toBe(units);
    expect(sized.reason).toBeUndefined();
    expect(sized.inputs['method']).toBe(method);
  });

  it.each`
    method                 | change                                                                         | reason
    ${'fixed-units'}       | ${{ exposure: 0 }}                                                             | ${'FLAT'}
    ${'fixed-units'}       | ${{ equity: 0 }}                                                               | ${'NO_EQUITY'}
    ${'fixed-units'}       | ${{ equity: NaN }}                                                             | ${'NO_EQUITY'}
    ${'fixed-units'}       | ${{ price: NaN }}                                                              | ${'NO_PRICE'}
    ${'fixed-units'}       | ${{ quoteToAccount: NaN }}                                                     | ${'NO_PRICE'}
    ${'fixed-units'}       | ${{ instrument: anInstrument({ minUnits: 20_000 }) }}                          | ${'BELOW_MIN_SIZE'}
    ${'fixed-fractional'}  | ${{ stopDistance: undefined }}                                                 | ${'NO_STOP'}
    ${'fixed-fractional'}  | ${{ stopDistance: 0 }}                                                         | ${'NO_STOP'}
    ${'atr'}               | ${{ atr: undefined }}                                                          | ${'NO_ATR'}
    ${'atr'}               | ${{ atr: 0 }}                                                                  | ${'NO_ATR'}
    ${'volatility-target'} | ${{ dailyVolatility: undefined }}                                              | ${'NO_VOLATILITY'}
    ${'volatility-target'} | ${{ dailyVolatility: 0 }}                                                      | ${'ZERO_FORECAST_VOL'}
    ${'kelly'}             | ${{ tradeStats: undefined }}                                                   | ${'TOO_FEW_TRADES'}
    ${'kelly'}             | ${{ tradeStats: { ...stats, n: 29 } }}                                         | ${'TOO_FEW_TRADES'}
    ${'kelly'}             | ${{ tradeStats: { ...stats, payoff: undefined } }}                             | ${'NO_PAYOFF'}
    ${'kelly'}             | ${{ tradeStats: { ...stats, payoff: 0 } }}                                     | ${'NO_PAYOFF'}
    ${'kelly'}             | ${{ tradeStats: { ...stats, winProb: 0.4 } }}                                  | ${'NO_EDGE'}
    ${'kelly'}             | ${{ stopDistance: 0 }}                                                         | ${'NO_STOP'}
    ${'kelly'}             | ${{ stopDistance: undefined, tradeStats: { n: 50, winProb: 0.6, payoff: 1 } }} | ${'NO_STOP'}
    ${'kelly'}             | ${{ stopDistance: undefined, tradeStats: { ...stats, returnSd: undefined } }}  | ${'NO_STOP'}
    ${'kelly'}             | ${{ stopDistance: undefined, tradeStats: { ...stats, returnMean: 0 } }}        | ${'NO_EDGE'}
    ${'kelly'}             | ${{ stopDistance: undefined, tradeStats: { ...stats, returnSd: 0 } }}          | ${'NO_EDGE'}
  `('$method with $change is nothing: $reason', ({ method, change, reason }) => {
    expect(sizeSignal(settings({ method }), aCase(change))).toMatchObject({ units: 0, reason });
  });

  it('stays on the lot grid, on the side of the signal, and never above the size of the full signal', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...METHODS),
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 1e7, noNaN: true }),
        fc.constantFrom(0.01, 1, 1_000),
        (method, exposure, equity, lotStep) => {
          const instrument = anInstrument({ lotStep, minUnits: lotStep });
          const { units, inputs } = sizeSignal(settings({ method }), aCase({ exposure, equity, instrument }));
          const whole = sizeSignal(settings({ method }), aCase({ equity, instrument })).units;
          expect(Math.abs(units / lotStep - Math.round(units / lotStep))).toBeLessThan(1e-4);
          expect(units * exposure).toBeGreaterThanOrEqual(0);
          expect(Math.abs(units)).toBeLessThanOrEqual(whole * (1 + 1e-8));
          for (const value of Object.values(inputs)) expect(Number.isNaN(value)).toBe(false);
        },
      ),
    );
  });

  it('kelly without any trade bets nothing, even where none is asked for', () => {
    const nobody = { ...stats, n: 0 };
    const eager = settings({ method: 'kelly', kellyMinTrades: 0 });
    expect(sizeSignal(eager, aCase({ tradeStats: nobody }))).toMatchObject({ units: 0, reason: 'NO_EDGE' });
    const stopless = aCase({ tradeStats: nobody, stopDistance: undefined });
    expect(sizeSignal(eager, stopless)).toMatchObject({ units: 0, reason: 'NO_EDGE' });
  });

  it('is deaf to a method that does not exist', () => {
    const unknown = settings({ method: 'martingale' as SizingMethod });
    expect(() => sizeSignal(unknown, aCase())).toThrow(/every case is handled/);
  });
});
