import { assert } from '../../../core/base/assert.js';
import type { SeenPrice } from '../../../core/model/event.js';
import type { EpochMs, InstrumentId } from '../../../core/model/ids.js';
import type { BarBatch } from '../../../core/model/market.js';
import type { BarMark } from '../../../feeds/live/live-prices.js';
import type { FeedNews } from '../../../feeds/live/news.js';
import type { BarsRecord } from '../feed/bars-record.js';
import type { SessionMarket } from '../inputs/market.js';
import type { Prepared } from '../inputs/prepare.js';

/** What a session heard of an instrument beside its bars. */
export type Heard = Pick<SeenPrice, 'ageMs' | 'second'>;

/** Bars that came from outside, as a journal keeps them. */
export interface OutsideBars {
  readonly bars: BarsRecord;
  /** Bars that did not come whole from the first vendor's stream. */
  readonly marks?: readonly BarMark[];
  /** By instrument: how old its newest price was when these bars were decided on, and what a second vendor said. */
  readonly heard?: Readonly<Record<string, Heard>>;
}

/** What drives a real-time book, recorded before it is acted on, so that a crash repeats it and adds nothing. */
export interface BarsInput extends Partial<OutsideBars> {
  readonly after: EpochMs;
  readonly until: EpochMs;
  /** Earlier bars are worked through without a decision. */
  readonly decideFrom: EpochMs;
  /** Close times that passed unseen. Journals of earlier versions do not say. */
  readonly missed?: number;
  /** Bits of periods that ended with them. */
  readonly missedPeriods: number;
  /** When they were heard of. Journals of earlier versions do not say. */
  readonly heardAt?: EpochMs;
}

/** Bars that are new. */
export interface NewBars {
  readonly until: EpochMs;
  /** Past that a new book only learns from: it is decided from this close on, and nobody missed what lies before. */
  readonly learnsUntil?: EpochMs;
  readonly outside?: OutsideBars;
  /** All of them closed at one time: nothing passed before it. */
  readonly isOneClose?: boolean;
}

/** Where the bars of a real-time book come from. */
export interface BarSupply {
  /** What closed after a moment; undefined where nothing did. Asked again until it has no more. */
  next(after: EpochMs, now: EpochMs, isNew: boolean): Promise<NewBars | undefined>;
  /** The bars of an input, the same at every repetition. */
  of(input: BarsInput): AsyncIterable<BarBatch>;
  /** The newest price of an instrument, where one is known that is newer than its last bar. */
  seen(instrument: InstrumentId): SeenPrice | undefined;
  /** Asks for the newest prices of instruments of which an order waits for a person; the answer is what `seen` knows then. */
  refresh(instruments: readonly InstrumentId[]): Promise<void>;
  /** A moment went by; what people are to be told. */
  tick(): readonly FeedNews[];
  /** Resolves when something may be new before the next tick; undefined where nothing comes by itself. */
  woken(): Promise<void> | undefined;
}

/** The simulated market, each stretch of it at each time. */
export function simulatedSupply(prepared: Prepared, signal: AbortSignal): BarSupply {
  const newest = newestOf(prepared.market);
  return {
    async next(after, now) {
      const until = await lastClose(prepared, after, now, signal);
      return until > after ? { until } : undefined;
    },
    of: ({ after, until }) => newest(after, until, signal),
    seen: () => undefined,
    refresh: async () => undefined,
    tick: () => [],
    woken: () => undefined,
  };
}

/** Close of the newest bar up to `now`; `after` itself when there is none. */
export async function lastClose(
  prepared: Prepared,
  after: EpochMs,
  now: EpochMs,
  signal: AbortSignal,
): Promise<EpochMs> {
  let last = after;
  for await (const batch of newestOf(prepared.market)(after, now, signal)) {
    last = Math.max(last, batch.ts[batch.length - 1] ?? after);
  }
  return last;
}

function newestOf({ newest }: SessionMarket): NonNullable<SessionMarket['newest']> {
  assert(newest !== undefined, 'a real-time session has a market that goes with the clock');
  return newest;
}

/** How often the clock is looked at, ms. */
const TICK_MS = 1_000;

/** Waits for the next tick, or for a bar that closed before it: a decision does not wait for a clock. */
export async function untilWoken(
  supply: BarSupply,
  pause: (ms: number, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const woken = supply.woken();
  if (woken === undefined) return pause(TICK_MS, signal);
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  await Promise.race([pause(TICK_MS, over.signal), woken]);
  signal.removeEventListener('abort', end);
  end();
}
