import { type InstrumentId, instrumentId } from '../../src/core/model/ids.js';
import type { Instrument } from '../../src/core/model/instrument.js';
import type { Bar } from '../../src/core/model/market.js';
import { resolveParams } from '../../src/core/strategies/params.js';
import type { AnyStrategy, View, Wish, Wishes } from '../../src/core/strategies/strategy.js';

/** All bars of one close time, and what was known at it. */
export interface Slice {
  readonly ts: number;
  /** In instrument order; an instrument without a bar at this time is missing. */
  readonly bars: readonly Bar[];
  readonly rates?: Readonly<Record<string, number>>;
  /** Score of the news by instrument, each of two headlines. */
  readonly news?: Readonly<Record<string, number>>;
  readonly endsDay?: boolean;
  readonly endsWeek?: boolean;
  readonly endsMonth?: boolean;
}

export interface DriveInput {
  readonly instruments: readonly string[];
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly slices: readonly Slice[];
  readonly currency?: string;
  readonly equity?: number;
  /** After so many slices the instance is saved as JSON and a new one goes on from it. */
  readonly saveAfter?: number;
}

/** A wish and the slice that made it. */
export interface Made {
  readonly slice: number;
  readonly wish: Wish;
}

/** A round trip of the driver: bars and closes, one unit a full exposure. */
export interface RoundTrip {
  readonly entryBar: number;
  readonly exitBar: number;
  readonly entry: number;
  readonly exit: number;
}

/** An instrument of a pair like `EUR/USD`, or of a single word priced in dollars. */
export function anInstrument(id: string): Instrument {
  const [base = id, quote = 'USD'] = id.split('/');
  return {
    id: instrumentId(id),
    assetClass: id.includes('/') ? 'fx' : 'other',
    base,
    quote,
    tick: 0.00001,
    pip: 0.0001,
    lotStep: 1,
    minUnits: 1,
    marginRate: 0.0333,
    typicalSpread: 0,
    hours: 'data',
  };
}

/** Slices of one instrument from its closes, a minute apart from 2024 on. */
export function slicesOf(id: string, closes: readonly number[], spread = 0): Slice[] {
  return closes.map((close, i) => {
    const ts = Date.UTC(2024, 0, 1) + (i + 1) * 60_000;
    const open = closes[i - 1] ?? close;
    const high = Math.max(open, close) + spread;
    const low = Math.min(open, close) - spread;
    return { ts, bars: [{ instrument: instrumentId(id), ts, open, high, low, close, volume: 1 }] };
  });
}

/**
 * Plays slices to a strategy with the smallest book that will do: wishes of a slice fill at its closes, stops and limits
 * never do, equity does not move. Every wish that came back is told, in order.
 */
export function drive(definition: AnyStrategy, input: DriveInput): { made: Made[]; trips: RoundTrip[] } {
  const { slices, currency = 'USD', equity = 100_000, saveAfter } = input;
  const instruments = input.instruments.map(anInstrument);
  const params = resolveParams(definition, input.params ?? {});
  const begin = () => definition.create({ params, instruments, currency });
  const book = new Book(equity);
  const made: Made[] = [];
  let instance = begin();
  slices.forEach((slice, index) => {
    if (index === saveAfter) {
      const state = JSON.parse(JSON.stringify(instance.save?.()));
      instance = begin();
      instance.load?.(state);
    }
    book.open(slice);
    const wishes = slice.bars.flatMap((bar) => listed(instance.onBar?.(bar, book)));
    wishes.push(...listed(instance.onSlice?.(book)));
    for (const wish of wishes) {
      made.push({ slice: index, wish });
      book.take(wish, index);
    }
  });
  return { made, trips: book.trips };
}

function listed(wishes: Wishes): Wish[] {
  if (wishes === undefined) return [];
  return 'kind' in wishes ? [wishes] : [...wishes];
}

class Book implements View {
  now = 0;
  endsDay = false;
  endsWeek = false;
  endsMonth = false;
  readonly equity: number;
  readonly trips: RoundTrip[] = [];
  readonly #held = new Map<InstrumentId, { units: number; price: number; bar: number }>();
  readonly #closes = new Map<InstrumentId, number[]>();
  #rates: Readonly<Record<string, number>> = {};
  #news: Readonly<Record<string, number>> = {};

  constructor(equity: number) {
    this.equity = equity;
  }

  open(slice: Slice): void {
    this.now = slice.ts;
    this.endsDay = slice.endsDay ?? false;
    this.endsWeek = slice.endsWeek ?? false;
    this.endsMonth = slice.endsMonth ?? false;
    this.#rates = slice.rates ?? this.#rates;
    this.#news = slice.news ?? this.#news;
    for (const bar of slice.bars) {
      const closes = this.#closes.get(bar.instrument);
      if (closes === undefined) this.#closes.set(bar.instrument, [bar.close]);
      else closes.push(bar.close);
    }
  }

  take(wish: Wish, bar: number): void {
    if (wish.kind !== 'signal' && wish.kind !== 'target') return;
    const units = wish.kind === 'signal' ? wish.exposure : wish.weight;
    const price = this.price(wish.instrument) ?? Number.NaN;
    const held = this.#held.get(wish.instrument);
    if (held !== undefined) {
      this.trips.push({ entryBar: held.bar, exitBar: bar, entry: held.price, exit: price });
      this.#held.delete(wish.instrument);
    }
    if (units !== 0) this.#held.set(wish.instrument, { units, price, bar });
  }

  units(id: InstrumentId): number {
    return this.#held.get(id)?.units ?? 0;
  }

  averagePrice(id: InstrumentId): number {
    return this.#held.get(id)?.price ?? 0;
  }

  pending(): boolean {
    return false;
  }

  price(id: InstrumentId): number | undefined {
    return this.#closes.get(id)?.at(-1);
  }

  spread(): number {
    return 0;
  }

  closes(id: InstrumentId, count: number): Float64Array {
    return Float64Array.from((this.#closes.get(id) ?? []).slice(-count));
  }

  rate(currency: string): number | undefined {
    return this.#rates[currency];
  }

  sentiment(id: InstrumentId): { score: number; weight: number } {
    const score = this.#news[id];
    return score === undefined ? { score: 0, weight: 0 } : { score, weight: 2 };
  }
}
