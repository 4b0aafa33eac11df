import { Bollinger } from '../indicators/dispersion.js';
import { Atr } from '../indicators/range.js';
import type { InstrumentId } from '../model/ids.js';
import type { Bar } from '../model/market.js';
import { paramError } from './params.js';
import { savedNumber, savedObject } from './saved.js';
import { defineStrategy, type ParamsOf, type View, type Wishes } from './strategy.js';

const params = {
  window: { default: 20, min: 2, max: 1000, unit: 'bars', summary: 'window of the mean and the deviation' },
  entry: {
    default: 2,
    min: 0.1,
    max: 10,
    integer: false,
    unit: 'sd',
    summary: 'distance from the mean that opens a position',
  },
  exit: {
    default: 0,
    min: -5,
    max: 5,
    integer: false,
    unit: 'sd',
    summary: 'distance from the mean that is near enough to close; 0 is the mean, below 0 beyond it',
  },
  maxBars: { default: 40, min: 0, max: 10_000, unit: 'bars', summary: 'longest time in a position; 0 is no limit' },
  atrWindow: { default: 20, min: 2, max: 500, unit: 'bars', summary: 'window of the average true range' },
  stopAtr: {
    default: 3,
    min: 0,
    max: 20,
    integer: false,
    unit: 'ATR',
    summary: 'protective stop from the close; 0 is none',
  },
  longOnly: { default: false, summary: 'never sell short' },
} as const;

type Params = ParamsOf<typeof params>;

/**
 * Return to the mean: z = (close − mean) ÷ population deviation of `window` closes, the newest among them.
 *
 * z ≤ −entry is bought, z ≥ entry sold short; a long is closed at z ≥ −exit, a short at z ≤ exit, either after `maxBars`
 * bars. A position that was closed by its stop or by time is not opened again before z has been inside the entry band.
 * Prices that stand still have no deviation: nothing is decided.
 */
export const meanReversion = defineStrategy({
  name: 'mean-reversion',
  summary: 'buys far below a moving mean and sells far above it, out at the mean, by time or by stop',
  params,
  check({ entry, exit }) {
    if (exit < entry) return;
    throw paramError(
      'mean-reversion',
      'exit',
      `is ${exit} sd, not below entry, ${entry} sd`,
      'Make exit less than entry.',
    );
  },
  create: ({ params: given, instruments }) => {
    const bands = new Map<InstrumentId, Reversion>(instruments.map(({ id }) => [id, new Reversion(given)]));
    return {
      onBar: (bar, view) => bands.get(bar.instrument)?.next(bar, view),
      onSplit: (instrument, ratio) => bands.get(instrument)?.split(ratio),
      save: () => Object.fromEntries([...bands].map(([id, each]) => [id, each.save()])),
      load(state) {
        const saved = savedObject(state);
        for (const [id, each] of bands) each.load(saved[id]);
      },
    };
  },
});

/** Mean, deviation and the position's age of one instrument. */
class Reversion {
  readonly #params: Params;
  readonly #band: Bollinger;
  readonly #atr: Atr;
  /** Bars that the position has been seen open. */
  #held = 0;
  /** Side that may not be opened until z has been inside the band: −1 short, 1 long, 0 none. */
  #spent = 0;

  constructor(given: Params) {
    this.#params = given;
    this.#band = new Bollinger(given.window);
    this.#atr = new Atr(given.atrWindow);
  }

  next(bar: Bar, view: View): Wishes {
    const atr = this.#atr.update(bar.high, bar.low, bar.close);
    const band = this.#band.update(bar.close);
    const units = view.units(bar.instrument);
    this.#held = units === 0 ? 0 : this.#held + 1;
    if (band === undefined) return undefined;
    const z = band.sd > 0 ? (bar.close - band.middle) / band.sd : Number.NaN;
    if (Math.abs(z) < this.#params.entry) this.#spent = 0;
    if (units !== 0) return this.#exit(bar, units, z, band.middle);
    return this.#entry(bar, view, z, atr, band.middle);
  }

  split(ratio: number): void {
    this.#band.split(ratio);
    this.#atr.split(ratio);
  }

  save(): unknown {
    return { band: this.#band.save(), atr: this.#atr.save(), held: this.#held, spent: this.#spent };
  }

  load(state: unknown): void {
    const saved = savedObject(state);
    this.#band.load(saved['band']);
    this.#atr.load(saved['atr']);
    this.#held = savedNumber(saved, 'held');
    this.#spent = savedNumber(saved, 'spent');
  }

  #exit(bar: Bar, units: number, z: number, mean: number): Wishes {
    const { exit, maxBars } = this.#params;
    const side = Math.sign(units);
    const back = side * z >= -exit;
    const late = maxBars > 0 && this.#held >= maxBars;
    if (!back && !late) return undefined;
    const reason = back ? 'close came back to its mean' : `held ${this.#held} bars`;
    const inputs = { z: Number.isNaN(z) ? null : z, mean, held: this.#held };
    return { kind: 'signal', instrument: bar.instrument, exposure: 0, reason, inputs };
  }

  #entry(bar: Bar, view: View, z: number, atr: number, mean: number): Wishes {
    const { entry, stopAtr, longOnly } = this.#params;
    const side = z <= -entry ? 1 : z >= entry ? -1 : 0;
    if (side === 0 || side === this.#spent || (side < 0 && longOnly)) return undefined;
    const measured = stopAtr === 0 || atr > 0;
    if (!measured || view.pending(bar.instrument)) return undefined;
    this.#spent = side;
    // A stop at or below zero can never be reached: the risk book's own stop then takes its place.
    const stop = bar.close - side * stopAtr * atr;
    return {
      kind: 'signal',
      instrument: bar.instrument,
      exposure: side,
      reason: `close is ${side > 0 ? 'below' : 'above'} its mean by ${entry} deviations or more`,
      inputs: { z, mean, atr: Number.isNaN(atr) ? null : atr },
      ...(stopAtr === 0 || stop <= 0 ? {} : { stop }),
    };
  }
}
