import type { EpochMs, InstrumentId } from '../../../../core/model/ids.js';
import type { VenueQuote } from '../../../../core/ports/venue.js';

/** A quote and when it reached us, by the stopwatch: the clock on the wall may be set. */
export interface HeldQuote {
  readonly bid: number;
  readonly ask: number;
  readonly tradeable: boolean;
  readonly venueTs: EpochMs;
  readonly receivedMono: number;
}

/** What is wrong with a quote that must not be used, or undefined. */
export function flawOf({ bid, ask }: Pick<VenueQuote, 'bid' | 'ask'>): string | undefined {
  if (!(Number.isFinite(bid) && Number.isFinite(ask))) return 'not a number';
  if (bid <= 0 || ask <= 0) return 'not above zero';
  if (bid > ask) return 'crossed';
  return undefined;
}

/**
 * The newest good quote of each instrument. A bad one is counted and kept out; it never reaches a decision. A quote that is
 * older than the one before, as the venue counts, came late and is passed over.
 */
export class Quotes {
  readonly #held = new Map<InstrumentId, HeldQuote>();
  #dropped = 0;

  get dropped(): number {
    return this.#dropped;
  }

  hear(quote: VenueQuote, receivedMono: number): void {
    const before = this.#held.get(quote.instrument);
    if (flawOf(quote) !== undefined || quote.ts < (before?.venueTs ?? Number.NEGATIVE_INFINITY)) {
      this.#dropped++;
      return;
    }
    const { bid, ask, tradeable, ts } = quote;
    this.#held.set(quote.instrument, { bid, ask, tradeable, venueTs: ts, receivedMono });
  }

  of(instrument: InstrumentId): HeldQuote | undefined {
    return this.#held.get(instrument);
  }

  /** Age of each instrument's quote, ms; for a screen. */
  ages(mono: number): ReadonlyMap<InstrumentId, number> {
    return new Map([...this.#held].map(([id, { receivedMono }]) => [id, mono - receivedMono]));
  }
}
