import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import type { Bar } from '../../../src/core/model/market.js';
import { resolveParams } from '../../../src/core/strategies/params.js';
import { builtIns } from '../../../src/core/strategies/registry.js';
import type { StrategyInstance, View, Wish } from '../../../src/core/strategies/strategy.js';
import { HOUR, type Ohlc, PAPER, play, START } from '../../helpers/scenario.js';

/** Grids so fine that rounding a stop or a size to them decides nothing. */
const FINE = { ...PAPER, tick: 1e-6, lotStep: 1e-6, minUnits: 1e-6 };
const LENGTH = 600;
const STEP = 6 * HOUR;
/** First bars in new units. */
const SPLITS = [130, 230, 330, 430];

/** A walk with trends, in the units of after all splits. */
function walk(): Ohlc[] {
  const rng = seededRng('splits');
  let price = 400;
  return Array.from({ length: LENGTH }, (_, i) => {
    const open = price;
    price += Math.floor(rng.next() * 9) - 4 + (Math.floor(i / 25) % 2 === 0 ? 1 : -1);
    const high = Math.max(open, price) + Math.floor(rng.next() * 3);
    const low = Math.min(open, price) - Math.floor(rng.next() * 3);
    return [open, high, low, price];
  });
}

/** What a strategy wished for, at which bar; prices in the units of after all splits. */
interface Wished {
  readonly bar: number;
  readonly what: string;
  readonly stop: number;
}

/** The factor between bar `i`'s units and those of after all splits. */
const factor = (i: number, ratio: number) => SPLITS.reduce((all, at) => (i < at ? all * ratio : all), 1);

async function wishes(name: string, given: Record<string, number | boolean>, ratio: number) {
  const definition = await builtIns.get(name)?.();
  if (definition === undefined) throw new Error(name);
  const create = (): StrategyInstance =>
    definition.create({ params: resolveParams(definition, given), instruments: [FINE], currency: 'USD' });
  const made: Wished[] = [];
  const note = (bar: number, wish: Wish) => {
    const stop = wish.kind === 'signal' ? (wish.stop ?? 0) : 0;
    const what = wish.kind === 'signal' ? `${wish.exposure.toFixed(9)} ${wish.reason}` : wish.kind;
    made.push({ bar, what, stop: stop / factor(bar, ratio) });
  };
  const strategy = create();
  const played = await play({
    instruments: [FINE],
    timeframeMs: STEP,
    bars: { XYZ: walk().map((bar, i) => bar.map((x) => (x ?? 0) * factor(i, ratio)) as unknown as Ohlc) },
    // A split at midnight, say: after the bar before it closed and before the next one does.
    actions:
      ratio === 1
        ? []
        : SPLITS.map(
            (at) => ({ instrument: FINE.id, kind: 'split', value: ratio, ts: START + at * STEP + 1 }) as const,
          ),
    sizing: { units: 10 },
    capital: 1e9,
    strategy: {
      ...strategy,
      onBar(bar: Bar, view: View) {
        const wished = strategy.onBar?.(bar, view);
        for (const wish of wished === undefined ? [] : ([wished].flat() as Wish[]))
          note((bar.ts - START) / STEP - 1, wish);
        return wished;
      },
    },
  });
  return { made, played };
}

describe('a built-in strategy decides over a split as if prices had always been in the new units', () => {
  it.each`
    name                | params
    ${'sma-cross'}      | ${{ fast: 8, slow: 32, stopBps: 200 }}
    ${'trend'}          | ${{ entry: 20, exit: 10, atrWindow: 10, stopAtr: 2, trail: true }}
    ${'trend'}          | ${{ entry: 20, exit: 10, atrWindow: 10, volTargetBps: 1000 }}
    ${'mean-reversion'} | ${{ window: 20, entry: 1.5, atrWindow: 10, stopAtr: 2 }}
  `('$name, $params', async ({ name, params }) => {
    const { made: whole } = await wishes(name, params, 1);
    expect(whole.length).toBeGreaterThan(10);
    for (const ratio of [4, 3, 0.5, 0.1]) {
      const { made } = await wishes(name, params, ratio);
      expect(made.map(({ bar, what }) => [bar, what])).toEqual(whole.map(({ bar, what }) => [bar, what]));
      for (const [i, { stop }] of made.entries()) expect(stop).toBeCloseTo(whole[i]?.stop ?? Number.NaN, 6);
    }
  });
});

describe('a strategy of its own', () => {
  const actions = [{ instrument: PAPER.id, kind: 'split', value: 2, ts: START + 2.5 * HOUR } as const];
  const bars = { XYZ: [100, 104, 52, 50].map((x): Ohlc => [x, x, x, x]) };

  it('is told between the bars, and its look back is in new units from the first bar in them on', async () => {
    const seen: unknown[] = [];
    await play({
      bars,
      actions,
      strategy: {
        onBar: (bar, view) => void seen.push([bar.close, [...view.closes(bar.instrument, 3)]]),
        onSplit: (instrument, ratio) => void seen.push([instrument, ratio]),
      },
    });
    expect(seen).toEqual([
      [100, [100]],
      [104, [100, 104]],
      [PAPER.id, 2],
      [52, [50, 52, 52]],
      [50, [52, 52, 50]],
    ]);
  });

  it('that throws when it is told ends the run as one that throws at a bar does', async () => {
    const strategy: StrategyInstance = {
      onSlice: () => undefined,
      onSplit: () => {
        throw new Error('no splits here');
      },
    };
    await expect(play({ bars, actions, strategy })).rejects.toMatchObject({ code: 'STRATEGY.THREW' });
  });
});
