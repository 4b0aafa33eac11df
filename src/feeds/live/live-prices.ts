import { FxError } from '../../core/base/errors.js';
import type { EpochMs, InstrumentId } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { BarColumns } from '../../core/model/market.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import { cleanBars } from '../network/quality.js';
import { type Answered, BarAsker } from './asker.js';
import type { LiveBar } from './bar-maker.js';
import { disagreements, secondMid } from './cross-check.js';
import type { HeldQuote } from './last-good.js';
import { type Away, backNews, type FeedNews, Steady } from './news.js';
import type { DayEnd } from './periods.js';
import { type LiveSurroundings, Source } from './source.js';

/** A vendor as it is used here. */
export interface FeedInUse {
  readonly feed: PriceFeed;
  readonly dayEnd: DayEnd;
  /** One request on its plan costs so much time, ms; 0 where that never matters. */
  readonly requestMs: number;
}

export interface LivePricesParts extends LiveSurroundings {
  readonly instruments: readonly Instrument[];
  readonly timeframeMs: number;
  readonly main: FeedInUse;
  readonly fallback?: FeedInUse;
  /** How far two sources may be apart, bps; null sets no limit. */
  readonly disagreeBps: number | null;
}

/** A bar that did not come whole from the first vendor's stream. */
export interface BarMark {
  readonly instrument: InstrumentId;
  readonly ts: EpochMs;
  /** The vendor's own bar, another vendor's, or of what was heard of it. */
  readonly from: 'bars' | 'fallback' | 'partial';
}

/** Bars that closed, an element an instrument, oldest first. */
export interface ClosedBars {
  readonly bars: readonly (readonly LiveBar[])[];
  readonly marks: readonly BarMark[];
}

/** The newest price of an instrument. */
export interface NewestPrice {
  readonly quote: HeldQuote;
  readonly ageMs: number;
  /** A second source's mid. */
  readonly second?: number;
}

interface Lane {
  readonly id: InstrumentId;
  /** Every bar up to this close is known, or will never be. */
  done: EpochMs;
  ready: LiveBar[];
  marks: BarMark[];
}

/** A bar that a vendor has answered without, though others have it, is waited for so long, ms. */
const PATIENCE_MS = 60_000;
/** A vendor needs a moment to make its bars, ms. */
const POLL_DELAY_MS = 3_000;
/** Bars of a vendor without a stream may be this late before it counts as stale, ms; and by a whole bar. */
const OVERDUE_MS = 120_000;
/** Bars of one instrument that wait for those of another at most. */
const READY_MAX = 5_000;

/**
 * Prices as they come, from one vendor or two: quotes that can be believed, bars that are whole, and what is wrong told once.
 * A bar comes from the stream where it was heard from beginning to end, else from the second vendor's stream, else from what
 * a vendor says of the past. No bar is lost, made twice, or made of prices that nobody could trade at.
 */
export class LivePrices {
  readonly #parts: LivePricesParts;
  readonly #sources: readonly Source[];
  readonly #askers: readonly BarAsker[];
  readonly #lanes: readonly Lane[];
  readonly #steady: readonly Steady[];
  readonly #agreed = new Steady();
  /** Vendors whose refused stream was told. */
  readonly #toldRefused = new Set<string>();
  #news: FeedNews[] = [];
  #wake: () => void = () => undefined;
  /** Bars that came after their time was decided on. */
  tooLate = 0;

