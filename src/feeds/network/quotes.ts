import type { EpochMs, InstrumentId } from '../../core/model/ids.js';
import type { VenueQuote } from '../../core/ports/venue.js';
import type { VendorClient } from './client.js';

export interface Sides {
  /** The vendor's time. */
  readonly ts: EpochMs;
  readonly bid: number;
  readonly ask: number;
}

/** A quote that can be one: nothing crossed, no side missing. A vendor knows no market of its own, so `tradeable` says nothing. */
export function quoteOf(
  client: Pick<VendorClient, 'malformed'>,
  instrument: InstrumentId,
  { ts, bid, ask }: Sides,
): VenueQuote {
  if (wrongWith({ ts, bid, ask }) === undefined) return { kind: 'quote', instrument, ts, bid, ask, tradeable: true };
  throw client.malformed(`the quote of ${instrument}`, `bid ${bid} and ask ${ask} are no quote`);
}

/** Why this is no quote to use; undefined for one that is. Equal sides are one: markets of banks do lock. */
export function wrongWith({ ts, bid, ask }: Sides): string | undefined {
  if (!(Number.isFinite(ts) && ts > 0)) return 'it has no time';
  if (!(bid > 0 && ask > 0 && Number.isFinite(bid) && Number.isFinite(ask)))
    return 'a side is missing or not above zero';
  return ask < bid ? 'the bid is above the ask' : undefined;
}
