import { EwmaVolatility } from '../indicators/dispersion.js';
import { Atr, RollingMax, RollingMin } from '../indicators/range.js';
import type { InstrumentId } from '../model/ids.js';
import type { Bar } from '../model/market.js';
import { paramError } from './params.js';
import { savedNumber, savedObject } from './saved.js';
import { defineStrategy, type ParamsOf, type View, type Wishes } from './strategy.js';

const params = {
  entry: { default: 55, min: 2, max: 1000, unit: 'bars', summary: 'channel whose break opens a position' },
  exit: { default: 20, min: 1, max: 1000, unit: 'bars', summary: 'channel whose break against it closes a position' },
  atrWindow: { default: 20, min: 2, max: 500, unit: 'bars', summary: 'window of the average true range' },
  stopAtr: {
    default: 2,
    min: 0,
    max: 20,
    integer: false,
    unit: 'ATR',
    summary: 'protective stop from the close; 0 is none',
  },
  trail: { default: false, summary: 'let the protective stop follow the price' },
  volTargetBps: {
    default: 0,
    min: 0,
    max: 10_000,
    unit: 'bps a year',
    summary: 'exposure is cut where volatility is above this; 0 is off',
  },
  longOnly: { default: false, summary: 'never sell short' },
} as const;

type Params = ParamsOf<typeof params>;

/** Business days a year, for the volatility of currency pairs. */
const DAYS_A_YEAR = 260;

/**
 * Breakout of the channel of Donchian, as the Turtles traded it: a close above the highest high of the `entry` bars
 * before it is bought, below their lowest low sold short; a close beyond the opposite edge of the `exit` bars closes.
 *
 * The stop stands `stopAtr` average true ranges from the close. With `volTargetBps` exposure is
 * min(1, target ÷ volatility), the volatility of daily closes (EWMA, λ 0.94, √260); until 20 days are known no position
 * is opened then, as a size without its measure would be a guess.
 */
export const trend = defineStrategy({
  name: 'trend',
  summary: 'buys new highs and sells new lows, with a stop by average true range',
  params,
  check({ entry, exit }) {
    if (exit <= entry) return;
    throw paramError('trend', 'exit', `is ${exit} bars, longer than entry, ${entry} bars`, 'Make exit at most entry.');
  },
  create: ({ params: given, instruments }) => {
    const channels = new Map<InstrumentId, Channel>(instruments.map(({ id }) => [id, new Channel(given)]));
    return {
      onBar: (bar, view) => channels.get(bar.instrument)?.next(bar, view),
      onSplit: (instrument, ratio) => channels.get(instrument)?.split(ratio),
      save: () => Object.fromEntries([...channels].map(([id, each]) => [id, each.save()])),
      load(state) {
        const saved = savedObject(state);
        for (const [id, each] of channels) each.load(saved[id]);
      },
    };
  },
});

/** Edges of the channels of one instrument, as they were before the newest bar. */
interface Edges {
  top: number;
  bottom: number;
  exitTop: number;
  exitBottom: number;
}

class Channel {
  readonly #params: Params;
  readonly #top: RollingMax;
  readonly #bottom: RollingMin;
  readonly #exitTop: RollingMax;
  readonly #exitBottom: RollingMin;
  readonly #atr: Atr;
  readonly #volatility = new EwmaVolatility();
  /** Of the bars before the newest; NaN while a channel is not full. */
  readonly #edges: Edges = { top: Number.NaN, bottom: Number.NaN, exitTop: Number.NaN, exitBottom: Number.NaN };
  /** Last close of the day before; 0 before the first. */
  #dayClose = 0;
  /** Daily volatility as a fraction; NaN until known. */
  #daily = Number.NaN;

  constructor(given: Params) {
    this.#params = given;
    this.#top = new RollingMax(given.entry);
    this.#bottom = new RollingMin(given.entry);
    this.#exitTop = new RollingMax(given.exit);
    this.#exitBottom = new RollingMin(given.exit);
    this.#atr = new Atr(given.atrWindow);
  }

  next(bar: Bar, view: View): Wishes {
    const atr = this.#atr.update(bar.high, bar.low, bar.close);
    if (view.endsDay) this.#endDay(bar.close);
    const wishes = this.#decide(bar, view, atr);
    this.#edges.top = this.#top.update(bar.high);
    this.#edges.bottom = this.#bottom.update(bar.low);
    this.#edges.exitTop = this.#exitTop.update(bar.high);
    this.#edges.exitBottom = this.#exitBottom.update(bar.low);
    return wishes;
  }

