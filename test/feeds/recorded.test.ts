import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type InstrumentId, instrumentId } from '../../src/core/model/ids.js';
import type { BarColumns } from '../../src/core/model/market.js';
import { replayClock } from '../../src/core/ports/clock.js';
import { alpacaFeed } from '../../src/feeds/alpaca/alpaca.js';
import { AlphaVantageClient, complaintOf } from '../../src/feeds/alphavantage/client.js';
import { alphaVantagePrices } from '../../src/feeds/alphavantage/prices.js';
import { economicSchema, observationsOf } from '../../src/feeds/alphavantage/rates.js';
import { fredApi } from '../../src/feeds/fred/api.js';
import type { VendorParts } from '../../src/feeds/network/client.js';
import { polygonFeed } from '../../src/feeds/polygon/polygon.js';
import { tiingoFeed } from '../../src/feeds/tiingo/tiingo.js';
import type { HttpRequest } from '../../src/wire/message.js';
import { requestTrouble, specOf } from '../helpers/vendors/specs.js';

const FIXTURES = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'fixtures');
const absent = !existsSync(FIXTURES);
if (absent) console.log(`recorded replies of data vendors are not read: ${FIXTURES} is not there`);

const file = (path: string): string => readFileSync(join(FIXTURES, path), 'utf8');
/** The value at a JSON pointer, as text of a reply. */
function at(path: string, pointer: string): string {
  const keys = pointer.split('/').slice(1);
  const value = keys.reduce((found, key) => found[key.replaceAll('~1', '/')], JSON.parse(file(path)));
  return JSON.stringify(value);
}

/** A network that has one answer. */
function answering(body: string): VendorParts & { readonly asked: HttpRequest[] } {
  const asked: HttpRequest[] = [];
  return {
    asked,
    host: 'https://example.com',
    clock: replayClock(Date.parse('2026-01-05')),
    signal: new AbortController().signal,
    resolve: async () => ['93.184.216.34'],
    http: {
      async send(request) {
        asked.push(request);
        return { status: 200, headers: {}, body };
      },
      lines: () => {
        throw new Error('no streams here');
      },
    },
  };
}

function rowsOf({ length, ts, price }: BarColumns): (string | number | undefined)[][] {
  return Array.from({ length }, (_, i) => [
    new Date(ts[i] ?? 0).toISOString(),
    ...[price.open[i], price.high[i], price.low[i], price.close[i]],
  ]);
}

const ALL = [0, Date.parse('2026-01-01')] as const;
const DAY = 86_400_000;
const EUR: InstrumentId = instrumentId('EUR/USD');
const ids = (...names: readonly string[]): InstrumentId[] => names.map((name) => instrumentId(name));
const LATEST = {
  stock: '/GET ~1v2~1stocks~1quotes~1latest 200',
  crypto: '/GET ~1v1beta3~1crypto~1{loc}~1latest~1quotes 200',
  fx: '/GET ~1v1beta1~1forex~1latest~1rates 200',
} as const;

/** What of the requests the vendor's specification does not allow. */
function requestsOf({ asked }: { readonly asked: readonly HttpRequest[] }, vendor: string): readonly string[] {
  const spec = specOf(join(FIXTURES, '../specs'), vendor);
  expect(asked.length).toBeGreaterThan(0);
  return asked.flatMap(({ url, headers }) => {
    const { pathname: path, searchParams: query } = new URL(url);
    return requestTrouble(spec, { path, query, headers, at: 0 });
  });
}

const never = async (): Promise<void> => undefined;

