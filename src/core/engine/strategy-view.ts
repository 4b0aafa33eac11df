import { FxError } from '../base/errors.js';
import type { EpochMs, InstrumentId } from '../model/ids.js';
import type { Ledger } from '../model/ledger.js';
import type { RateBook } from '../model/rates.js';
import type { Valuation } from '../model/valuation.js';
import type { Sentiment, SentimentBook, SentimentLine } from '../sentiment/sentiment-book.js';
import type { View } from '../strategies/strategy.js';
import type { MarketMemory } from './market-memory.js';
import type { OrderBook } from './order-book.js';
import type { EngineParts } from './parts.js';
import type { Slice } from './slice.js';

/** The parts of the engine that a view reads. */
export interface ViewParts {
  readonly slice: Slice;
  readonly ids: readonly InstrumentId[];
  readonly ledger: Ledger;
  readonly valuation: Valuation;
  readonly memory: MarketMemory;
  readonly rates: RateBook;
  readonly orders: OrderBook;
  readonly parts: Pick<EngineParts, 'instruments' | 'news'>;
  /** Full spread of an instrument's last bar, in price. */
  spreadOf(index: number): number;
}

const NO_NEWS: Sentiment = { score: 0, weight: 0 };

function noHalfLife(life: number): FxError {
  return new FxError('STRATEGY.VALUE', {
    message: `the strategy asks for news with a half-life of ${life} ms, must be above 0`,
    next: 'give milliseconds, such as 24 * 3_600_000 for a day',
  });
}

/** What a strategy is shown. One object for the whole run; its moment is the engine's slice. */
export class StrategyView implements View {
  readonly #parts: ViewParts;
  readonly #slice: Slice;
  readonly #index: ReadonlyMap<InstrumentId, number>;
  /** By instrument, then by half-life: a strategy asks for the same ones at every bar. */
  readonly #news: Map<number, SentimentLine>[];
  /** The headlines that those lines are of: a session that goes with the clock hears more of them. */
  #book: SentimentBook | undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
    this.#slice = parts.slice;
    this.#index = new Map(parts.ids.map((id, index) => [id, index]));
    this.#news = parts.ids.map(() => new Map());
  }

  get now(): EpochMs {
    return this.#slice.ts;
  }

  get equity(): number {
    return this.#slice.equity;
  }

  get endsDay(): boolean {
    return this.#slice.endsDay;
  }

  get endsWeek(): boolean {
    return this.#slice.endsWeek;
  }

  get endsMonth(): boolean {
    return this.#slice.endsMonth;
  }

  units(instrument: InstrumentId): number {
    return this.#parts.ledger.units(this.#at(instrument));
  }

  averagePrice(instrument: InstrumentId): number {
    return this.#parts.ledger.averagePrice(this.#at(instrument));
  }

  pending(instrument: InstrumentId): boolean {
    return this.#parts.orders.size > 0 && this.#parts.orders.hasEntry(instrument);
  }

  price(instrument: InstrumentId): number | undefined {
    const price = this.#parts.valuation.prices[this.#at(instrument)] ?? Number.NaN;
    return Number.isNaN(price) ? undefined : price;
  }

  spread(instrument: InstrumentId): number {
    return this.#parts.spreadOf(this.#at(instrument));
  }

  closes(instrument: InstrumentId, count: number): Float64Array {
    return this.#parts.memory.closes(this.#at(instrument), count);
  }

  rate(currency: string): number | undefined {
    return this.#parts.rates.at(currency, this.#slice.knowledge);
  }

  sentiment(instrument: InstrumentId, halfLifeMs?: number): Sentiment {
    const index = this.#at(instrument);
    const { news, instruments } = this.#parts.parts;
    const held = instruments[index];
    if (news === undefined || held === undefined) return NO_NEWS;
    const life = halfLifeMs ?? news.halfLifeMs;
    if (news.book !== this.#book) {
      this.#book = news.book;
      for (const lines of this.#news) lines.clear();
    }
    let line = this.#news[index]?.get(life);
    if (line === undefined) {
      if (!(life > 0)) throw noHalfLife(life);
      line = news.book.lineOf(held, life);
      this.#news[index]?.set(life, line);
    }
    return line.at(this.#slice.ts);
  }

  #at(instrument: InstrumentId): number {
    const index = this.#index.get(instrument);
    if (index !== undefined) return index;
    throw new FxError('STRATEGY.INSTRUMENT', {
      message: `the strategy asks for ${String(instrument)}, which this session does not trade`,
      next: `add it to --instruments; this session trades ${this.#parts.ids.join(', ')}`,
      facts: { instrument: String(instrument) },
    });
  }
}
