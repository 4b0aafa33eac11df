import { Sma } from '../indicators/average.js';
import type { InstrumentId } from '../model/ids.js';
import type { Bar } from '../model/market.js';
import { paramError } from './params.js';
import { savedNumber, savedObject } from './saved.js';
import { defineStrategy, type ParamsOf, type Signal, type View, type Wishes } from './strategy.js';

const params = {
  fast: { default: 16, min: 2, max: 500, unit: 'bars', summary: 'window of the fast average' },
  slow: { default: 64, min: 3, max: 2000, unit: 'bars', summary: 'window of the slow average, longer than fast' },
  longOnly: { default: false, summary: 'leave the market on a cross down instead of selling short' },
  stopBps: {
    default: 0,
    min: 0,
    max: 5000,
    unit: 'bps',
    summary: 'protective stop from the close, of price; 0 is none',
  },
} as const;

type Params = ParamsOf<typeof params>;

/** Averages nearer than this share of price are taken for equal: the noise of binary fractions is no cross. */
const TIE = 1e-12;

/** No sign yet: neither above, nor below, nor on it. */
const UNKNOWN = 2;

/**
 * Crossing of two simple moving averages of the close: d = SMA(fast) − SMA(slow), first known at bar `slow`.
 *
 * Not long, d > 0 and before that d ≤ 0: long. Not short, d < 0 and before that d ≥ 0: short, or out with `longOnly`.
 * It acts on the crossing alone: a position that a stop has closed stays closed until the next one.
 */
export const smaCross = defineStrategy({
  name: 'sma-cross',
  summary: 'long while a fast average of closes is above a slow one, short (or out) while below',
  params,
  check({ fast, slow }) {
    if (fast < slow) return;
    throw paramError(
      'sma-cross',
      'fast',
      `is ${fast} bars, not shorter than slow, ${slow} bars`,
      'Make fast shorter than slow.',
    );
  },
  create: ({ params: given, instruments }) => {
    const lines = new Map<InstrumentId, CrossLine>(instruments.map(({ id }) => [id, new CrossLine(given)]));
    let newest: InstrumentId | undefined;
    let line: CrossLine | undefined;
    return {
      onBar(bar, view) {
        if (bar.instrument !== newest) {
          newest = bar.instrument;
          line = lines.get(newest);
        }
        return line?.next(bar, view);
      },
      onSplit: (instrument, ratio) => lines.get(instrument)?.split(ratio),
      save: () => Object.fromEntries([...lines].map(([id, each]) => [id, each.save()])),
      load(state) {
        const saved = savedObject(state);
        for (const [id, each] of lines) each.load(saved[id]);
      },
    };
  },
});

/** The two averages of one instrument, and on which side of each other they were. */
class CrossLine {
  readonly #params: Params;
  readonly #fast: Sma;
  readonly #slow: Sma;
  /** Sign of d at the last bar; `UNKNOWN` before the first d. */
  #side = UNKNOWN;

  constructor(given: Params) {
    this.#params = given;
    this.#fast = new Sma(given.fast);
    this.#slow = new Sma(given.slow);
  }

  next(bar: Bar, view: View): Wishes {
    const fast = this.#fast.update(bar.close);
    const slow = this.#slow.update(bar.close);
    const d = fast - slow;
    const tie = TIE * Math.abs(slow);
    const before = this.#side;
    // The averages are not handed on: for two calls that are rare, every bar would put them into boxes.
    if (d > tie) {
      this.#side = 1;
      return before < 1 ? this.#crossedUp(bar, view) : undefined;
    }
    if (d < -tie) {
      this.#side = -1;
      return before === 0 || before === 1 ? this.#crossedDown(bar, view) : undefined;
    }
    if (!Number.isNaN(d)) this.#side = 0;
    return undefined;
  }

  split(ratio: number): void {
    this.#fast.split(ratio);
    this.#slow.split(ratio);
  }

  save(): unknown {
    return { fast: this.#fast.save(), slow: this.#slow.save(), side: this.#side };
  }

  load(state: unknown): void {
    const saved = savedObject(state);
    this.#fast.load(saved['fast']);
    this.#slow.load(saved['slow']);
    this.#side = savedNumber(saved, 'side');
  }

  #crossedUp(bar: Bar, view: View): Wishes {
    if (view.units(bar.instrument) > 0) return undefined;
    return this.#decide(bar, view, 1, 'fast average crossed above slow');
  }

  #crossedDown(bar: Bar, view: View): Wishes {
    const units = view.units(bar.instrument);
    const reason = 'fast average crossed below slow';
    if (!this.#params.longOnly) {
      return units < 0 ? undefined : this.#decide(bar, view, -1, reason);
    }
    if (units > 0) return this.#decide(bar, view, 0, reason);
    return view.pending(bar.instrument) ? { kind: 'cancel', instrument: bar.instrument, reason } : undefined;
  }

  /** An entry that still works was meant for the cross before this one: it is taken back first, so nothing doubles. */
  #decide(bar: Bar, view: View, exposure: number, reason: string): Wishes {
    const { instrument, close } = bar;
    const inputs = { fast: this.#fast.value, slow: this.#slow.value, close };
    const naked: Signal = { kind: 'signal', instrument, exposure, reason, inputs };
    const stop = close * (1 - (exposure * this.#params.stopBps) / 10_000);
    const signal = this.#params.stopBps > 0 && exposure !== 0 ? { ...naked, stop } : naked;
    return view.pending(instrument) ? [{ kind: 'cancel', instrument, reason }, signal] : signal;
  }
}
