import { FxError } from '../../core/base/errors.js';
import type { Rng } from '../../core/base/rng.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { Clock, Stopwatch, Wait } from '../../core/ports/clock.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import type { Heartbeat, VenueQuote } from '../../core/ports/venue.js';
import { BarMaker, type LiveBar } from './bar-maker.js';
import { follow } from './connection.js';
import { type HeldQuote, LastGood } from './last-good.js';
import { type DayEnd, Periods } from './periods.js';
import { Silence } from './silence.js';

/** Time and chance, passed in. */
export interface LiveSurroundings {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly wait: Wait;
  readonly rng: Rng;
}

export interface SourceParts extends LiveSurroundings {
  readonly feed: PriceFeed;
  readonly instruments: readonly Instrument[];
  readonly timeframeMs: number;
  readonly dayEnd: DayEnd;
  /** A bar was ended by a quote. */
  onBar(): void;
}

/** What a source knows of one period of one instrument. */
export type PeriodState =
  /** It may still go on. */
  | { readonly kind: 'open' }
  /** Heard from its beginning to its end; without a bar nothing was quoted. */
  | { readonly kind: 'whole'; readonly bar: LiveBar | undefined }
  /** Something of it was not heard; `bar` is of what was. */
  | { readonly kind: 'broken'; readonly bar: LiveBar | undefined };

interface Lane {
  readonly id: Instrument['id'];
  readonly periods: Periods;
  readonly maker: BarMaker;
  readonly silence: Silence;
  /** Bars that nobody has asked for yet, by their close. */
  readonly bars: Map<EpochMs, { readonly bar: LiveBar; readonly whole: boolean }>;
  /** A pause that was too long ended then: what lies before it is not whole. */
  brokenUntil: EpochMs;
  /** The vendor says that it cannot be traded now: nobody expects quotes. */
  isShut: boolean;
}

/** A quote of the period may still be on its way for so long after its end, ms. */
export const LATE_MS = 1_000;
/** A connection without a word for this long is dead, where heartbeats were heard on it, ms. */
const DEAD_MS = 15_000;
/** Where the vendor sends none, while a market is open, ms. */
const DEAD_WITHOUT_HEARTBEAT_MS = 60_000;
/** A vendor that claims another time than this far from ours has something wrong in its answers, not a better clock, ms. */
const LARGEST_OFFSET_MS = 10 * 60_000;
/** Bars of an instrument that wait at most; a reader that is this far behind has lost the oldest. */
const BARS_KEPT = 5_000;

/** One vendor's stream of quotes: what came of it, whether it is alive, and the bars that it makes. */
export class Source {
  readonly name: string;
  readonly feed: PriceFeed;
  readonly quotes = new LastGood();
  readonly #parts: SourceParts;
  readonly #lanes: readonly Lane[];
  readonly #indexes: ReadonlyMap<string, number>;
  #connection: AbortController | undefined;
  #isUp = false;
  /** Times of the vendor, as far as they are known. */
  #upSince: EpochMs = Number.POSITIVE_INFINITY;
  #downSince: EpochMs;
  #heardAt: EpochMs = Number.NEGATIVE_INFINITY;
  #aliveMono: number;
  #heartbeats = false;
  #why = 'not connected yet';
  /** The plan or the key does not have the stream: bars are asked for instead. */
  #isRefused = false;
  /** Connections that were lost since the start. */
  losses = 0;