  split(ratio: number): void {
    for (const each of [this.#top, this.#bottom, this.#exitTop, this.#exitBottom, this.#atr]) each.split(ratio);
    this.#edges.top /= ratio;
    this.#edges.bottom /= ratio;
    this.#edges.exitTop /= ratio;
    this.#edges.exitBottom /= ratio;
    this.#dayClose /= ratio;
  }

  save(): unknown {
    const known = (x: number): number | null => (Number.isNaN(x) ? null : x);
    return {
      top: this.#top.save(),
      bottom: this.#bottom.save(),
      exitTop: this.#exitTop.save(),
      exitBottom: this.#exitBottom.save(),
      atr: this.#atr.save(),
      volatility: this.#volatility.save(),
      edges: [this.#edges.top, this.#edges.bottom, this.#edges.exitTop, this.#edges.exitBottom].map(known),
      dayClose: this.#dayClose,
      daily: known(this.#daily),
    };
  }

  load(state: unknown): void {
    const saved = savedObject(state);
    this.#top.load(saved['top']);
    this.#bottom.load(saved['bottom']);
    this.#exitTop.load(saved['exitTop']);
    this.#exitBottom.load(saved['exitBottom']);
    this.#atr.load(saved['atr']);
    this.#volatility.load(saved['volatility']);
    const edges = Array.isArray(saved['edges']) ? saved['edges'] : [];
    const [top, bottom, exitTop, exitBottom] = edges.map((x) => (typeof x === 'number' ? x : Number.NaN));
    Object.assign(this.#edges, { top, bottom, exitTop, exitBottom });
    this.#dayClose = savedNumber(saved, 'dayClose');
    this.#daily = saved['daily'] === null ? Number.NaN : savedNumber(saved, 'daily');
  }

  #endDay(close: number): void {
    if (this.#dayClose > 0) this.#daily = this.#volatility.update(close / this.#dayClose - 1);
    this.#dayClose = close;
  }

  #decide(bar: Bar, view: View, atr: number): Wishes {
    const { close } = bar;
    const { top, bottom, exitTop, exitBottom } = this.#edges;
    // Comparisons with NaN are false: nothing is decided before its channel is full.
    const side = close > top ? 1 : close < bottom ? -1 : 0;
    const out = close < exitBottom ? -1 : close > exitTop ? 1 : 0;
    if (side === 0 && out === 0) return undefined;
    const units = view.units(bar.instrument);
    if (side !== 0 && Math.sign(units) !== side && !(side < 0 && this.#params.longOnly)) {
      return this.#entry(bar, view, side, atr) ?? this.#exit(bar, units, out);
    }
    return this.#exit(bar, units, out);
  }

  #exit(bar: Bar, units: number, out: number): Wishes {
    if (units === 0 || out !== -Math.sign(units)) return undefined;
    const { exitTop, exitBottom } = this.#edges;
    const edge = out < 0 ? exitBottom : exitTop;
    const reason = `close broke the ${this.#params.exit}-bar ${out < 0 ? 'low' : 'high'}`;
    return { kind: 'signal', instrument: bar.instrument, exposure: 0, reason, inputs: { close: bar.close, edge } };
  }

  #entry(bar: Bar, view: View, side: 1 | -1, atr: number): Wishes {
    const scale = this.#scale();
    const { stopAtr, trail } = this.#params;
    const measured = scale > 0 && (stopAtr === 0 || atr > 0);
    if (!measured || view.pending(bar.instrument)) return undefined;
    const distance = stopAtr * atr;
    // A stop at or below zero can never be reached: the risk book's own stop then takes its place.
    const stop = bar.close - side * distance;
    const stops = stopAtr === 0 || stop <= 0 ? {} : { stop };
    const edge = side > 0 ? this.#edges.top : this.#edges.bottom;
    return {
      kind: 'signal',
      instrument: bar.instrument,
      exposure: side * scale,
      reason: `close broke the ${this.#params.entry}-bar ${side > 0 ? 'high' : 'low'}`,
      inputs: { close: bar.close, edge, atr: Number.isNaN(atr) ? null : atr, scale },
      ...stops,
      ...(trail && stopAtr > 0 ? { trailStop: distance } : {}),
    };
  }

  /** Share of full exposure, above 0 up to 1; NaN while the volatility is not known. */
  #scale(): number {
    const { volTargetBps } = this.#params;
    if (volTargetBps === 0) return 1;
    const yearly = this.#daily * Math.sqrt(DAYS_A_YEAR);
    return yearly > 0 ? Math.min(1, volTargetBps / 10_000 / yearly) : Number.NaN;
  }
}
