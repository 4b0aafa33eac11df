import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { resolveParams } from '../../../src/core/strategies/params.js';
import { builtIns } from '../../../src/core/strategies/registry.js';
import type { AnyStrategy } from '../../../src/core/strategies/strategy.js';
import { anInstrument, drive, type Slice } from '../../helpers/drive-strategy.js';

const PAIRS = ['AUD/USD', 'EUR/USD', 'GBP/USD', 'NZD/USD', 'USD/CHF', 'USD/JPY'];

/** Hourly bars with days of 6 bars, weeks of 5 days, months of 4 weeks; now and then a pair has no bar. */
function market(seed: number, count: number): Slice[] {
  const rng = seededRng(seed);
  const wire = seededRng(seed + 1_000_000);
  const prices = PAIRS.map(() => 1.2);
  return Array.from({ length: count }, (_, i) => {
    const ts = Date.UTC(2024, 0, 1) + (Math.floor(i / 6) * 24 + (i % 6) + 1) * 3_600_000;
    const bars = PAIRS.flatMap((id, k) => {
      const open = prices[k] ?? 1;
      const drift = Math.floor(i / 40) % 2 === 0 ? 0.48 : 0.52;
      const close = Math.round((open + (rng.next() - drift) * 0.01) * 1e5) / 1e5;
      prices[k] = close;
      const high = Math.max(open, close) + Math.floor(rng.next() * 50) / 1e5;
      const low = Math.min(open, close) - Math.floor(rng.next() * 50) / 1e5;
      const missing = rng.next() < 0.02;
      return missing ? [] : [{ instrument: instrumentId(id), ts, open, high, low, close, volume: 100 }];
    });
    const endsDay = i % 6 === 5;
    const rates = Object.fromEntries(
      ['AUD', 'EUR', 'GBP', 'NZD', 'CHF', 'JPY'].map((code, k) => [code, ((k * 7 + Math.floor(i / 120)) % 6) / 100]),
    );
    const news = Object.fromEntries(PAIRS.map((id) => [id, wire.next() * 1.2 - 0.6]));
    return { ts, bars, rates, news, endsDay, endsWeek: i % 30 === 29, endsMonth: i % 120 === 119 };
  });
}

const cases: [string, Record<string, string | number | boolean>][] = [
  ['sma-cross', { fast: 3, slow: 9, stopBps: 50 }],
  ['sma-cross', { fast: 4, slow: 8, longOnly: true }],
  ['trend', { entry: 10, exit: 5, atrWindow: 5 }],
  ['trend', { entry: 10, exit: 5, volTargetBps: 1000, trail: true, atrWindow: 5 }],
  ['mean-reversion', { window: 8, entry: 1.5, atrWindow: 5, maxBars: 10 }],
  ['mean-reversion', { window: 8, entry: 1, exit: -0.5, stopAtr: 0, longOnly: true }],
  ['sentiment', {}],
  ['sentiment', { entry: 0.5, exit: 0, longOnly: true, stopBps: 100 }],
  ['carry', { legs: 2 }],
  ['carry', { legs: 2, weighting: 'risk-parity', rebalance: 'weekly', regimeFilter: true, covWindow: 30 }],
  ['carry', { legs: 3, weighting: 'max-sharpe', rebalance: 'daily', volTargetBps: 800, turnoverPenaltyBps: 200 }],
];

describe.each(cases)('%s with %o', (name, params) => {
  let definition: AnyStrategy;
  beforeAll(async () => {
    definition = (await builtIns.get(name)?.()) as AnyStrategy;
  });
  const run = (slices: Slice[], saveAfter?: number) =>
    drive(definition, { instruments: PAIRS, params, slices, ...(saveAfter === undefined ? {} : { saveAfter }) }).made;

  it('decides something in this market, with a reason, at finite prices and sizes', () => {
    const made = run(market(1, 700));
    expect(made.length).toBeGreaterThan(3);
    for (const { wish } of made) {
      expect(wish.reason).not.toBe('');
      for (const value of Object.values(wish)) if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite);
      const inputs = wish.kind === 'signal' || wish.kind === 'target' ? Object.values(wish.inputs ?? {}) : [];
      for (const value of inputs) if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite);
    }
  });

  it('given the future is cut off, the past stays as it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 260 }), (seed, cut) => {
        const slices = market(seed, 260);
        const whole = run(slices).filter(({ slice }) => slice < cut);
        expect(run(slices.slice(0, cut))).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });

  it('given it is saved as JSON and loaded at any point, it goes on as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 259 }), (seed, at) => {
        const slices = market(seed, 260);
        expect(run(slices, at)).toEqual(run(slices));
      }),
      { numRuns: 8 },
    );
  });

  it('given a state that is not its own, refuses it', () => {
    const instruments = PAIRS.map(anInstrument);
    const instance = definition.create({ params: resolveParams(definition, params), instruments, currency: 'USD' });
    for (const state of [null, 7, 'text', {}, []]) expect(() => instance.load?.(state)).toThrow('saved');
  });
});

describe('the registry', () => {
  it.each([...builtIns.keys()])(
    '%s is named as its key, has a summary, and says the range of every number',
    async (name) => {
      const definition = (await builtIns.get(name)?.()) as AnyStrategy;
      expect(definition.name).toBe(name);
      expect(definition.summary).toBeTruthy();
      for (const spec of Object.values(definition.params)) {
        expect(spec.summary).toBeTruthy();
        if (typeof spec.default !== 'number') continue;
        expect([spec.min, spec.max, spec.unit]).not.toContain(undefined);
        expect(spec.default).toBeGreaterThanOrEqual(spec.min ?? Number.NaN);
        expect(spec.default).toBeLessThanOrEqual(spec.max ?? Number.NaN);
      }
    },
  );
});