  constructor(parts: SourceParts) {
    const { feed, instruments, timeframeMs, dayEnd } = parts;
    this.#parts = parts;
    this.feed = feed;
    this.name = feed.name;
    this.#lanes = instruments.map(({ id, hours, assetClass }) => {
      const periods = new Periods(hours, timeframeMs, dayEnd);
      // What an exchange trades has a volume in units, and the count of its quotes is none.
      const maker = new BarMaker(periods, assetClass !== 'stock' && assetClass !== 'crypto');
      const shared = { id, periods, maker, silence: new Silence(periods) };
      return { ...shared, bars: new Map(), brokenUntil: Number.NEGATIVE_INFINITY, isShut: false };
    });
    this.#indexes = new Map(instruments.map(({ id }, index) => [id, index]));
    this.#downSince = this.venueNow;
    this.#aliveMono = parts.stopwatch.mono();
  }

  /** What time it is over there: bars close by the vendor's clock, as far as it is known. */
  get venueNow(): EpochMs {
    const offset = this.feed.clockOffsetMs ?? 0;
    return this.#parts.clock.now() + (Math.abs(offset) <= LARGEST_OFFSET_MS ? offset : 0);
  }

  /** Quotes come by themselves; a stream that was refused counts as none. */
  get streams(): boolean {
    return this.feed.quotes !== undefined && !this.#isRefused;
  }

  /** Why there is no stream although the vendor has one; undefined otherwise. */
  get refusal(): string | undefined {
    return this.#isRefused ? this.#why : undefined;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Since when nothing is heard; undefined while it is up. */
  get downSince(): EpochMs | undefined {
    return this.#isUp ? undefined : this.#downSince;
  }

  get why(): string {
    return this.#why;
  }

  periodsOf(index: number): Periods {
    return this.#lane(index).periods;
  }

  /** Follows the stream until the signal: a connection that ends is made again, and everything subscribed anew. */
  async follow(signal: AbortSignal): Promise<void> {
    const { feed } = this;
    if (feed.quotes === undefined) return;
    const ids = this.#lanes.map(({ id }) => id);
    await follow({
      open: (until) => feed.quotes?.(ids, until) ?? nothing(),
      opening: (connection) => {
        this.#connection = connection;
        this.#aliveMono = this.#parts.stopwatch.mono();
      },
      hear: (said) => this.#hear(said),
      down: (why, isRefused) => this.#down(why, isRefused),
      wait: this.#parts.wait,
      stopwatch: this.#parts.stopwatch,
      rng: this.#parts.rng,
      signal,
    });
  }

  /** Asks for the quotes of now; false where there are none to be had. */
  async refresh(ids: readonly Instrument['id'][]): Promise<boolean> {
    if (this.feed.latestQuotes === undefined) return false;
    try {
      const mono = this.#parts.stopwatch.mono();
      for (const quote of await this.feed.latestQuotes(ids)) this.quotes.hear(quote, mono, this.venueNow);
      return true;
    } catch (error) {
      if (error instanceof FxError) return false;
      throw error;
    }
  }

  /** A moment went by: a dead connection is given up, and bars whose time is over are closed. */
  tick(): void {
    const now = this.venueNow;
    const quietMs = this.#parts.stopwatch.mono() - this.#aliveMono;
    const dead = this.#heartbeats ? DEAD_MS : this.#anyOpen(now) ? DEAD_WITHOUT_HEARTBEAT_MS : Number.POSITIVE_INFINITY;
    if (this.#connection !== undefined && quietMs > dead) {
      const connection = this.#connection;
      this.#connection = undefined;
      connection.abort(`no word for ${Math.round(quietMs / 1000)} s`);
    }
    for (const lane of this.#lanes) this.#closeDue(lane);
  }

  /** What is known of the period of an instrument that closes at `end`. */
  period(index: number, end: EpochMs): PeriodState {
    const lane = this.#lane(index);
    // Its own quotes may not have ended it yet where those of another instrument did.
    this.#closeDue(lane);
    const kept = lane.bars.get(end);
    if (kept !== undefined) return { kind: kept.whole ? 'whole' : 'broken', bar: kept.bar };
    // A vendor whose days end at another time has other bars: that none ends here says nothing.
    if (!this.#isUp || !lane.periods.endsAt(end)) return { kind: 'broken', bar: undefined };
    if (this.#settled < end) return { kind: 'open' };
    return { kind: this.#isWhole(lane, end) ? 'whole' : 'broken', bar: undefined };
  }

  /** The first close of a bar that is made or being made: a vendor may quote at hours at which its market is shut. */
  pendingClose(index: number): EpochMs {
    const { bars, maker } = this.#lane(index);
    let first = maker.end;
    for (const close of bars.keys()) if (close < first) first = close;
    return first;
  }

  /** Bars up to `end` were used or are not needed. */
  forget(index: number, end: EpochMs): void {
    const { bars } = this.#lane(index);
    for (const close of bars.keys()) if (close <= end) bars.delete(close);
  }

  /** Instruments whose subscription is silent while their market is open. */
  silent(): readonly Instrument['id'][] {
    if (!this.#isUp) return [];
    const now = this.venueNow;
    return this.#lanes
      .filter(({ silence, isShut }) => !isShut && silence.silentSince(now, this.#upSince) !== undefined)
      .map(({ id }) => id);
  }

  /** The newest good quote, with its age by when it came and by what the vendor says it is of. */
  quoteOf(id: string): { readonly quote: HeldQuote; readonly ageMs: number } | undefined {
    const quote = this.quotes.of(id);
    if (quote === undefined) return undefined;
    const received = this.#parts.stopwatch.mono() - quote.receivedMono;
    return { quote, ageMs: Math.max(0, received, this.venueNow - quote.venueTs) };
  }

  #hear(said: VenueQuote | Heartbeat): void {
    const now = this.venueNow;
    const mono = this.#parts.stopwatch.mono();
    this.#heardAt = now;
    this.#aliveMono = mono;
    if (!this.#isUp) this.#up(now);
    if (said.kind === 'heartbeat') {
      this.#heartbeats = true;
      return;
    }
    const index = this.#indexes.get(said.instrument);
    const lane = index === undefined ? undefined : this.#lanes[index];
    if (lane === undefined) return;
    lane.isShut = !said.tradeable;
    if (lane.isShut || this.quotes.hear(said, mono, now) !== 'good') return;
    if (lane.silence.heard(now)) lane.brokenUntil = now;
    const bar = lane.maker.hear(said.ts, said.bid, said.ask);
    if (bar === undefined) return;
    this.#keep(lane, bar);
    this.#parts.onBar();
  }

  #up(now: EpochMs): void {
    this.#isUp = true;
    this.#isRefused = false;
    this.#upSince = now;
    for (const { silence } of this.#lanes) silence.forget();
  }

  #down(why: string, isRefused: boolean): void {
    this.#connection = undefined;
    this.#why = why;
    if (isRefused && this.losses === 0 && !this.#isUp) this.#isRefused = true;
    if (!this.#isUp) return;
    this.#isUp = false;
    this.losses++;
    this.#downSince = this.venueNow;
    this.#upSince = Number.POSITIVE_INFINITY;
  }

  /** Periods that ended by then are over. Until something was heard after its end, nobody knows whether one was heard to its end. */
  get #settled(): EpochMs {
    const late = this.venueNow - LATE_MS;
    return this.#isUp ? Math.min(late, this.#heardAt) : late;
  }

  #closeDue(lane: Lane): void {
    const bar = lane.maker.closeUpTo(this.#settled);
    if (bar !== undefined) this.#keep(lane, bar);
  }

  #keep(lane: Lane, bar: LiveBar): void {
    lane.bars.set(bar.ts, { bar, whole: this.#isWhole(lane, bar.ts) });
    if (lane.bars.size <= BARS_KEPT) return;
    const [oldest] = lane.bars.keys();
    if (oldest !== undefined) lane.bars.delete(oldest);
  }

  /** Heard from the beginning of the period to its end, without a pause that was too long. */
  #isWhole({ periods, silence, brokenUntil }: Lane, end: EpochMs): boolean {
    const start = end - periods.timeframeMs;
    if (!this.#isUp || this.#upSince > start || brokenUntil > start) return false;
    const silentSince = silence.silentSince(this.venueNow, this.#upSince);
    return silentSince === undefined || silentSince >= end;
  }

  #anyOpen(now: EpochMs): boolean {
    return this.#lanes.some(({ periods, isShut }) => !isShut && periods.isOpen(now));
  }

  #lane(index: number): Lane {
    const lane = this.#lanes[index];
    if (lane === undefined) throw new RangeError(`there is no instrument ${index}`);
    return lane;
  }
}

async function* nothing(): AsyncGenerator<never> {}
