import { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import { closeOfDate } from '../../core/model/calendar/sessions.js';
import type { InstrumentId } from '../../core/model/ids.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import { columnsOf, dayOf, price, type VendorBar } from '../network/bars.js';
import { VendorClient, type VendorParts } from '../network/client.js';
import { type Kind, notThere, partsOf } from '../network/names.js';
import { quotesOf } from '../network/stream/quotes-of.js';
import { latestQuotes } from './latest.js';
import { ALPACA_STREAM_HOST, alpacaDialect } from './stream.js';

export const ALPACA_DATA_HOST = 'https://data.alpaca.markets';

const DAY = 86_400_000;
const PAGE = 10_000;
const PAGES_MAX = 1_000;
const TIMEFRAMES: ReadonlyMap<number, string> = new Map([
  [60_000, '1Min'],
  [300_000, '5Min'],
  [900_000, '15Min'],
  [3_600_000, '1Hour'],
  [14_400_000, '4Hour'],
  [DAY, '1Day'],
]);

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const barSchema = z.looseObject({ t: instant, o: price, h: price, l: price, c: price, v: z.number().nonnegative() });
type WireBar = z.infer<typeof barSchema>;
const token = z.string().nullish();
export const barsSchema = z.looseObject({
  bars: z.record(z.string(), z.array(barSchema)).nullable(),
  next_page_token: token,
});

/** The two halves of the key. */
export interface AlpacaKey {
  readonly id: string;
  readonly secret: string;
}

/** Market data of Alpaca: stocks (the free feed is IEX, a part of the volume; splits taken out of prices) and coins. */
export function alpacaFeed(parts: VendorParts, key: AlpacaKey): PriceFeed {
  const client = new VendorClient('Alpaca', parts);
  const headers = { 'apca-api-key-id': key.id, 'apca-api-secret-key': key.secret };
  return {
    name: 'alpaca',
    quotes: quotesOf(parts, {
      title: 'Alpaca',
      host: ALPACA_STREAM_HOST,
      dialect: (kind, ids) => alpacaDialect(kind, ids, key),
    }),
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async bars(id, timeframeMs, after, until) {
      const timeframe = TIMEFRAMES.get(timeframeMs);
      if (timeframe === undefined) throw noTimeframe(timeframeMs);
      const { kind } = partsOf(id);
      const what = `bars of ${id}`;
      const bars: VendorBar[] = [];
      let page_token: string | undefined;
      for (let page = 0; page < PAGES_MAX; page++) {
        const query = {
          ...placeOf(id, kind).query,
          timeframe,
          start: new Date(after - timeframeMs).toISOString(),
          end: new Date(until).toISOString(),
          limit: PAGE,
          sort: 'asc',
          page_token,
        };
        const ask = { path: placeOf(id, kind).path, query, headers, what, key: 'ALPACA_API_KEY' };
        const name = `${id.replace('/', '')}-${timeframe}-${after}-${until}-${page}`;
        const answer = await client.json({ ...ask, page: name }, barsSchema);
        for (const bar of answer.bars?.[id] ?? []) bars.push(toBar(bar, timeframeMs, kind));
        page_token = answer.next_page_token ?? undefined;
        if (page_token === undefined) break;
      }
      return columnsOf(bars, after, until);
    },
    latestQuotes: (ids) => latestQuotes(client, headers, ids),
    close: () => undefined,
  };
}

function placeOf(
  id: InstrumentId,
  kind: Kind,
): { readonly path: string; readonly query: Readonly<Record<string, string>> } {
  if (kind === 'crypto') return { path: '/v1beta3/crypto/us/bars', query: { symbols: id } };
  if (kind === 'stock') return { path: '/v2/stocks/bars', query: { symbols: id, adjustment: 'split', feed: 'iex' } };
  throw notThere(
    'Alpaca',
    `history of ${id}`,
    'give stocks (AAPL) or coins (BTC/USD); for currencies use another feed',
  );
}

/** A stock's day is stamped at midnight New York; everything else at its beginning. */
function toBar(bar: WireBar, timeframeMs: number, kind: Kind): VendorBar {
  const isStockDay = kind === 'stock' && timeframeMs === DAY;
  const ts = isStockDay ? closeOfDate(Date.parse(dayOf(bar.t)), 'stock') : bar.t + timeframeMs;
  return { ts, open: bar.o, high: bar.h, low: bar.l, close: bar.c, volume: bar.v };
}

function noTimeframe(timeframeMs: number): FxError {
  return new FxError('FEED.TIMEFRAME', {
    message: `Alpaca has no bars of ${timeframeMs} ms here`,
    next: 'choose one of 1m, 5m, 15m, 1h, 4h, 1d',
    facts: { timeframeMs },
  });
}