  constructor(parts: LivePricesParts) {
    const { instruments, timeframeMs, main, fallback, clock, stopwatch, wait, rng } = parts;
    this.#parts = parts;
    const used = fallback === undefined ? [main] : [main, fallback];
    const surroundings = { clock, stopwatch, wait, rng };
    this.#sources = used.map(
      ({ feed, dayEnd }) =>
        new Source({ ...surroundings, feed, dayEnd, instruments, timeframeMs, onBar: () => this.#look() }),
    );
    this.#askers = used.map(({ feed, requestMs }, place) => {
      const answered = (answer: Answered): void => this.#answered(answer, place);
      return new BarAsker({ feed, requestMs, instruments, timeframeMs, stopwatch, answered });
    });
    this.#lanes = instruments.map(({ id }) => ({ id, done: Number.NaN, ready: [], marks: [] }));
    this.#steady = used.map(() => new Steady());
  }

  /** Bars that closed in a stretch of the past. Throws `FEED.*` or `BROKER.*`, of the first vendor where both fail. */
  async past(after: EpochMs, until: EpochMs): Promise<readonly BarColumns[]> {
    const [first, second] = this.#sources;
    if (first === undefined) throw new RangeError('there is a vendor');
    try {
      return await this.#pastOf(first, after, until);
    } catch (error) {
      if (second === undefined || !(error instanceof FxError) || error.code.startsWith('CONFIG.')) throw error;
      return await this.#pastOf(second, after, until).catch(() => {
        throw error;
      });
    }
  }

  /** Follows the streams until the signal; bars after `after` are collected from now on. */
  async follow(after: EpochMs, signal: AbortSignal): Promise<void> {
    for (const lane of this.#lanes) lane.done = after;
    await Promise.all(this.#sources.map((source) => source.follow(signal)));
  }

  /** A moment went by: what is dead is given up, what is missing is asked for, what changed becomes news. */
  tick(): void {
    for (const asker of this.#askers) asker.requireSound();
    for (const source of this.#sources) source.tick();
    this.#look();
    this.#judge();
  }

  /** Resolves at once when there is something to take that was not there before. */
  woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Bars of every close time that is complete, after one moment; undefined when there is none. */
  take(after: EpochMs): ClosedBars | undefined {
    const until = this.#known();
    let any = false;
    const marks: BarMark[] = [];
    const bars = this.#lanes.map((lane) => {
      const due = lane.ready.filter(({ ts }) => ts <= until);
      if (due.length === 0) return [];
      lane.ready = lane.ready.filter(({ ts }) => ts > until);
      const fresh = due.filter(({ ts }) => ts > after);
      this.tooLate += due.length - fresh.length;
      marks.push(...lane.marks.filter(({ ts }) => ts <= until && ts > after));
      lane.marks = lane.marks.filter(({ ts }) => ts > until);
      any ||= fresh.length > 0;
      return fresh;
    });
    return any ? { bars, marks } : undefined;
  }

  /** The newest price of an instrument, of the vendor that can be believed now; undefined before the first quote. */
  newest(id: InstrumentId): NewestPrice | undefined {
    const [first, second] = this.#sources;
    const [mine, theirs] = [first?.quoteOf(id), second?.quoteOf(id)];
    const isSecond = theirs !== undefined && (mine === undefined || this.#steady[0]?.isAway === true);
    const held = isSecond ? theirs : mine;
    if (held === undefined) return undefined;
    const other = secondMid(isSecond ? first : second, id);
    return other === undefined ? held : { ...held, second: other };
  }

  /** Asks for the quotes of now where nothing is followed yet. What cannot be had is left out: a bar's close is there too. */
  async refresh(ids: readonly InstrumentId[]): Promise<void> {
    for (const source of this.#sources) if (await source.refresh(ids)) return;
  }

  /** How long the next bar of an instrument has been missing, ms; 0 while it is not. For vendors without a stream. */
  overdueMs(index: number, newestClose: EpochMs): number {
    const [source] = this.#sources;
    if (source === undefined) return 0;
    return Math.max(0, source.venueNow - source.periodsOf(index).closeAfter(newestClose));
  }

  get streams(): boolean {
    return this.#sources.some(({ streams }) => streams);
  }

  /** What changed since it was last asked. */
  takeNews(): readonly FeedNews[] {
    const news = this.#news;
    this.#news = [];
    return news;
  }

  /** Quotes kept out, connections lost, and bars that came too late, since the start. */
  counts(): Readonly<Record<string, number>> {
    const sum = (of: (source: Source) => number): number => this.#sources.reduce((total, one) => total + of(one), 0);
    return {
      quotes: sum(({ quotes }) => quotes.counts.good),
      flawed: sum(({ quotes }) => quotes.counts.flawed),
      late: sum(({ quotes }) => quotes.counts.late),
      duplicate: sum(({ quotes }) => quotes.counts.duplicate),
      spikes: sum(({ quotes }) => quotes.counts.spike),
      losses: sum(({ losses }) => losses),
      lateBars: this.tooLate,
    };
  }

  async #pastOf({ feed }: Source, after: EpochMs, until: EpochMs): Promise<readonly BarColumns[]> {
    const all: BarColumns[] = [];
    for (const { id } of this.#lanes) {
      all.push(cleanBars(await feed.bars(id, this.#parts.timeframeMs, after, until)).bars);
    }
    return all;
  }

  /** Every close time up to this is complete: nothing that closes before it can still come. */
  #known(): EpochMs {
    let known = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.#lanes.length; index++) {
      known = Math.min(known, this.#nextClose(index) - 1);
    }
    return known;
  }

  #nextClose(index: number): EpochMs {
    const [source] = this.#sources;
    const done = this.#lanes[index]?.done ?? Number.NaN;
    if (source === undefined || Number.isNaN(done)) return Number.NaN;
    const pending = source.pendingClose(index);
    const expected = source.periodsOf(index).closeAfter(done);
    return pending > done && pending < expected ? pending : expected;
  }

  /** Takes what the streams have ended, asks for what they have not heard. */
  #look(): void {
    const before = this.#known();
    for (let index = 0; index < this.#lanes.length; index++) this.#advance(index);
    if (this.#known() > before) this.#wake();
  }

  #advance(index: number): void {
    const lane = this.#lanes[index];
    const [source] = this.#sources;
    if (lane === undefined || source === undefined || Number.isNaN(lane.done)) return;
    for (let end = this.#nextClose(index); this.#step(lane, index, end); end = this.#nextClose(index));
  }

  /** Settles one period of one instrument; false when it has to wait. */
  #step(lane: Lane, index: number, end: EpochMs): boolean {
    const states = this.#sources.map((source) => source.period(index, end));
    const whole = states.findIndex(({ kind }) => kind === 'whole');
    // The second vendor's bar is only taken where the first one cannot make it, nor tell it.
    const isTold = this.#sources[0]?.streams === false && this.#askers[0]?.trouble === undefined;
    const isNext = states.slice(0, whole).every(({ kind }) => kind === 'broken') && !isTold;
    if (whole === 0 || (whole > 0 && isNext)) {
      const state = states[whole];
      const bar = state?.kind === 'whole' ? state.bar : undefined;
      this.#settle(lane, index, end, bar, whole === 0 ? undefined : 'fallback');
      return true;
    }
    if (states[0]?.kind === 'open') return false;
    const now = this.#sources[0]?.venueNow ?? Number.NaN;
    if (now < end + POLL_DELAY_MS) return false;
    if (this.#isGivenUp(lane, index, end, now)) {
      const partial = states.map((state) => (state.kind === 'broken' ? state.bar : undefined)).find(Boolean);
      this.#settle(lane, index, end, partial, 'partial');
      return true;
    }
    this.#ask(index, lane.done, now - POLL_DELAY_MS);
    return false;
  }

  /**
   * The vendor had time to make the bar of the period and answered without it, though there is proof that time went on. An
   * answer of right after the close says nothing: on a small plan it is the only one for minutes.
   */
  #isGivenUp({ done }: Lane, index: number, end: EpochMs, now: EpochMs): boolean {
    if (now < end + PATIENCE_MS) return false;
    const isAnswered = this.#asked(index) >= end + PATIENCE_MS - POLL_DELAY_MS;
    const quoted = this.#sources.some((source) => source.isUp);
    const others = this.#lanes.some((lane, place) => place !== index && lane.done >= end && lane.done > done);
    const hopeless = this.#askers.every(({ isHopeless }) => isHopeless);
    return isAnswered ? quoted || others : quoted && hopeless;
  }

  readonly #askedUntil = new Map<number, EpochMs>();

  #asked(index: number): EpochMs {
    return this.#askedUntil.get(index) ?? Number.NEGATIVE_INFINITY;
  }

  #ask(index: number, after: EpochMs, until: EpochMs): void {
    const lane = this.#lanes[index];
    if (lane === undefined || lane.ready.length > READY_MAX) return;
    const [first, second] = this.#askers;
    if (first?.trouble === undefined || second === undefined) first?.ask(index, after, until);
    else {
      // The first one is asked on, so that it is known when it is back.
      first.ask(index, after, until);
      second.ask(index, after, until);
    }
  }

  #answered({ index, until, bars }: Answered, place: number): void {
    const lane = this.#lanes[index];
    if (lane === undefined) return;
    // A vendor whose bars end at other times cannot have the one that is missing.
    if (this.#sources[place]?.periodsOf(index).endsAt(this.#nextClose(index)) !== true && place > 0) return;
    this.#askedUntil.set(index, Math.max(this.#asked(index), until));
    for (const bar of bars) {
      if (bar.ts <= lane.done || (place > 0 && this.#sources[0]?.periodsOf(index).endsAt(bar.ts) === false)) continue;
      // What was heard whole has both sides, and needs nobody else's bar.
      const heard = this.#sources[0]?.period(index, bar.ts);
      if (heard?.kind === 'whole' && heard.bar !== undefined) this.#settle(lane, index, bar.ts, heard.bar, undefined);
      else this.#settle(lane, index, bar.ts, bar, place === 0 ? 'bars' : 'fallback');
    }
    this.#look();
  }

  #settle(lane: Lane, index: number, end: EpochMs, bar: LiveBar | undefined, from: BarMark['from'] | undefined): void {
    lane.done = end;
    for (const source of this.#sources) source.forget(index, end);
    if (bar === undefined) return;
    lane.ready.push(bar);
    if (from !== undefined && this.#sources[0]?.streams === true)
      lane.marks.push({ instrument: lane.id, ts: end, from });
  }

  #judge(): void {
    const mono = this.#parts.stopwatch.mono();
    for (const { name, refusal } of this.#sources) {
      if (refusal === undefined || this.#toldRefused.has(name)) continue;
      this.#toldRefused.add(name);
      this.#news.push({ feed: name, state: 'polled', why: refusal });
    }
    const whys = this.#sources.map((source, place) => this.#whyAway(source, place));
    whys.forEach((why, place) => {
      const steady = this.#steady[place];
      const source = this.#sources[place];
      // A closed market is no silence, and no proof that a vendor is back either.
      if (steady === undefined || source === undefined || !this.#anyOpen(source, source.venueNow)) return;
      if (!steady.look(why !== undefined, mono)) return;
      if (why === undefined) this.#askers[place]?.hurry();
      this.#news.push(why === undefined ? backNews(source.name) : this.#awayNews(source, place, why, whys));
    });
    this.#compare(mono);
  }

  #awayNews(source: Source, place: number, why: Away, whys: readonly (Away | undefined)[]): FeedNews {
    const { name: feed } = source;
    const other = this.#sources[1];
    const serves = place === 0 && other !== undefined && whys[1] === undefined;
    const shared = { feed, ...why };
    return serves ? { ...shared, state: 'failed-over', to: other.name } : { ...shared, state: 'stale' };
  }

  /** Why a vendor cannot be relied on now; undefined while it can. */
  #whyAway(source: Source, place: number): Away | undefined {
    if (!source.streams) return this.#whyOverdue(source, place);
    if (source.downSince !== undefined) return { why: source.why };
    const silent = source.silent();
    if (silent.length === 0) return undefined;
    const names = silent.slice(0, 5).join(', ') + (silent.length > 5 ? ` and ${silent.length - 5} more` : '');
    return { why: `nothing is heard of ${names}`, instruments: silent };
  }

  #whyOverdue(source: Source, place: number): Away | undefined {
    const limit = Math.max(OVERDUE_MS, this.#parts.timeframeMs);
    const trouble = this.#askers[place]?.trouble;
    if (place > 0) return trouble === undefined ? undefined : { why: trouble.message };
    const now = source.venueNow;
    const due = this.#lanes.map((_, index) => this.#nextClose(index));
    if (!due.every((close) => now - close > limit)) return undefined;
    return { why: trouble?.message ?? `no bar for ${Math.round((now - Math.min(...due)) / 60_000)} min` };
  }

  #anyOpen(source: Source, now: EpochMs): boolean {
    return this.#lanes.some((_, index) => source.periodsOf(index).isOpen(now));
  }

  #compare(mono: number): void {
    const [first, second] = this.#sources;
    const { disagreeBps } = this.#parts;
    if (first === undefined || second === undefined || disagreeBps === null) return;
    const ids = this.#lanes.map(({ id }) => id);
    const apart = disagreements(ids, first, second, disagreeBps);
    if (!this.#agreed.look(apart.length > 0, mono)) return;
    const feed = `${first.name} against ${second.name}`;
    if (apart.length === 0) {
      this.#news.push({ feed, state: 'back', why: 'both tell the same again' });
      return;
    }
    const [one] = apart;
    const why = `${one?.id} differs by ${one?.bps.toFixed(0)} bps, allowed are ${disagreeBps}`;
    this.#news.push({ feed, state: 'disagree', why, instruments: apart.map(({ id }) => id) });
  }
}
