import type { EpochMs } from '../../core/model/ids.js';
import type { VenueQuote } from '../../core/ports/venue.js';

/** What became of a quote: only a good one is held and goes on. */
export type Verdict = 'good' | 'flawed' | 'late' | 'duplicate' | 'spike';

/** The newest good quote of an instrument, and when it reached us by the stopwatch: the clock on the wall may be set. */
export interface HeldQuote {
  readonly bid: number;
  readonly ask: number;
  readonly tradeable: boolean;
  readonly venueTs: EpochMs;
  readonly receivedMono: number;
  /** A later price is far away, and nothing has confirmed it yet: this one may not hold any more. */
  readonly isDoubted: boolean;
}

/** Mids that a new one is compared with. */
const RECENT = 9;
/** A mid this far from the middle of the recent ones is believed only when others follow it, bps. */
const SPIKE_BPS = 50;
/** So many quotes near each other at the new level, or two this far apart in time, make it real. */
const CONFIRMING = 3;
const CONFIRMING_MS = 2_000;
/** A quote that claims to be from later than this would make every honest one after it look late, ms. */
const FUTURE_MS = 5_000;

/** What is wrong with a quote that must not be used, or undefined. */
export function flawOf({ bid, ask }: Pick<VenueQuote, 'bid' | 'ask'>): string | undefined {
  if (!(Number.isFinite(bid) && Number.isFinite(ask))) return 'not a number';
  if (bid <= 0 || ask <= 0) return 'not above zero';
  if (bid > ask) return 'crossed';
  return undefined;
}

/** One instrument's memory; written in place, so that a tick allocates nothing. */
class Held implements HeldQuote {
  bid = Number.NaN;
  ask = Number.NaN;
  tradeable = false;
  venueTs = Number.NEGATIVE_INFINITY;
  receivedMono = Number.NEGATIVE_INFINITY;
  readonly #mids = new Float64Array(RECENT);
  readonly #sorted = new Float64Array(RECENT);
  #count = 0;
  #candidate = Number.NaN;
  #candidateAt = 0;
  #followers = 0;

  get isDoubted(): boolean {
    return !Number.isNaN(this.#candidate);
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  take(quote: VenueQuote, mono: number): void {
    this.bid = quote.bid;
    this.ask = quote.ask;
    this.tradeable = quote.tradeable;
    this.venueTs = quote.ts;
    this.receivedMono = mono;
    this.#mids[this.#count % RECENT] = (quote.bid + quote.ask) / 2;
    this.#count++;
    this.#candidate = Number.NaN;
  }

  /** True for a jump that nothing has confirmed yet. Believed, it is the new level, and the old one is forgotten. */
  isSpike(mid: number, ts: EpochMs): boolean {
    if (this.#count === 0 || near(mid, (this.bid + this.ask) / 2) || near(mid, this.#middle())) return false;
    if (!near(mid, this.#candidate)) {
      this.#candidate = mid;
      this.#candidateAt = ts;
      this.#followers = 1;
      return true;
    }
    this.#followers++;
    if (this.#followers < CONFIRMING && ts - this.#candidateAt < CONFIRMING_MS) return true;
    this.#count = 0;
    return false;
  }

  #middle(): number {
    const held = Math.min(this.#count, RECENT);
    const sorted = this.#sorted.subarray(0, held);
    sorted.set(this.#mids.subarray(0, held));
    sorted.sort();
    return sorted[held >> 1] ?? Number.NaN;
  }
}

/**
 * The newest good quote of each instrument of one source. What cannot be a price, comes late, comes twice, or jumps without
 * a second quote to confirm it is counted and kept out: it reaches no bar and no decision. A jump that stays is real.
 */
export class LastGood {
  readonly #held = new Map<string, Held>();
  readonly #counts: Record<Verdict, number> = { good: 0, flawed: 0, late: 0, duplicate: 0, spike: 0 };

  /** How often each thing happened since the start. */
  get counts(): Readonly<Record<Verdict, number>> {
    return this.#counts;
  }

  get dropped(): number {
    const { flawed, late, duplicate, spike } = this.#counts;
    return flawed + late + duplicate + spike;
  }

  /** `venueNow`: what time it is over there, as far as it is known. */
  hear(quote: VenueQuote, receivedMono: number, venueNow: EpochMs = Number.POSITIVE_INFINITY): Verdict {
    const verdict = this.#judge(quote, receivedMono, venueNow);
    this.#counts[verdict]++;
    return verdict;
  }

  #judge(quote: VenueQuote, mono: number, venueNow: EpochMs): Verdict {
    if (flawOf(quote) !== undefined || !(quote.ts <= venueNow + FUTURE_MS)) return 'flawed';
    let held = this.#held.get(quote.instrument);
    if (held === undefined) {
      held = new Held();
      this.#held.set(quote.instrument, held);
    }
    if (quote.ts < held.venueTs) return 'late';
    const { bid, ask, tradeable } = quote;
    if (quote.ts === held.venueTs && bid === held.bid && ask === held.ask && tradeable === held.tradeable) {
      held.receivedMono = mono;
      return 'duplicate';
    }
    if (held.isSpike((bid + ask) / 2, quote.ts)) {
      // Whether it can be traded is no price: that is believed at once.
      if (!held.isEmpty) held.tradeable = tradeable;
      return 'spike';
    }
    held.take(quote, mono);
    return 'good';
  }

  of(instrument: string): HeldQuote | undefined {
    const held = this.#held.get(instrument);
    return held === undefined || held.isEmpty ? undefined : held;
  }
}

/** Half the spread does not make a jump: mids are compared. NaN is near nothing. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) * 10_000 <= SPIKE_BPS * b;
}
