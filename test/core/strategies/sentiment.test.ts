import { describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import { withNewsFilter } from '../../../src/core/strategies/filters/news-filter.js';
import { sentiment } from '../../../src/core/strategies/sentiment.js';
import { smaCross } from '../../../src/core/strategies/sma-cross.js';
import type { AnyStrategy, StrategyInstance, View, Wish } from '../../../src/core/strategies/strategy.js';
import { drive, slicesOf } from '../../helpers/drive-strategy.js';

/** Prices that stand still, and a score a bar. */
function played(scores: readonly number[], params: Record<string, number | boolean> = {}) {
  const slices = slicesOf(
    'EUR/USD',
    scores.map(() => 1.1),
  ).map((slice, i) => ({ ...slice, news: { 'EUR/USD': scores[i] ?? 0 } }));
  const { made } = drive(sentiment as unknown as AnyStrategy, { instruments: ['EUR/USD'], params, slices });
  return made.map(({ slice, wish }) => [slice, wish.kind === 'signal' ? wish.exposure : undefined]);
}

describe('sentiment', () => {
  it.each`
    scores                            | params                     | decided
    ${[0, 0.29, 0.3, 0.2, 0.1, 0.09]} | ${{}}                      | ${[[2, 1], [5, 0]]}
    ${[-0.3, -0.2, -0.05]}            | ${{}}                      | ${[[0, -1], [2, 0]]}
    ${[0.4, -0.4]}                    | ${{}}                      | ${[[0, 1], [1, -1]]}
    ${[0.4, -0.4]}                    | ${{ longOnly: true }}      | ${[[0, 1], [1, 0]]}
    ${[-0.4]}                         | ${{ longOnly: true }}      | ${[]}
    ${[0.9]}                          | ${{ minWeight: 2.5 }}      | ${[]}
    ${[0.5, 0]}                       | ${{ exit: 0, entry: 0.5 }} | ${[[0, 1]]}
    ${[0.5, -0.01]}                   | ${{ exit: 0, entry: 0.5 }} | ${[[0, 1], [1, 0]]}
  `('given scores $scores and $params, decides $decided', ({ scores, params, decided }) => {
    expect(played(scores, params)).toEqual(decided);
  });

  it('a position that a stop closed is not opened again by the same news', () => {
    const instance = sentiment.create({
      params: { halfLife: 24, entry: 0.3, exit: 0.1, minWeight: 1, longOnly: false, stopBps: 50 },
      instruments: [{ id: instrumentId('EUR/USD') }] as never,
      currency: 'USD',
    });
    const ask = (score: number) => instance.onBar?.(aBar, aView(score, 0)) as Wish | undefined;
    expect(ask(0.5)).toMatchObject({ exposure: 1, stop: 1.1 * 0.995 });
    expect(ask(0.5)).toBeUndefined();
    expect(ask(0.2)).toBeUndefined();
    expect(ask(0.5)).toMatchObject({ exposure: 1 });
  });

  it('an exit at or above the entry is refused', () => {
    expect(() => played([0], { entry: 0.2, exit: 0.2 })).toThrow('not below entry');
  });
});

const id = instrumentId('EUR/USD');
const aBar = { instrument: id, ts: 0, open: 1.1, high: 1.1, low: 1.1, close: 1.1, volume: 1 };
const aView = (score: number, units: number): View =>
  ({ sentiment: () => ({ score, weight: 2 }), units: () => units, pending: () => false }) as unknown as View;

describe('the news as a filter of other strategies', () => {
  const signal = { kind: 'signal', instrument: id, exposure: 1, reason: 'cross', stop: 1, takeProfit: 2 } as const;
  const out = { kind: 'signal', instrument: id, exposure: 0, reason: 'cross; but the news is against it' };
  const target = { kind: 'target', instrument: id, weight: -0.5, reason: 'rank' } as const;
  const flat = { ...target, weight: 0, reason: 'rank; but the news is against it' };
  const buy = { kind: 'order', instrument: id, side: 'buy', units: 100, reason: 'grid' } as const;
  const cancel = { kind: 'cancel', instrument: id, reason: 'old' } as const;
  it.each`
    what                        | score   | units   | wish                          | given
    ${'a signal against it'}    | ${-0.5} | ${0}    | ${signal}                     | ${out}
    ${'a signal with it'}       | ${0.5}  | ${0}    | ${signal}                     | ${signal}
    ${'weak news'}              | ${-0.4} | ${0}    | ${signal}                     | ${signal}
    ${'an exit'}                | ${-0.9} | ${100}  | ${{ ...signal, exposure: 0 }} | ${{ ...signal, exposure: 0 }}
    ${'a target against it'}    | ${0.5}  | ${0}    | ${target}                     | ${flat}
    ${'a target of nothing'}    | ${0.9}  | ${50}   | ${{ ...target, weight: 0 }}   | ${{ ...target, weight: 0 }}
    ${'an order against it'}    | ${-0.5} | ${0}    | ${buy}                        | ${undefined}
    ${'an order that reduces'}  | ${-0.5} | ${-100} | ${buy}                        | ${buy}
    ${'an order that turns'}    | ${-0.5} | ${-99}  | ${buy}                        | ${undefined}
    ${'taking back'}            | ${-0.9} | ${0}    | ${cancel}                     | ${cancel}
    ${'some of several'}        | ${-0.5} | ${0}    | ${[cancel, signal, buy]}      | ${[cancel, out]}
    ${'nothing'}                | ${-0.5} | ${0}    | ${undefined}                  | ${undefined}
    ${'what is no wish at all'} | ${-0.5} | ${0}    | ${7}                          | ${7}
  `('$what', ({ score, units, wish, given }) => {
    const strategy = { onBar: () => wish, onSlice: () => wish } as StrategyInstance;
    const filtered = withNewsFilter(strategy, { against: 0.5, halfLifeMs: 1 });
    expect(filtered.onBar?.(aBar, aView(score, units))).toEqual(given);
    expect(filtered.onSlice?.(aView(score, units))).toEqual(given);
  });

  it('leaves what a strategy keeps to the strategy', () => {
    const definition: AnyStrategy = {
      ...(smaCross as unknown as AnyStrategy),
      create: (context) =>
        withNewsFilter((smaCross as unknown as AnyStrategy).create(context), { against: 2, halfLifeMs: 1 }),
    };
    const closes = Array.from({ length: 60 }, (_, i) => 1.1 + ((i * 7) % 13) / 100);
    const input = { instruments: ['EUR/USD'], params: { fast: 2, slow: 5 }, slices: slicesOf('EUR/USD', closes) };
    const plain = drive(smaCross as unknown as AnyStrategy, input);
    expect(drive(definition, { ...input, saveAfter: 30 })).toEqual(plain);
    expect(plain.made.length).toBeGreaterThan(3);
    expect(withNewsFilter({ onBar: () => undefined }, { against: 1, halfLifeMs: 1 })).toEqual({
      onBar: expect.any(Function),
    });
  });
});
