import { FxError } from '../../../core/base/errors.js';
import type { EpochMs } from '../../../core/model/ids.js';
import type { BarColumns } from '../../../core/model/market.js';
import { barsOf } from '../../../feeds/live/asker.js';
import type { LiveBar } from '../../../feeds/live/bar-maker.js';
import type { LivePrices } from '../../../feeds/live/live-prices.js';
import { type BarsRecord, fromRecord, newestOf, toRecord } from '../feed/bars-record.js';
import type { FeedMarket } from '../feed/feed-market.js';
import type { BarSupply, Heard, NewBars } from './supply.js';

/** Bars of one instrument in one record of a journal at most. */
const RECORD_BARS = 1_000;
/** Longest past that a new book learns from. */
const LEARN_MS = 400 * 86_400_000;
const LEARN_BARS = 5_000;

export interface FeedSupplyParts {
  readonly market: FeedMarket;
  readonly prices: LivePrices;
  /** One decision cycle: what has closed is asked for once, and nothing is followed. */
  readonly once: boolean;
  readonly signal: AbortSignal;
  /** What a new book learns from, where it was asked for already. */
  readonly past?: readonly BarColumns[];
}

/** Where a new book's past begins. */
export const learnFrom = (first: EpochMs, timeframeMs: number): EpochMs =>
  first - Math.min(LEARN_MS, LEARN_BARS * timeframeMs);

/**
 * Bars of a feed. The first look asks for what closed; from then on streams are followed, and a bar is there when it closed.
 * What came is recorded with its prices, so that a repetition needs no vendor.
 */
export class FeedSupply implements BarSupply {
  readonly #parts: FeedSupplyParts;
  /** Past of a new book, in the pieces in which it is recorded. */
  readonly #past: NewBars[] = [];
  readonly #newestClose: EpochMs[];
  #isFollowing = false;
  #failure: unknown;

  constructor(parts: FeedSupplyParts) {
    this.#parts = parts;
    this.#newestClose = parts.market.instruments.map(() => Number.NaN);
  }

  async next(after: EpochMs, now: EpochMs, isNew: boolean): Promise<NewBars | undefined> {
    const waiting = this.#past.shift();
    if (waiting !== undefined) return waiting;
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#isFollowing) return this.#first(after, now, isNew);
    const { prices } = this.#parts;
    const closed = prices.take(after);
    if (closed === undefined) return undefined;
    return this.#newBars(closed.bars, after, closed.marks.length === 0 ? {} : { marks: closed.marks });
  }

  of({ bars = [] }: { readonly bars?: BarsRecord }) {
    return this.#parts.market.merged(fromRecord(bars));
  }

  seen(instrument: FeedMarket['instruments'][number]['id']) {
    const newest = this.#parts.prices.newest(instrument);
    if (newest === undefined) return undefined;
    const { quote, ageMs, second } = newest;
    const seen = { price: (quote.bid + quote.ask) / 2, spread: quote.ask - quote.bid, ageMs: Math.round(ageMs) };
    return second === undefined ? seen : { ...seen, second };
  }

  refresh(instruments: readonly FeedMarket['instruments'][number]['id'][]): Promise<void> {
    return instruments.length === 0 ? Promise.resolve() : this.#parts.prices.refresh(instruments);
  }

  tick() {
    this.#parts.prices.tick();
    return this.#parts.prices.takeNews();
  }

  woken(): Promise<void> | undefined {
    return this.#isFollowing ? this.#parts.prices.woken() : undefined;
  }

  /** Asks for what closed while no session ran; then streams are followed. A vendor that is away is waited for. */
  async #first(after: EpochMs, now: EpochMs, isNew: boolean): Promise<NewBars | undefined> {
    const { prices, once, market, signal, past } = this.#parts;
    const from = isNew ? Math.max(after, learnFrom(now, market.timeframeMs)) : after;
    let bars: readonly (readonly LiveBar[])[] = [];
    try {
      const asked = isNew && past !== undefined ? past : await prices.past(from, now);
      bars = asked.map((columns) => barsOf(columns));
    } catch (error) {
      if (once || isNew || !(error instanceof FxError) || !error.retryable) throw error;
    }
    const newest = newestOf(bars, after);
    if (!once) {
      this.#isFollowing = true;
      prices.follow(newest, signal).catch((error) => {
        this.#failure = error;
      });
    }
    if (newest === after) return undefined;
    if (!isNew) return this.#newBars(bars, after, {});
    this.#learn(bars, newest);
    return this.#past.shift();
  }

  /** Everything but the newest close in pieces that only teach, then that close. */
  #learn(bars: readonly (readonly LiveBar[])[], newest: EpochMs): void {
    const times = [...new Set(bars.flatMap((list) => list.map(({ ts }) => ts)))].sort((a, b) => a - b);
    let from = Number.NEGATIVE_INFINITY;
    for (let end = RECORD_BARS - 1; from < newest; end += RECORD_BARS) {
      const until = end >= times.length - 1 ? (times.at(-2) ?? newest) : (times[end] ?? newest);
      const last = until <= from ? newest : until;
      const piece = bars.map((list) => list.filter(({ ts }) => ts > from && ts <= last));
      this.#past.push(this.#newBars(piece, from, {}, newest));
      from = last;
    }
  }

  #newBars(bars: readonly (readonly LiveBar[])[], after: EpochMs, more: object, learnsUntil?: EpochMs): NewBars {
    bars.forEach((list, index) => {
      this.#newestClose[index] = list.at(-1)?.ts ?? this.#newestClose[index] ?? Number.NaN;
    });
    const until = newestOf(bars, after);
    const decides = learnsUntil === undefined || until === learnsUntil;
    const outside = { bars: toRecord(bars), ...more, ...(decides ? { heard: this.#heard() } : {}) };
    const isOneClose = bars.every((list) => list.length === 0 || (list.length === 1 && list[0]?.ts === until));
    return { until, outside, isOneClose, ...(learnsUntil === undefined ? {} : { learnsUntil }) };
  }

  #heard(): Readonly<Record<string, Heard>> {
    const { market, prices } = this.#parts;
    const heard: Record<string, Heard> = {};
    market.instruments.slice(0, market.tradedCount).forEach(({ id }, index) => {
      const newest = prices.newest(id);
      const close = this.#newestClose[index] ?? Number.NaN;
      // A session that has just begun has no quote yet: its price is as old as the next bar is late.
      const ageMs = newest?.ageMs ?? (Number.isNaN(close) ? Number.NaN : prices.overdueMs(index, close));
      if (Number.isNaN(ageMs)) return;
      heard[id] = { ageMs: Math.round(ageMs), ...(newest?.second === undefined ? {} : { second: newest.second }) };
    });
    return heard;
  }
}

/** What a journal holds of a feed's bars, and nothing new. */
export function recordedSupply(market: FeedMarket): BarSupply {
  return {
    next: async () => undefined,
    of: ({ bars = [] }) => market.merged(fromRecord(bars)),
    seen: () => undefined,
    refresh: async () => undefined,
    tick: () => [],
    woken: () => undefined,
  };
}
