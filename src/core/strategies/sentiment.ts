import type { InstrumentId } from '../model/ids.js';
import type { Bar } from '../model/market.js';
import { paramError } from './params.js';
import { savedNumber, savedObject } from './saved.js';
import { defineStrategy, type ParamsOf, type View, type Wishes } from './strategy.js';

const HOUR_MS = 3_600_000;

const params = {
  halfLife: {
    default: 24,
    min: 0.1,
    max: 2400,
    integer: false,
    unit: 'hours',
    summary: 'age at which a headline counts half',
  },
  entry: {
    default: 0.3,
    min: 0.01,
    max: 2,
    integer: false,
    unit: 'score',
    summary: 'score that opens a position: bought at or above, sold short at or below its negative',
  },
  exit: {
    default: 0.1,
    min: 0,
    max: 2,
    integer: false,
    unit: 'score',
    summary: 'score in the direction of the position below which it is closed; less than entry',
  },
  minWeight: {
    default: 0.5,
    min: 0,
    max: 1000,
    integer: false,
    unit: 'headlines',
    summary: 'decayed count of headlines without which nothing is opened; 0.5 is one, a half-life old',
  },
  longOnly: { default: false, summary: 'never sell short' },
  stopBps: {
    default: 0,
    min: 0,
    max: 5000,
    unit: 'bps',
    summary: 'protective stop from the close, of price; 0 is none',
  },
} as const;

type Params = ParamsOf<typeof params>;

/**
 * Follows the news: score ≥ entry is bought, score ≤ −entry sold short, closed when the score in the position's direction is
 * below exit, turned around by news as strong the other way. The score is that of `view.sentiment`: base minus quote of a pair.
 * A position that a stop has closed is not opened again before the score has been inside the entry band.
 */
export const sentiment = defineStrategy({
  name: 'sentiment',
  summary: 'long on good news, short on bad, out as the news fades; needs --news',
  params,
  needsNews: true,
  check({ entry, exit }) {
    if (exit < entry) return;
    throw paramError('sentiment', 'exit', `is ${exit}, not below entry, ${entry}`, 'Make exit less than entry.');
  },
  create: ({ params: given, instruments }) => {
    const readers = new Map<InstrumentId, Reader>(instruments.map(({ id }) => [id, new Reader(given)]));
    return {
      onBar: (bar, view) => readers.get(bar.instrument)?.next(bar, view),
      save: () => Object.fromEntries([...readers].map(([id, each]) => [id, each.save()])),
      load(state) {
        const saved = savedObject(state);
        for (const [id, each] of readers) each.load(saved[id]);
      },
    };
  },
});

/** Decides for one instrument. */
class Reader {
  readonly #params: Params;
  readonly #halfLifeMs: number;
  /** Side that may not be opened until the score has been inside the band: −1 short, 1 long, 0 none. */
  #spent = 0;

  constructor(given: Params) {
    this.#params = given;
    this.#halfLifeMs = given.halfLife * HOUR_MS;
  }

  next(bar: Bar, view: View): Wishes {
    const { entry, exit, minWeight, longOnly } = this.#params;
    const { score, weight } = view.sentiment(bar.instrument, this.#halfLifeMs);
    if (Math.abs(score) < entry) this.#spent = 0;
    const units = view.units(bar.instrument);
    const strong = weight < minWeight ? 0 : score >= entry ? 1 : score <= -entry ? -1 : 0;
    const side = longOnly ? Math.max(0, strong) : strong;
    const held = Math.sign(units);
    if (side !== 0 && side !== held && side !== this.#spent) return this.#open(bar, view, side, score, weight);
    if (held === 0 || held * score >= exit) return undefined;
    return {
      kind: 'signal',
      instrument: bar.instrument,
      exposure: 0,
      reason: 'the news has faded or turned',
      inputs: { score, weight },
    };
  }

  save(): unknown {
    return { spent: this.#spent };
  }

  load(state: unknown): void {
    this.#spent = savedNumber(savedObject(state), 'spent');
  }

  #open(bar: Bar, view: View, side: number, score: number, weight: number): Wishes {
    if (view.pending(bar.instrument)) return undefined;
    this.#spent = side;
    const { stopBps } = this.#params;
    return {
      kind: 'signal',
      instrument: bar.instrument,
      exposure: side,
      reason: `the news is ${side > 0 ? 'good' : 'bad'}`,
      inputs: { score, weight },
      ...(stopBps === 0 ? {} : { stop: bar.close * (1 - (side * stopBps) / 10_000) }),
    };
  }
}
