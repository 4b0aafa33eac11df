import { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import type { EpochMs, InstrumentId } from '../../core/model/ids.js';
import type { PriceFeed } from '../../core/ports/price-feed.js';
import type { VenueQuote } from '../../core/ports/venue.js';
import { columnsOf, priceText, type VendorBar } from '../network/bars.js';
import { notThere, partsOf } from '../network/names.js';
import { quoteOf } from '../network/quotes.js';
import type { AlphaVantageClient } from './client.js';

const DAY = 86_400_000;
/** Compact answers hold the newest 100 rows. */
const COMPACT_ROWS = 100;
const INTERVALS: ReadonlyMap<number, string> = new Map([
  [60_000, '1min'],
  [300_000, '5min'],
  [900_000, '15min'],
  [3_600_000, '60min'],
]);

const corners = z.looseObject({
  '1. open': priceText,
  '2. high': priceText,
  '3. low': priceText,
  '4. close': priceText,
});
const rows = z.record(z.string(), corners);
const head = z.looseObject({ '2. From Symbol': z.string(), '3. To Symbol': z.string() });
export const dailySchema = z.looseObject({ 'Meta Data': head, 'Time Series FX (Daily)': rows });
export const intradaySchema = (interval: string) =>
  z.looseObject({ 'Meta Data': head, [`Time Series FX (${interval})`]: rows });

/** A side that the vendor does not have is `-` or left out: then the rate stands for both. */
const side = z.union([z.literal('-').transform(() => undefined), priceText]).optional();
const rateSchema = z.looseObject({
  'Realtime Currency Exchange Rate': z.looseObject({
    '5. Exchange Rate': priceText,
    '6. Last Refreshed': z.string().regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/),
    '7. Time Zone': z.literal('UTC'),
    '8. Bid Price': side,
    '9. Ask Price': side,
  }),
});

/**
 * Exchange rates of Alpha Vantage. A day is a UTC day and closes at 00:00 of the next. An intraday row is taken for stamped
 * at its beginning, because the vendor does not say: so it is known an interval later rather than earlier.
 */
export function alphaVantagePrices(client: AlphaVantageClient, now: () => EpochMs): PriceFeed {
  return {
    name: 'alphavantage',
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async bars(id, timeframeMs, after, until) {
      const { base, quote } = pairOf(id);
      const pair = { from_symbol: base, to_symbol: quote };
      const what = `bars of ${id}`;
      const outputsize = now() - after > COMPACT_ROWS * timeframeMs ? 'full' : 'compact';
      if (timeframeMs === DAY) {
        const answer = await client.query({ function: 'FX_DAILY', ...pair, outputsize }, dailySchema, what);
        requireSame(client, answer['Meta Data'], base, quote, what);
        return columnsOf(barsOf(answer['Time Series FX (Daily)'], DAY, client, what), after, until);
      }
      const interval = INTERVALS.get(timeframeMs);
      if (interval === undefined) throw noTimeframe(timeframeMs);
      const schema = intradaySchema(interval);
      const answer = await client.query({ function: 'FX_INTRADAY', ...pair, interval, outputsize }, schema, what);
      requireSame(client, answer['Meta Data'] as z.infer<typeof head>, base, quote, what);
      const series = answer[`Time Series FX (${interval})`] as z.infer<typeof rows>;
      return columnsOf(barsOf(series, timeframeMs, client, what), after, until);
    },
    async latestQuotes(ids) {
      const quotes: VenueQuote[] = [];
      for (const id of ids) {
        const { base, quote } = partsOf(id);
        const fields = { function: 'CURRENCY_EXCHANGE_RATE', from_currency: base, to_currency: quote };
        const answer = await client.query(fields, rateSchema, `the rate of ${id}`);
        const rate = answer['Realtime Currency Exchange Rate'];
        const ts = Date.parse(`${rate['6. Last Refreshed'].replace(' ', 'T')}Z`);
        const middle = rate['5. Exchange Rate'];
        quotes.push(
          quoteOf(client, id, { ts, bid: rate['8. Bid Price'] ?? middle, ask: rate['9. Ask Price'] ?? middle }),
        );
      }
      return quotes;
    },
    close: () => undefined,
  };
}

function barsOf(
  series: z.infer<typeof rows>,
  timeframeMs: number,
  client: AlphaVantageClient,
  what: string,
): readonly VendorBar[] {
  return Object.entries(series).map(([stamp, row]) => {
    const begin = Date.parse(timeframeMs === DAY ? stamp : `${stamp.replace(' ', 'T')}Z`);
    const isStamp = /^\d{4}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2})?$/.test(stamp) && Number.isFinite(begin);
    if (!isStamp) throw client.malformed(what, `'${stamp.slice(0, 20)}' is no time`);
    return {
      ts: begin + timeframeMs,
      open: row['1. open'],
      high: row['2. high'],
      low: row['3. low'],
      close: row['4. close'],
    };
  });
}

function requireSame(
  client: AlphaVantageClient,
  meta: z.infer<typeof head>,
  base: string,
  quote: string,
  what: string,
): void {
  const [from, to] = [meta['2. From Symbol'].toUpperCase(), meta['3. To Symbol'].toUpperCase()];
  if (from !== base || to !== quote)
    throw client.malformed(what, `they are of ${from.slice(0, 10)}/${to.slice(0, 10)}`);
}

function pairOf(id: InstrumentId): { readonly base: string; readonly quote: string } {
  const { kind, base, quote } = partsOf(id);
  if (kind === 'fx') return { base, quote };
  throw notThere('Alpha Vantage', `exchange rate called ${id} here`, 'give pairs of currencies such as EUR/USD');
}

function noTimeframe(timeframeMs: number): FxError {
  return new FxError('FEED.TIMEFRAME', {
    message: `Alpha Vantage has no bars of ${timeframeMs} ms here`,
    next: 'choose one of 1m, 5m, 15m, 1h, 1d',
    facts: { timeframeMs },
  });
}
