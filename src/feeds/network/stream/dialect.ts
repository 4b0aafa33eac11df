import type { InstrumentId } from '../../../core/model/ids.js';
import type { VenueQuote } from '../../../core/ports/venue.js';
import { type Sides, wrongWith } from '../quotes.js';
import type { Refusal } from './refusal.js';

/**
 * How one vendor speaks on a stream of quotes, or of something else: what it says in our words, and what is said to it. It keeps
 * no connection and no clock.
 */
export interface Dialect<T = VenueQuote> {
  /** Path at the host of streams. */
  readonly path: string;
  /** Said as soon as the connection stands. */
  readonly opening: readonly object[];
  /** What one message says, in its order. Never throws: text from the network is data. */
  read(message: unknown): readonly Said<T>[];
}

export type Said<T = VenueQuote> =
  | { readonly kind: 'value'; readonly value: T }
  /** What was asked for is on its way. */
  | { readonly kind: 'settled' }
  /** It is there and has nothing to say. */
  | { readonly kind: 'alive' }
  /** It waits for this. */
  | { readonly kind: 'answer'; readonly message: object }
  /** The conversation is over, or should be. */
  | { readonly kind: 'over'; readonly refusal: Refusal; readonly words: string }
  /** A whole message that holds nothing to use. */
  | { readonly kind: 'unusable'; readonly instrument: InstrumentId | undefined; readonly why: string }
  /** Not what its messages look like. */
  | { readonly kind: 'malformed'; readonly why: string };

/** A quote, or why it is none. */
export function quoteSaid(instrument: InstrumentId | undefined, sides: Sides, tradeable = true): Said {
  if (instrument === undefined)
    return { kind: 'unusable', instrument, why: 'it is of something that was not asked for' };
  const why = wrongWith(sides);
  const { ts, bid, ask } = sides;
  return why === undefined
    ? { kind: 'value', value: { kind: 'quote', instrument, ts, bid, ask, tradeable } }
    : { kind: 'unusable', instrument, why };
}
