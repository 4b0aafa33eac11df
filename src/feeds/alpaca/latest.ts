import { z } from 'zod';
import type { InstrumentId } from '../../core/model/ids.js';
import type { VenueQuote } from '../../core/ports/venue.js';
import type { Query, VendorClient } from '../network/client.js';
import { type Kind, partsOf } from '../network/names.js';
import { quoteOf } from '../network/quotes.js';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const topSchema = z.looseObject({ bp: z.number(), ap: z.number(), t: instant });
export const latestSchema = z.looseObject({
  quotes: z.record(z.string(), topSchema).optional(),
  rates: z.record(z.string(), topSchema).optional(),
});

/** Where the newest quotes of a kind are, and how the vendor calls an instrument there. */
const PLACES: Readonly<
  Record<
    Kind,
    { readonly path: string; readonly list: string; readonly query: Query; symbol(id: InstrumentId): string }
  >
> = {
  stock: { path: '/v2/stocks/quotes/latest', list: 'symbols', query: { feed: 'iex' }, symbol: (id) => id },
  crypto: { path: '/v1beta3/crypto/us/latest/quotes', list: 'symbols', query: {}, symbol: (id) => id },
  fx: {
    path: '/v1beta1/forex/latest/rates',
    list: 'currency_pairs',
    query: {},
    symbol: (id) => id.replace('/', ''),
  },
};

/**
 * The newest quotes, one read for each kind. An instrument that has none, or only one side of it as IEX often does, is left
 * out: a zero there means that nobody offers.
 */
export async function latestQuotes(
  client: VendorClient,
  headers: Readonly<Record<string, string>>,
  ids: readonly InstrumentId[],
): Promise<readonly VenueQuote[]> {
  const found = new Map<InstrumentId, VenueQuote>();
  for (const kind of new Set(ids.map((id) => partsOf(id).kind))) {
    const { path, list, query, symbol } = PLACES[kind];
    const some = ids.filter((id) => partsOf(id).kind === kind);
    const ask = { path, query: { ...query, [list]: some.map(symbol).join(',') }, headers, what: 'quotes' };
    const answer = await client.json({ ...ask, key: 'ALPACA_API_KEY' }, latestSchema);
    const tops = answer.quotes ?? answer.rates ?? {};
    for (const id of some) {
      const top = Object.hasOwn(tops, symbol(id)) ? tops[symbol(id)] : undefined;
      if (top === undefined || top.bp === 0 || top.ap === 0) continue;
      found.set(id, quoteOf(client, id, { ts: top.t, bid: top.bp, ask: top.ap }));
    }
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}
