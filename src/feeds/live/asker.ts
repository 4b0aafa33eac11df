import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { BarColumns, PriceColumns } from '../../core/model/market.js';
import type { Stopwatch } from '../../core/ports/clock.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import { ATTEMPTS } from '../../wire/retry.js';
import { cleanBars } from '../network/quality.js';
import type { Corners, LiveBar } from './bar-maker.js';

/** What a vendor said when it was asked for closed bars. */
export interface Answered {
  readonly index: number;
  /** Bars that closed up to then were asked for. */
  readonly until: EpochMs;
  readonly bars: readonly LiveBar[];
}

export interface AskerParts {
  readonly feed: PriceFeed;
  readonly instruments: readonly Instrument[];
  readonly timeframeMs: number;
  readonly stopwatch: Stopwatch;
  /** One request on this plan costs so much time, ms: nobody asks again for what is not there yet before all had their turn. */
  readonly requestMs: number;
  answered(answer: Answered): void;
}

/** The pause before the same is asked again; it grows, and begins anew with an answer that brought something. */
const PAUSES_MS = [2_000, 4_000, 8_000, 15_000, 30_000] as const;
const LONGEST_PAUSE_MS = 60_000;
/** What no repetition mends: the key, the plan, the symbol. Asked again now and then all the same. */
const HOPELESS = /^(CONFIG|USAGE)\.|\.(BAD_KEY|PLAN|NOT_FOUND|SYMBOL|TIMEFRAME|NO_ACCESS|UNKNOWN_INSTRUMENT)$/;
const HOPELESS_PAUSE_MS = 10 * 60_000;

interface Turn {
  isAsking: boolean;
  notBefore: number;
  tries: number;
}

/** Asks one vendor for closed bars, in the background, never twice at once for one instrument, within its plan. */
export class BarAsker {
  readonly #parts: AskerParts;
  readonly #turns: readonly Turn[];
  #trouble: FxError | undefined;
  #isHopeless = false;
  #bug: unknown;

  constructor(parts: AskerParts) {
    this.#parts = parts;
    this.#turns = parts.instruments.map(() => ({ isAsking: false, notBefore: 0, tries: 0 }));
  }

  /** What the last answer was, where it was none. */
  get trouble(): FxError | undefined {
    return this.#trouble;
  }

  /** The vendor does not have what is asked for, whenever it is asked. */
  get isHopeless(): boolean {
    return this.#isHopeless;
  }

  /** Throws what went wrong in here while nobody looked: a bug ends the session, an answer that did not come never does. */
  requireSound(): void {
    if (this.#bug !== undefined) throw this.#bug;
  }

  /** The vendor is back: what is missing is asked for at once, whatever pause was due. Its plan still holds. */
  hurry(): void {
    for (const turn of this.#turns) turn.notBefore = Math.min(turn.notBefore, this.#parts.stopwatch.mono());
  }

  /** Asks, unless it is being asked or it is not time to ask again. */
  ask(index: number, after: EpochMs, until: EpochMs): void {
    const turn = this.#turns[index];
    const id = this.#parts.instruments[index]?.id;
    if (turn === undefined || id === undefined || turn.isAsking) return;
    if (this.#parts.stopwatch.mono() < turn.notBefore) return;
    turn.isAsking = true;
    void this.#ask(turn, index, id, after, until);
  }

  async #ask(turn: Turn, index: number, id: Instrument['id'], after: EpochMs, until: EpochMs): Promise<void> {
    const { feed, timeframeMs, stopwatch } = this.#parts;
    try {
      const { bars } = cleanBars(await feed.bars(id, timeframeMs, after, until));
      this.#trouble = undefined;
      this.#isHopeless = false;
      turn.tries = bars.length > 0 ? 0 : turn.tries + 1;
      turn.notBefore = stopwatch.mono() + this.#pause(turn.tries);
      this.#parts.answered({ index, until, bars: barsOf(bars) });
    } catch (error) {
      if (!(error instanceof FxError)) {
        this.#bug = error;
        return;
      }
      this.#trouble = error;
      this.#isHopeless = HOPELESS.test(error.code);
      turn.tries++;
      const asked = Number(error.facts['pauseMs'] ?? 0);
      turn.notBefore =
        stopwatch.mono() + Math.max(asked, this.#isHopeless ? HOPELESS_PAUSE_MS : this.#pauseOfTrouble(turn.tries));
    } finally {
      turn.isAsking = false;
    }
  }

  /** Each failure may have cost several requests: an outage must not use up the plan that is needed after it. */
  #pauseOfTrouble(tries: number): number {
    return this.#pause(tries, tries > 1 ? ATTEMPTS : 1);
  }

  #pause(tries: number, requests = 1): number {
    const growing = PAUSES_MS[Math.min(Math.max(0, tries - 1), PAUSES_MS.length)] ?? LONGEST_PAUSE_MS;
    return Math.max(growing, this.#parts.requestMs * this.#turns.length * requests);
  }
}

/** Rows of columns as bars. */
export function barsOf({ length, ts, price, volume, bid, ask }: BarColumns): readonly LiveBar[] {
  return Array.from({ length }, (_, i) => {
    const one = { ts: ts[i] ?? Number.NaN, price: cornersAt(price, i), volume: volume[i] ?? Number.NaN };
    if (bid === undefined || ask === undefined || Number.isNaN(bid.open[i])) return one;
    return { ...one, bid: cornersAt(bid, i), ask: cornersAt(ask, i) };
  });
}

/** Bars as columns; a bar with one price only has no sides. */
export function columnsOfBars(bars: readonly LiveBar[]): BarColumns {
  const column = (value: (bar: LiveBar) => number): Float64Array => Float64Array.from(bars, value);
  const side = (of: (bar: LiveBar) => Corners | undefined): PriceColumns => ({
    open: column((bar) => of(bar)?.[0] ?? Number.NaN),
    high: column((bar) => of(bar)?.[1] ?? Number.NaN),
    low: column((bar) => of(bar)?.[2] ?? Number.NaN),
    close: column((bar) => of(bar)?.[3] ?? Number.NaN),
  });
  const shared = { length: bars.length, ts: column(({ ts }) => ts), volume: column(({ volume }) => volume) };
  const price = side((bar) => bar.price);
  if (bars.every(({ bid }) => bid === undefined)) return { ...shared, price };
  return { ...shared, price, bid: side(({ bid }) => bid), ask: side(({ ask }) => ask) };
}

function cornersAt(side: PriceColumns, i: number): Corners {
  const at = (column: Float64Array): number => column[i] ?? Number.NaN;
  return [at(side.open), at(side.high), at(side.low), at(side.close)];
}
