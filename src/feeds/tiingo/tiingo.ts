import { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import type { InstrumentId } from '../../core/model/ids.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import { columnsOf, dayOf, price, type VendorBar } from '../network/bars.js';
import { VendorClient, type VendorParts } from '../network/client.js';
import { notThere, partsOf } from '../network/names.js';
import { quoteOf } from '../network/quotes.js';
import { quotesOf } from '../network/stream/quotes-of.js';
import { tiingoDialect } from './stream.js';

export const TIINGO_HOST = 'https://api.tiingo.com';

const DAY = 86_400_000;
const FREQUENCIES: ReadonlyMap<number, string> = new Map([
  [60_000, '1min'],
  [300_000, '5min'],
  [900_000, '15min'],
  [3_600_000, '1hour'],
  [14_400_000, '4hour'],
  [DAY, '1day'],
]);

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
export const pricesSchema = z.array(
  z.looseObject({ date: instant, ticker: z.string(), open: price, high: price, low: price, close: price }),
);

const topSchema = z.array(
  z.looseObject({ ticker: z.string(), quoteTimestamp: instant, bidPrice: price, askPrice: price }),
);

/** Exchange rates of Tiingo: bars are stamped at their beginning, UTC; a day begins at 00:00 UTC. */
export function tiingoFeed(parts: VendorParts, key: string): PriceFeed {
  const client = new VendorClient('Tiingo', parts);
  return {
    name: 'tiingo',
    quotes: quotesOf(parts, {
      title: 'Tiingo',
      host: TIINGO_HOST,
      dialect: (kind, ids) => tiingoDialect(kind, ids, key),
    }),
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async bars(id, timeframeMs, after, until) {
      const ticker = tickerOf(id);
      const resampleFreq = FREQUENCIES.get(timeframeMs);
      if (resampleFreq === undefined) throw noTimeframe(timeframeMs);
      const query = { startDate: dayOf(after - timeframeMs), endDate: dayOf(until), resampleFreq };
      const rows = await client.json(
        {
          path: `/tiingo/fx/${ticker}/prices`,
          query,
          headers: { authorization: `Token ${key}` },
          what: `bars of ${id}`,
          key: 'TIINGO_API_KEY',
          page: `${ticker}-${resampleFreq}-${query.startDate}-${query.endDate}`,
        },
        pricesSchema,
      );
      const other = rows.find((row) => row.ticker.toLowerCase() !== ticker);
      if (other !== undefined) throw client.malformed(`bars of ${id}`, `they are of ${other.ticker.slice(0, 20)}`);
      const bars = rows.map(
        ({ date, open, high, low, close }): VendorBar => ({ ts: date + timeframeMs, open, high, low, close }),
      );
      return columnsOf(bars, after, until);
    },
    async latestQuotes(ids) {
      const tickers = ids.map(tickerOf);
      const rows = await client.json(
        {
          path: '/tiingo/fx/top',
          query: { tickers: tickers.join(',') },
          headers: { authorization: `Token ${key}` },
          what: 'quotes',
          key: 'TIINGO_API_KEY',
        },
        topSchema,
      );
      return ids.flatMap((id, i) => {
        const row = rows.find(({ ticker }) => ticker.toLowerCase() === tickers[i]);
        if (row === undefined) return [];
        return [quoteOf(client, id, { ts: row.quoteTimestamp, bid: row.bidPrice, ask: row.askPrice })];
      });
    },
    close: () => undefined,
  };
}

/** `eurusd`. */
export function tickerOf(id: InstrumentId): string {
  const { kind, base, quote } = partsOf(id);
  if (kind === 'fx') return `${base}${quote}`.toLowerCase();
  throw notThere('Tiingo', `exchange rate called ${id}`, 'give pairs of currencies such as EUR/USD');
}

function noTimeframe(timeframeMs: number): FxError {
  return new FxError('FEED.TIMEFRAME', {
    message: `Tiingo has no bars of ${timeframeMs} ms here`,
    next: 'choose one of 1m, 5m, 15m, 1h, 4h, 1d',
    facts: { timeframeMs },
  });
}
