import { assert } from '../../../core/base/assert.js';
import type { InstrumentId } from '../../../core/model/ids.js';
import type { Heartbeat, VenueQuote } from '../../../core/ports/venue.js';
import { VendorClient, type VendorParts } from '../client.js';
import { type Kind, partsOf } from '../names.js';
import type { Dialect } from './dialect.js';
import { listen } from './listen.js';
import { together } from './together.js';

/** How a vendor streams. */
export interface Streaming {
  readonly title: string;
  /** Scheme, host and port of its streams. */
  readonly host: string;
  /** Throws for a kind that it does not stream. */
  readonly dialect: (kind: Kind, ids: readonly InstrumentId[]) => Dialect;
}

/** Quotes of instruments of any kind that a vendor streams, over one connection for each kind; the first that ends, ends all. */
export function quotesOf(
  parts: VendorParts,
  { title, host, dialect }: Streaming,
): (ids: readonly InstrumentId[], signal: AbortSignal) => AsyncGenerator<VenueQuote | Heartbeat> {
  const client = new VendorClient(title, { ...parts, host: parts.streamHost ?? host });
  return async function* quotes(ids, signal) {
    assert(ids.length > 0, 'quotes of something are asked for');
    const kinds = [...new Set(ids.map((id) => partsOf(id).kind))];
    const dialects = kinds.map((kind) =>
      dialect(
        kind,
        [...new Set(ids)].filter((id) => partsOf(id).kind === kind),
      ),
    );
    const streams = dialects.map((one) => (until: AbortSignal) => listen(client, parts, one, until));
    const [only] = streams;
    yield* streams.length === 1 && only !== undefined ? only(signal) : together(streams, signal);
  };
}
