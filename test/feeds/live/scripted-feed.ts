import { FxError } from '../../../src/core/base/errors.js';
import { seededRng } from '../../../src/core/base/rng.js';
import type { EpochMs } from '../../../src/core/model/ids.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { instrumentOf } from '../../../src/core/model/instruments.js';
import type { PriceFeed } from '../../../src/core/ports/price-feed.js';
import type { Heartbeat, VenueQuote } from '../../../src/core/ports/venue.js';
import { columnsOfBars } from '../../../src/feeds/live/asker.js';
import type { LiveBar } from '../../../src/feeds/live/bar-maker.js';
import { type ClosedBars, type FeedInUse, LivePrices } from '../../../src/feeds/live/live-prices.js';
import type { FeedNews } from '../../../src/feeds/live/news.js';

export const MINUTE = 60_000;
/** Tuesday 2026-01-06 10:00 UTC. */
export const START = Date.UTC(2026, 0, 6, 10);

/** A vendor whose every word is scripted: it says what it is told to, and has the bars that it is given. */
export class ScriptedFeed {
  readonly asked: { readonly id: string; readonly after: EpochMs; readonly until: EpochMs }[] = [];
  bars: Readonly<Record<string, readonly LiveBar[]>> = {};
  /** What an answer is instead of bars. */
  failure: FxError | undefined;
  /** Connections that were made. */
  connections = 0;
  isDown = false;
  /** What each connection is answered with. */
  refusal: FxError | undefined;
  readonly feed: PriceFeed;
  #say: ((said: VenueQuote | Heartbeat | undefined) => void) | undefined;

  constructor(name: string, streams = true) {
    const { bars, quotes } = this.#calls();
    this.feed = { name, bars, clockOffsetMs: undefined, close: () => undefined, ...(streams ? { quotes } : {}) };
  }

  say(said: VenueQuote | Heartbeat): void {
    this.#say?.(said);
  }

  quote(symbol: string, ts: EpochMs, bid: number, ask = bid + 0.0002, tradeable = true): void {
    this.say({ kind: 'quote', instrument: instrumentId(symbol), ts, bid, ask, tradeable });
  }

  /** The connection dies. */
  cut(): void {
    this.#say?.(undefined);
  }

  #calls(): Pick<PriceFeed, 'bars'> & Required<Pick<PriceFeed, 'quotes'>> {
    const self = this;
    return {
      bars: async (id, _, after, until) => {
        self.asked.push({ id, after, until });
        if (self.failure !== undefined) throw self.failure;
        return columnsOfBars((self.bars[id] ?? []).filter(({ ts }) => ts > after && ts <= until));
      },
      async *quotes(_, signal) {
        self.connections++;
        if (self.refusal !== undefined) throw self.refusal;
        if (self.isDown) throw new FxError('FEED.UNREACHABLE', { message: 'refused', next: 'wait', retryable: true });
        const queue: (VenueQuote | Heartbeat | undefined)[] = [];
        let wake: () => void = () => undefined;
        self.#say = (said) => {
          queue.push(said);
          wake();
        };
        signal.addEventListener('abort', () => wake(), { once: true });
        while (!signal.aborted) {
          if (queue.length === 0) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          const said = queue.shift();
          if (said === undefined) return;
          yield said;
        }
      },
    };
  }
}

/** A bar whose corners are around a price, as a vendor without sides tells it. */
export const barAt = (ts: EpochMs, price = 1.1): LiveBar => ({
  ts,
  price: [price, price + 0.001, price - 0.001, price],
  volume: 7,
});

/** Prices of one or two scripted vendors, in minutes that are played by hand. */
export class Scene {
  now = START;
  readonly news: FeedNews[] = [];
  readonly closed: ClosedBars[] = [];
  readonly prices: LivePrices;
  readonly #signal = new AbortController();
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  #last: EpochMs;

  constructor(
    main: ScriptedFeed,
    options: {
      readonly fallback?: ScriptedFeed;
      readonly symbols?: readonly string[];
      readonly from?: EpochMs;
      readonly timeframeMs?: number;
      readonly dayEnd?: 'utc' | 'new-york';
    } = {},
  ) {
    const { fallback, symbols = ['EUR/USD'], from = START, timeframeMs = MINUTE, dayEnd = 'utc' } = options;
    this.now = from;
    this.#last = from;
    const used = ({ feed }: ScriptedFeed): FeedInUse => ({ feed, dayEnd: 'utc', requestMs: 0 });
    this.prices = new LivePrices({
      instruments: symbols.map((symbol) => instrumentOf(symbol, {}, 'USD')),
      timeframeMs,
      main: { ...used(main), dayEnd },
      ...(fallback === undefined ? {} : { fallback: used(fallback) }),
      disagreeBps: 50,
      clock: { now: () => this.now, observe: () => undefined },
      stopwatch: { mono: () => this.now - from },
      rng: seededRng('scene'),
      wait: (ms) => new Promise((wake) => this.#sleepers.push({ at: this.now + ms, wake })),
    });
    void this.prices.follow(from, this.#signal.signal);
  }

  /** Lets the time go on second by second; `each` says what is heard. */
  async play(seconds: number, each: (now: EpochMs, second: number) => void = () => undefined): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.now += 1_000;
      for (const one of [...this.#sleepers]) {
        if (one.at > this.now) continue;
        this.#sleepers.splice(this.#sleepers.indexOf(one), 1);
        one.wake();
      }
      await turns();
      each(this.now, second);
      await turns();
      this.prices.tick();
      await turns();
      this.news.push(...this.prices.takeNews());
      const closed = this.prices.take(this.#last);
      if (closed === undefined) continue;
      this.closed.push(closed);
      this.#last = Math.max(...closed.bars.flatMap((list) => list.map(({ ts }) => ts)));
    }
  }

  /** Minutes after the start at which bars of an instrument closed, in the order in which they were taken. */
  minutes(index = 0): readonly number[] {
    return this.closed.flatMap(({ bars }) => bars[index] ?? []).map(({ ts }) => (ts - START) / MINUTE);
  }

  marks(): readonly string[] {
    return this.closed.flatMap(({ marks }) => marks).map(({ ts, from }) => `${(ts - START) / MINUTE} ${from}`);
  }

  states(): readonly string[] {
    return this.news.map(({ feed, state, to }) => `${feed} ${state}${to === undefined ? '' : ` to ${to}`}`);
  }
}

const turns = (): Promise<void> => new Promise((done) => setImmediate(done));
