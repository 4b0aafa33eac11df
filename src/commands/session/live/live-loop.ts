import { FxError } from '../../../core/base/errors.js';
import type { InstrumentId } from '../../../core/model/ids.js';
import type { Venue, VenueEvent } from '../../../core/ports/venue.js';
import type { LiveParts } from './live-parts.js';
import type { LiveSession } from './live-session.js';
import { ClockWatch } from './market/clock-watch.js';
import { marketNow } from './market/market-time.js';
import { followStreams } from './market/streams.js';

export interface LoopOptions {
  readonly once: boolean;
  readonly durationMs: number | undefined;
  readonly signal: AbortSignal;
}

const TICK_MS = 1_000;
const RECONCILE_MS = 30_000;
/** A closed bar may be told a moment after its close; then it is asked for again, further apart each time. */
const BAR_DELAY_MS = 1_000;
const BAR_AGAIN_MS = 2_000;
const BAR_LATE_MS = 60_000;
const BAR_LATER_MS = 30_000;

/** Drives a live session that has recovered: prices, what the venue tells, the clock; one thing at a time. */
export class LiveLoop {
  readonly #session: LiveSession;
  readonly #parts: LiveParts;
  readonly #options: LoopOptions;
  #heard: VenueEvent[] = [];
  #mustPull = false;
  /** By the stopwatch, like every interval here: the clock on the wall may be set while a session runs. */
  #reconciledAt: number;
  #barsAskedAt = Number.NEGATIVE_INFINITY;
  #isDown = false;
  readonly #silent = new Set<InstrumentId>();
  readonly #clockWatch: ClockWatch;

  constructor(session: LiveSession, parts: LiveParts, options: LoopOptions) {
    this.#session = session;
    this.#parts = parts;
    this.#options = options;
    this.#reconciledAt = parts.stopwatch.mono();
    this.#clockWatch = new ClockWatch(parts.clock, parts.stopwatch);
  }

  async play(): Promise<void> {
    await this.#freshQuotes();
    if (this.#options.once) await this.#once();
    else await this.#untilStopped();
    this.#session.checkpoint();
  }

  async #once(): Promise<void> {
    await this.#session.catchUp();
    await this.#session.tick();
    await this.#session.settle();
    await this.#session.reconcile();
    await this.#session.protect();
  }

  async #untilStopped(): Promise<void> {
    const { stopwatch, venue, market } = this.#parts;
    const { durationMs, signal } = this.#options;
    const begin = stopwatch.mono();
    const ended = new AbortController();
    const following = AbortSignal.any([signal, ended.signal]);
    const streams = followStreams({
      venue,
      instruments: market.instruments.map(({ id }) => id),
      quotes: this.#parts.quotes,
      stopwatch,
      signal: following,
      pause: (ms) => this.#parts.pause(ms),
      heard: (event) => this.#hear(event),
      heardOf: (cursor) => {
        if (cursor !== this.#session.cursor) this.#mustPull = true;
      },
      told: (kind, fields) => this.#parts.onEvent(kind, fields),
    });
    const compared = this.#parts.second?.follow(following);
    try {
      while (!signal.aborted && (durationMs === undefined || stopwatch.mono() - begin < durationMs)) {
        await this.#guarded(() => this.#turn());
        if (signal.aborted) break;
        await this.#parts.pause(TICK_MS);
      }
    } finally {
      ended.abort();
      await Promise.all([streams, compared]);
    }
    // What is in doubt has its answer, or a person is told. A session that is told to stop does not wait for that.
    await this.#guarded(() => this.#session.settle());
  }

  #hear(event: VenueEvent | undefined): void {
    if (event === undefined) this.#mustPull = true;
    else this.#heard.push(event);
  }

  async #turn(): Promise<void> {
    const { stopwatch } = this.#parts;
    const session = this.#session;
    this.#tellJump();
    const heard = this.#heard;
    this.#heard = [];
    for (const event of heard) await session.hear(event);
    if (this.#mustPull) {
      this.#mustPull = false;
      await session.dispatcher.pull();
    }
    if (this.#barIsDue()) {
      this.#barsAskedAt = stopwatch.mono();
      await session.catchUp();
    }
    await session.tick();
    this.#tellSilence();
    for (const news of this.#parts.second?.tick() ?? []) this.#parts.onEvent('feed', { ...news });
    if (stopwatch.mono() - this.#reconciledAt >= RECONCILE_MS || this.#isDown) {
      await session.reconcile();
      await session.protect();
      this.#reconciledAt = stopwatch.mono();
    }
    session.checkpointIfChanged();
    if (this.#isDown) this.#parts.onEvent('broker', { state: 'up' });
    this.#isDown = false;
    session.known = true;
  }

  #tellJump(): void {
    const jumpMs = this.#clockWatch.look();
    if (jumpMs === undefined) return;
    const way = jumpMs > 0 ? 'forward' : 'back';
    const message = `the clock of this machine jumped ${way} by ${Math.abs(jumpMs)} ms, or the machine slept`;
    this.#parts.onEvent('clock', { jumpMs, message });
  }

  /** A subscription that is silent looks like a quiet market: it is told once, and again when it is back. */
  #tellSilence(): void {
    const { prepared, stopwatch, onEvent, market, quotes } = this.#parts;
    const most = prepared.loaded.settings.risk.maxQuoteAgeMs.limit;
    if (most === null) return;
    for (const { id: instrument } of market.instruments) {
      const quote = quotes.of(instrument);
      if (quote === undefined) continue;
      const ageMs = stopwatch.mono() - quote.receivedMono;
      const isSilent = ageMs > most && quote.tradeable;
      if (isSilent === this.#silent.has(instrument)) continue;
      if (isSilent) this.#silent.add(instrument);
      else this.#silent.delete(instrument);
      onEvent('feed', { instrument, state: isSilent ? 'stale' : 'fresh', ageMs: Math.round(ageMs), limitMs: most });
    }
  }

  #barIsDue(): boolean {
    const { clock, stopwatch, venue, market } = this.#parts;
    const late = marketNow(clock, venue) - (this.#session.inputs.last + market.timeframeMs + BAR_DELAY_MS);
    const again = late > BAR_LATE_MS ? BAR_LATER_MS : BAR_AGAIN_MS;
    return late >= 0 && stopwatch.mono() - this.#barsAskedAt >= again;
  }

  /** A venue that cannot be read is unknown: nothing new leaves until it can, and what works over there goes on. */
  async #guarded(turn: () => Promise<void>): Promise<void> {
    try {
      await turn();
    } catch (error) {
      if (!(error instanceof FxError) || !error.code.startsWith('BROKER.')) throw error;
      this.#session.known = false;
      this.#mustPull = true;
      if (!this.#isDown) this.#parts.onEvent('broker', { state: 'down', code: error.code, message: error.message });
      this.#isDown = true;
    }
  }

  async #freshQuotes(): Promise<void> {
    const { venue, market, stopwatch } = this.#parts;
    const quotes = await latest(
      venue,
      market.instruments.map(({ id }) => id),
    );
    for (const quote of quotes) this.#parts.quotes.hear(quote, stopwatch.mono());
    await this.#parts.second?.refresh();
  }
}

async function latest(venue: Venue, ids: Parameters<Venue['latestQuotes']>[0]): ReturnType<Venue['latestQuotes']> {
  return ids.length === 0 ? [] : venue.latestQuotes(ids);
}
