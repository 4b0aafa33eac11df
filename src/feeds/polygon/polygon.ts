import { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import { closeOfDate } from '../../core/model/calendar/sessions.js';
import type { EpochMs, InstrumentId } from '../../core/model/ids.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import type { VenueQuote } from '../../core/ports/venue.js';
import { columnsOf, dayOf, price, type VendorBar } from '../network/bars.js';
import { type Query, VendorClient, type VendorParts } from '../network/client.js';
import { type Kind, notThere, partsOf } from '../network/names.js';
import { quoteOf } from '../network/quotes.js';
import { quotesOf } from '../network/stream/quotes-of.js';
import { POLYGON_STREAM_HOST, polygonDialect } from './stream.js';

export const POLYGON_HOST = 'https://api.massive.com';

const TITLE = 'Massive (Polygon)';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Base aggregates a page. */
const LIMIT = 50_000;
const PAGES_MAX = 1_000;

const barSchema = z.looseObject({
  t: z.number().int(),
  o: price,
  h: price,
  l: price,
  c: price,
  v: z.number().nonnegative().optional(),
});
export const aggregatesSchema = z.looseObject({
  status: z.string(),
  results: z.array(barSchema).optional(),
  next_url: z.string().optional(),
});

const quoteSchema = z.looseObject({
  status: z.literal('success'),
  last: z.looseObject({ bid: price, ask: price, timestamp: z.number().int() }),
});

/** Aggregates of Massive (Polygon until 2025): pairs, coins and stocks. Bars are UTC; a day of FX begins at 00:00 UTC. */
export function polygonFeed(parts: VendorParts, key: string): PriceFeed {
  const client = new VendorClient(TITLE, parts);
  return {
    name: 'polygon',
    quotes: quotesOf(parts, {
      title: TITLE,
      host: POLYGON_STREAM_HOST,
      dialect: (kind, ids) => polygonDialect(kind, ids, key),
    }),
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async bars(id, timeframeMs, after, until) {
      const ticker = tickerOf(id);
      const { kind } = partsOf(id);
      const span = spanOf(timeframeMs);
      // A day may have begun long before it closes after `after`.
      const path = `/v2/aggs/ticker/${ticker}/range/${span.join('/')}/${after - timeframeMs}/${until}`;
      const bars: VendorBar[] = [];
      let next: { readonly path: string; readonly query: Query } | undefined = {
        path,
        query: { adjusted: 'true', sort: 'asc', limit: LIMIT },
      };
      for (let page = 0; next !== undefined && page < PAGES_MAX; page++) {
        const what = `bars of ${id}`;
        const ask = { path: next.path, query: next.query, headers: bearer(key), what, key: 'POLYGON_API_KEY' };
        const answer: z.infer<typeof aggregatesSchema> = await client.json(
          { ...ask, page: `${ticker}-${span.join('')}-${after}-${until}-${page}` },
          aggregatesSchema,
        );
        if (!['OK', 'DELAYED'].includes(answer.status)) throw client.malformed(what, `its status is ${answer.status}`);
        for (const bar of answer.results ?? []) bars.push(toBar(bar, timeframeMs, kind));
        next = answer.next_url === undefined ? undefined : pathOf(answer.next_url, client);
      }
      return columnsOf(bars, after, until);
    },
    async latestQuotes(ids) {
      const quotes: VenueQuote[] = [];
      for (const id of ids) {
        const { kind, base, quote } = partsOf(id);
        if (kind !== 'fx') throw notThere('Massive', `quote of ${id} here`, 'give pairs of currencies such as EUR/USD');
        const path = `/v1/last_quote/currencies/${base}/${quote}`;
        const what = `the quote of ${id}`;
        const { last } = await client.json({ path, headers: bearer(key), what, key: 'POLYGON_API_KEY' }, quoteSchema);
        quotes.push(quoteOf(client, id, { ts: last.timestamp, bid: last.bid, ask: last.ask }));
      }
      return quotes;
    },
    close: () => undefined,
  };
}

/** The key goes into a header: an address stands in logs. */
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** `C:EURUSD`, `X:BTCUSD`, `AAPL`. */
export function tickerOf(id: InstrumentId): string {
  const { kind, base, quote } = partsOf(id);
  if (kind === 'stock') return base;
  return `${kind === 'fx' ? 'C' : 'X'}:${base}${quote}`;
}

function spanOf(timeframeMs: number): readonly [string, string] {
  for (const [name, ms] of [
    ['day', DAY],
    ['hour', HOUR],
    ['minute', MINUTE],
  ] as const) {
    if (timeframeMs >= ms && timeframeMs % ms === 0) return [String(timeframeMs / ms), name];
  }
  throw new FxError('FEED.TIMEFRAME', {
    message: `Massive has no bars of ${timeframeMs} ms here`,
    next: 'choose one of 1m, 5m, 15m, 1h, 4h, 1d',
    facts: { timeframeMs },
  });
}

function toBar(bar: z.infer<typeof barSchema>, timeframeMs: number, kind: Kind): VendorBar {
  const isStockDay = kind === 'stock' && timeframeMs === DAY;
  const ts = isStockDay ? closeOfDate(startOfDay(bar.t), 'stock') : bar.t + timeframeMs;
  return { ts, open: bar.o, high: bar.h, low: bar.l, close: bar.c, ...(bar.v === undefined ? {} : { volume: bar.v }) };
}

/** A stock's day is stamped at midnight New York, which is the same date in UTC. */
function startOfDay(ts: EpochMs): EpochMs {
  return Date.parse(dayOf(ts));
}

/** The next page is at the vendor's own host, which may be replaced: only path and query are used. */
function pathOf(next: string, client: VendorClient): { readonly path: string; readonly query: Query } {
  if (!URL.canParse(next)) throw client.malformed('bars', 'its next_url is no address');
  const url = new URL(next);
  url.searchParams.delete('apiKey');
  if (!url.pathname.startsWith('/v2/aggs/')) throw client.malformed('bars', 'its next_url leads elsewhere');
  return { path: url.pathname, query: Object.fromEntries(url.searchParams) };
}