describe.skipIf(absent)('recorded replies of data vendors', () => {
  it('Massive: two days of a stock, known at the exchange’s close', async () => {
    // /results/0: o 1.5032, h 1.5064, l 1.4489, c 1.4604, t 1112331600000 = 2005-04-01T05:00Z, midnight in New York.
    // /results/1: o 1.4639, h 1.4754, l 1.4343, c 1.4675, t 1112587200000 = 2005-04-04T04:00Z, daylight saving by then.
    const feed = polygonFeed(
      answering(file('massive/v2_aggs_ticker_AAPL_range_1_day_2005-04-01_2005-04-04.json')),
      'k',
    );
    expect(rowsOf(await feed.bars(instrumentId('AAPL'), DAY, ...ALL))).toEqual([
      ['2005-04-01T21:00:00.000Z', 1.5032, 1.5064, 1.4489, 1.4604],
      ['2005-04-04T20:00:00.000Z', 1.4639, 1.4754, 1.4343, 1.4675],
    ]);
  });

  it('Massive: a day of EUR/USD, a UTC day', async () => {
    // o 1.17921, h 1.18305, l 1.1756, c 1.17721, t 1626912000000 = 2021-07-22T00:00Z.
    const pointer = '/~1v2~1aggs~1ticker~1{forexTicker}~1range~1{multiplier}~1{timespan}~1{from}~1{to}';
    const parts = answering(at('massive/rest-forex.examples.json', pointer));
    const feed = polygonFeed(parts, 'k');
    expect(rowsOf(await feed.bars(EUR, DAY, ...ALL))).toEqual([
      ['2021-07-23T00:00:00.000Z', 1.17921, 1.18305, 1.1756, 1.17721],
    ]);
    expect(parts.asked[0]?.url).not.toContain('apiKey');
  });

  it('Massive: the quote of AUD/USD', async () => {
    // /last: ask 0.69527, bid 0.6952, timestamp 1652193694000 = 2022-05-10T14:41:34Z.
    const feed = polygonFeed(answering(file('massive/v1_last_quote_currencies_AUD_USD.json')), 'k');
    expect(await feed.latestQuotes?.([instrumentId('AUD/USD')])).toEqual([
      {
        kind: 'quote',
        instrument: 'AUD/USD',
        ts: Date.parse('2022-05-10T14:41:34Z'),
        bid: 0.6952,
        ask: 0.69527,
        tradeable: true,
      },
    ]);
  });

  it('Alpha Vantage: the rate of a coin, both sides of which are the rate', async () => {
    // /Realtime Currency Exchange Rate: 5. "7534.84533924", 6. "2017-11-05 19:04:16", no bid, no ask.
    const client = new AlphaVantageClient(answering(file('alphavantage/forex/rate.json')), 'k', never);
    const quotes = await alphaVantagePrices(client, () => 0).latestQuotes?.([instrumentId('BTC/USD')]);
    expect(quotes?.map(({ ts, bid, ask }) => [new Date(ts).toISOString(), bid, ask])).toEqual([
      ['2017-11-05T19:04:16.000Z', 7534.84533924, 7534.84533924],
    ]);
  });

  it('Tiingo: a quote that is crossed is none', async () => {
    const top = { ticker: 'eurusd', quoteTimestamp: '2024-01-05T12:00:00+00:00', bidPrice: 1.1, askPrice: 1.1001 };
    const feed = (change: object) => tiingoFeed(answering(JSON.stringify([{ ...top, ...change }])), 'k');
    expect(await feed({}).latestQuotes?.([EUR])).toMatchObject([{ bid: 1.1, ask: 1.1001 }]);
    await expect(feed({ askPrice: 1.0999 }).latestQuotes?.([EUR])).rejects.toMatchObject({ code: 'FEED.MALFORMED' });
  });

  it('Alpha Vantage: a day of EUR/USD, a UTC day', async () => {
    // /Time Series FX (Daily)/2020-07-24: "1.1595", "1.1658", "1.1580", "1.1656".
    const client = new AlphaVantageClient(answering(file('alphavantage/forex/daily.json')), 'k', never);
    const feed = alphaVantagePrices(client, () => 0);
    expect(rowsOf(await feed.bars(EUR, DAY, ...ALL))).toEqual([
      ['2020-07-25T00:00:00.000Z', 1.1595, 1.1658, 1.158, 1.1656],
    ]);
  });

  it('Alpha Vantage: five minutes of EUR/USD, taken for stamped at their beginning', async () => {
    // /Time Series FX (5min)/2020-07-24 21:00:00: "1.1655", "1.1656", "1.1655", "1.1656".
    const client = new AlphaVantageClient(answering(file('alphavantage/forex/intraday.json')), 'k', never);
    const feed = alphaVantagePrices(client, () => 0);
    expect(rowsOf(await feed.bars(EUR, 300_000, ...ALL))).toEqual([
      ['2020-07-24T21:05:00.000Z', 1.1655, 1.1656, 1.1655, 1.1656],
    ]);
  });

  it('Alpha Vantage: a series of the economy', () => {
    // /data/0: 2021-09-01, "147682".
    const series = economicSchema.parse(JSON.parse(file('alphavantage/economic/nonfarm_payroll.json')));
    const found = observationsOf(series.data, (why) => new Error(why));
    expect(found).toEqual([{ period: '2021-09-01', value: '147682' }]);
  });

  it.each(['forex/daily', 'forex/intraday', 'forex/weekly', 'forex/monthly', 'forex/rate', 'economic/nonfarm_payroll'])(
    'Alpha Vantage: %s is no complaint',
    (name) => {
      expect(complaintOf(JSON.parse(file(`alphavantage/${name}.json`)))).toBeUndefined();
    },
  );

  it('FRED: four months of one archive day, dated by the usual delay', async () => {
    // /~1series~1observations/observations/0..3: 2026-01-01 4.0, 2026-02-01 4.1, 2026-03-01 3.9, 2026-04-01 4.0.
    const reply = at('fred/response-examples.json', '/~1series~1observations');
    expect(await fredApi(answering(reply), 'k').read('UNRATE', undefined, undefined)).toEqual([
      { period: '2026-01-01', value: '4.0' },
      { period: '2026-02-01', value: '4.1' },
      { period: '2026-03-01', value: '3.9' },
      { period: '2026-04-01', value: '4.0' },
    ]);
  });

  it('Alpaca: a minute of a stock', async () => {
    // /GET ~1v2~1stocks~1bars 200/bars/bars/AAPL/0: t 2022-01-03T09:00Z, o 178.26, h 178.26, l 178.21, c 178.21.
    const reply = JSON.parse(at('alpaca/market-data-api.response-examples.json', '/GET ~1v2~1stocks~1bars 200/bars'));
    const parts = answering(JSON.stringify({ ...reply, next_page_token: null }));
    const feed = alpacaFeed(parts, { id: 'i', secret: 's' });
    expect(rowsOf(await feed.bars(instrumentId('AAPL'), 60_000, ...ALL))).toEqual([
      ['2022-01-03T09:01:00.000Z', 178.26, 178.26, 178.21, 178.21],
    ]);
  });

  it('Alpaca: a minute of a coin', async () => {
    // /GET ~1v1beta3~1crypto~1{loc}~1bars 200/bars/bars/BTC~1USD/0: t 2022-05-27T10:18Z, o 28999, h 29003, l 28999, c 29003.
    const pointer = '/GET ~1v1beta3~1crypto~1{loc}~1bars 200/bars';
    const reply = JSON.parse(at('alpaca/market-data-api.response-examples.json', pointer));
    const feed = alpacaFeed(answering(JSON.stringify({ ...reply, next_page_token: null })), { id: 'i', secret: 's' });
    expect(rowsOf(await feed.bars(instrumentId('BTC/USD'), 60_000, ...ALL))).toEqual([
      ['2022-05-27T10:19:00.000Z', 28999, 29003, 28999, 29003],
    ]);
  });

  it('Alpaca: the newest quotes of stocks, in the order they were asked for', async () => {
    // /GET ~1v2~1stocks~1quotes~1latest 200/quotes/quotes: AAPL bp 172.62 ap 172.7, TSLA bp 911.3 ap 911.6.
    const parts = answering(at('alpaca/market-data-api.response-examples.json', `${LATEST.stock}/quotes`));
    const found = await alpacaFeed(parts, { id: 'i', secret: 's' }).latestQuotes?.(ids('TSLA', 'AAPL', 'MSFT'));
    expect(found?.map(({ instrument, bid, ask, ts }) => [instrument, bid, ask, new Date(ts).toISOString()])).toEqual([
      ['TSLA', 911.3, 911.6, '2022-08-17T10:07:49.387Z'],
      ['AAPL', 172.62, 172.7, '2022-08-17T10:07:40.286Z'],
    ]);
    expect(requestsOf(parts, 'alpaca')).toEqual([]);
  });

  it('Alpaca: the newest quotes of coins, and rates of currencies', async () => {
    // .../quotes: BTC/USD bp 29058 ap 29059; .../USDJPY/rates: USDJPY bp 127.752 ap 128.112.
    const coins = answering(at('alpaca/market-data-api.response-examples.json', `${LATEST.crypto}/quotes`));
    const [coin] = (await alpacaFeed(coins, { id: 'i', secret: 's' }).latestQuotes?.(ids('BTC/USD'))) ?? [];
    expect(coin).toMatchObject({ instrument: 'BTC/USD', bid: 29058, ask: 29059 });
    const rates = answering(at('alpaca/market-data-api.response-examples.json', `${LATEST.fx}/USDJPY`));
    const [rate] = (await alpacaFeed(rates, { id: 'i', secret: 's' }).latestQuotes?.(ids('USD/JPY'))) ?? [];
    expect(rate).toMatchObject({ instrument: 'USD/JPY', bid: 127.752, ask: 128.112 });
    expect([...requestsOf(coins, 'alpaca'), ...requestsOf(rates, 'alpaca')]).toEqual([]);
  });

  it('Alpaca: a side that nobody offers is no quote, a crossed one is no answer', async () => {
    const reply = (top: object) =>
      answering(JSON.stringify({ quotes: { AAPL: { t: '2022-08-17T10:07:40Z', ...top } } }));
    const oneSided = alpacaFeed(reply({ bp: 172.6, ap: 0 }), { id: 'i', secret: 's' });
    expect(await oneSided.latestQuotes?.(ids('AAPL'))).toEqual([]);
    const crossed = alpacaFeed(reply({ bp: 172.6, ap: 170 }), { id: 'i', secret: 's' });
    await expect(crossed.latestQuotes?.(ids('AAPL'))).rejects.toMatchObject({ code: 'FEED.MALFORMED' });
  });
});
