import type { EpochMs, InstrumentId } from '../../core/model/ids.js';
import type { VenueQuote } from '../../core/ports/venue.js';
import type { VendorClient } from './client.js';

interface Sides {
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
  const isGood = bid > 0 && ask >= bid && Number.isFinite(ask) && Number.isFinite(ts) && ts > 0;
  if (isGood) return { kind: 'quote', instrument, ts, bid, ask, tradeable: true };
  throw client.malformed(`the quote of ${instrument}`, `bid ${bid} and ask ${ask} are no quote`);
}
