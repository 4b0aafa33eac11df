import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import { alpacaDialect } from '../../../src/feeds/alpaca/stream.js';
import type { Dialect, Said } from '../../../src/feeds/network/stream/dialect.js';
import { polygonDialect } from '../../../src/feeds/polygon/stream.js';
import { tiingoDialect } from '../../../src/feeds/tiingo/stream.js';

const SHARED = resolve(process.env['FXTRADE_SHARED'] ?? '../shared');
const absent = !existsSync(join(SHARED, 'fixtures'));
if (absent) console.log(`recorded messages of streams are not read: ${SHARED} is not there`);

/** The value at a JSON pointer. */
function at(path: string, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys.reduce(
    (found, key) => found[key.replaceAll('~1', '/')],
    JSON.parse(readFileSync(join(SHARED, path), 'utf8')),
  );
}

const ids = (...names: readonly string[]) => names.map((name) => instrumentId(name));
const KEYS = { id: 'the-id', secret: 'the-secret' };
const pairs = polygonDialect('fx', ids('USD/CNH', 'EUR/USD'), 'the-key');
const coins = polygonDialect('crypto', ids('BTC/USD'), 'the-key');
const stocks = polygonDialect('stock', ids('MSFT'), 'the-key');
const rates = tiingoDialect('fx', ids('EUR/NOK', 'GBP/AUD'), 'the-token');
const iex = tiingoDialect('stock', ids('VYM', 'WES'), 'the-token');
const shares = alpacaDialect('stock', ids('AMD', 'CLDR'), KEYS);
const alpacaCoins = alpacaDialect('crypto', ids('LTC/USD'), KEYS);

const quote = (instrument: string, ts: number, bid: number, ask: number, tradeable = true) => ({
  kind: 'value',
  value: { kind: 'quote', instrument, ts, bid, ask, tradeable },
});
const over = (code: string) => [expect.objectContaining({ kind: 'over', refusal: expect.objectContaining({ code }) })];

describe.skipIf(absent)('recorded messages of Massive', () => {
  it.each<[string, string, string, Dialect, readonly unknown[]]>([
    // ev C, p USD/CNH, b 6.83363, a 6.83366, t 1536036818784.
    [
      'a quote of a pair',
      'fixtures/massive/ws-forex.examples.json',
      '/~1forex~1C',
      pairs,
      [quote('USD/CNH', 1536036818784, 6.83363, 6.83366)],
    ],
    ['a minute', 'fixtures/massive/ws-forex.examples.json', '/~1forex~1CA', pairs, []],
    ['a second', 'fixtures/massive/ws-forex.examples.json', '/~1forex~1CAS', pairs, []],
    ['a fair value', 'fixtures/massive/ws-forex.examples.json', '/~1business~1forex~1FMV', pairs, []],
    ['a value', 'fixtures/massive/ws-forex.examples.json', '/~1launchpad~1forex~1LV', pairs, []],
    ['a minute of a launch pad', 'fixtures/massive/ws-forex.examples.json', '/~1launchpad~1forex~1AM', pairs, []],
    // pair BTC-USD, bp 33052.79, ap 33073.19, t 1610462411115.
    [
      'a quote of a coin',
      'specs/massive/websocket.json',
      '/paths/~1crypto~1XQ/get/responses/200/content/application~1json/example',
      coins,
      [quote('BTC/USD', 1610462411115, 33052.79, 33073.19)],
    ],
    // sym MSFT, bp 114.125, ap 114.128, t 1536036818784.
    [
      'a quote of a stock',
      'specs/massive/websocket.json',
      '/paths/~1stocks~1Q/get/responses/200/content/application~1json/example',
      stocks,
      [quote('MSFT', 1536036818784, 114.125, 114.128)],
    ],
  ])('%s', (_, path, pointer, dialect, said) => {
    expect(dialect.read([at(path, pointer)])).toEqual(said);
  });

  it('pairs are asked for as its specification says: from, slash, to, with commas between', () => {
    const spec = at('specs/massive/websocket.json', '/paths/~1forex~1C/get/parameters/0') as {
      readonly description: string;
    };
    expect(spec.description).toMatch(/format \{from\}\/\{to\}[\s\S]*comma separated/);
    const [said] = pairs.read([{ ev: 'status', status: 'auth_success', message: '' }]);
    expect(said).toEqual({ kind: 'answer', message: { action: 'subscribe', params: 'C.USD/CNH,C.EUR/USD' } });
    expect(coins.read([{ ev: 'status', status: 'auth_success' }])).toEqual([
      { kind: 'answer', message: { action: 'subscribe', params: 'XQ.BTC-USD' } },
    ]);
  });
});

const STOCK_PAGE = '/content~1api-references~1market-data-api~1stock-pricing-data~1realtime.md';
const COIN_PAGE = '/content~1api-references~1market-data-api~1crypto-pricing-data~1realtime.md';
const auth = { kind: 'answer', message: { action: 'auth', key: 'the-id', secret: 'the-secret' } };
const ask = (quotes: readonly string[]) => ({ kind: 'answer', message: { action: 'subscribe', quotes } });

describe.skipIf(absent)('recorded messages of Alpaca', () => {
  // Every message of the server on the page of stocks, by its place there.
  it.each<[number, readonly unknown[]]>([
    [0, [auth]],
    [2, [ask(['AMD', 'CLDR'])]],
    [6, [auth]],
    [7, [ask(['AMD', 'CLDR'])]],
    [8, over('FEED.REFUSED')],
    [9, over('FEED.BAD_KEY')],
    [10, over('FEED.BAD_KEY')],
    [11, over('FEED.REFUSED')],
    [12, over('FEED.UNREACHABLE')],
    [13, over('FEED.PLAN')],
    [14, over('FEED.CONNECTIONS')],
    [15, over('FEED.TOO_SLOW')],
    [16, over('FEED.PLAN')],
    [17, over('FEED.PLAN')],
    [18, over('FEED.DOWN')],
    [19, [{ kind: 'settled' }]],
  ])('%d of stocks', (place, said) => {
    expect(shares.read(at('fixtures/alpaca/docs-examples.json', `${STOCK_PAGE}/${place}`))).toEqual(said);
  });

  it.each<[number, readonly unknown[]]>([
    [0, [auth]],
    [2, [ask(['LTC/USD'])]],
    [8, over('FEED.REFUSED')],
    [9, over('FEED.BAD_KEY')],
    [10, over('FEED.BAD_KEY')],
    [13, over('FEED.PLAN')],
    [14, over('FEED.CONNECTIONS')],
    [15, over('FEED.TOO_SLOW')],
    [17, over('FEED.PLAN')],
  ])('%d of coins', (place, said) => {
    expect(alpacaCoins.read(at('fixtures/alpaca/docs-examples.json', `${COIN_PAGE}/${place}`))).toEqual(said);
  });

  it('a subscription without what was asked for is no success', () => {
    const recorded = at('fixtures/alpaca/docs-examples.json', `${STOCK_PAGE}/19`);
    const [said] = alpacaDialect('stock', ids('AMD', 'NVDA'), KEYS).read(recorded);
    expect(said).toMatchObject({ kind: 'over', refusal: { code: 'FEED.NOT_FOUND', says: 'does not stream NVDA' } });
  });

  it('a headline on the wrong stream is passed over', () => {
    const news = at(
      'fixtures/alpaca/docs-examples.json',
      '/content~1api-references~1market-data-api~1news-data~1realtime.md/0',
    );
    expect(shares.read([news])).toEqual([]);
  });

  it('what is sent has the fields of the recorded messages', () => {
    const authed = at('fixtures/alpaca/docs-examples.json', `${STOCK_PAGE}/1`) as object;
    expect(Object.keys(auth.message)).toEqual(Object.keys(authed));
    const asked = at('fixtures/alpaca/docs-examples.json', `${STOCK_PAGE}/4`) as object;
    expect(Object.keys(asked)).toEqual(expect.arrayContaining(Object.keys(ask([]).message)));
  });

  it.each<[string, string, Dialect, string, unknown]>([
    // bp 387.67, ap 387.7, t 2021-02-06T13:35:08.946977536Z.
    ['a stock', 'stock_quote', shares, 'AMD', quote('AMD', Date.parse('2021-02-06T13:35:08.946Z'), 387.67, 387.7)],
    // bp 29058, ap 29059, t 2022-05-26T11:47:18.44347136Z.
    [
      'a coin',
      'crypto_quote',
      alpacaCoins,
      'LTC/USD',
      quote('LTC/USD', Date.parse('2022-05-26T11:47:18.443Z'), 29058, 29059),
    ],
  ])('the example of a quote of %s, as a stream sends it', (_, schema, dialect, symbol, said) => {
    const example = at('specs/alpaca/market-data-api.json', `/components/schemas/${schema}/example`);
    expect(dialect.read([{ T: 'q', S: symbol, ...(example as object) }])).toEqual([said]);
  });
});

describe('messages of Tiingo as its documentation shows them', () => {
  it.each<[string, Dialect, unknown, readonly unknown[]]>([
    [
      'a beginning',
      rates,
      { messageType: 'I', response: { code: 200, message: 'Success' }, data: { subscriptionId: 2563396 } },
      [{ kind: 'settled' }],
    ],
    ['a heartbeat', rates, { messageType: 'H', response: { code: 200, message: 'HeartBeat' } }, [{ kind: 'alive' }]],
    [
      'a quote',
      rates,
      {
        messageType: 'A',
        service: 'fx',
        data: ['Q', 'eurnok', '2019-07-05T15:49:15.157000+00:00', 5000000.0, 9.6764, 9.678135, 5000000.0, 9.67987],
      },
      [quote('EUR/NOK', Date.parse('2019-07-05T15:49:15.157Z'), 9.6764, 9.67987)],
    ],
    [
      'a quote with ask and size the other way round, as the table of the page has them',
      rates,
      {
        messageType: 'A',
        service: 'fx',
        data: ['Q', 'gbpaud', '2019-07-05T15:49:15.236000+00:00', 1000000.0, 1.79457, 1.79477, 1.79497, 5000000.0],
      },
      [quote('GBP/AUD', Date.parse('2019-07-05T15:49:15.236Z'), 1.79457, 1.79497)],
    ],
    [
      'a quote whose middle is elsewhere',
      rates,
      {
        messageType: 'A',
        service: 'fx',
        data: ['Q', 'gbpaud', '2019-07-05T15:49:15.236000+00:00', 1000000.0, 1.79457, 1.9, 5000000.0, 1.79497],
      },
      [{ kind: 'unusable', instrument: 'GBP/AUD', why: 'its middle does not lie between bid and ask' }],
    ],
    [
      'a quote of IEX',
      iex,
      {
        messageType: 'A',
        service: 'iex',
        data: [
          'Q',
          '2019-01-30T13:33:45.383129126-05:00',
          1548873225383129000,
          'vym',
          100,
          81.58,
          81.585,
          81.59,
          100,
          null,
          null,
          0,
          0,
          null,
          null,
          null,
        ],
      },
      [quote('VYM', Date.parse('2019-01-30T18:33:45.383Z'), 81.58, 81.59)],
    ],
    [
      'a quote of a stock that is halted',
      iex,
      {
        messageType: 'A',
        service: 'iex',
        data: [
          'Q',
          '2019-01-30T13:33:45-05:00',
          1548873225000000000,
          'vym',
          100,
          81.58,
          81.585,
          81.59,
          100,
          null,
          null,
          1,
          0,
          null,
          null,
          null,
        ],
      },
      [quote('VYM', Date.parse('2019-01-30T18:33:45Z'), 81.58, 81.59, false)],
    ],
    [
      'a trade of IEX',
      iex,
      {
        messageType: 'A',
        service: 'iex',
        data: [
          'T',
          '2019-01-30T13:33:45.594808294-05:00',
          1548873225594808000,
          'wes',
          null,
          null,
          null,
          null,
          null,
          50.285,
          200,
          null,
          0,
          0,
          0,
          0,
        ],
      },
      [],
    ],
    [
      'a reference price of IEX',
      iex,
      { messageType: 'A', service: 'iex', data: ['2025-02-03T10:00:00-05:00', 'vym', 81.6] },
      [],
    ],
    [
      'a side that is missing after hours',
      iex,
      {
        messageType: 'A',
        service: 'iex',
        data: [
          'Q',
          '2019-01-30T18:33:45-05:00',
          1,
          'vym',
          0,
          null,
          null,
          81.59,
          100,
          null,
          null,
          0,
          1,
          null,
          null,
          null,
        ],
      },
      [{ kind: 'unusable', instrument: 'VYM', why: 'a side is missing or not above zero' }],
    ],
    ['an update of a kind that is not used', rates, { messageType: 'U', data: [] }, []],
    [
      'no plan for IEX',
      iex,
      { messageType: 'E', response: { code: 403, message: 'you need a market data agreement' } },
      over('FEED.PLAN'),
    ],
    ['a bad token', rates, { messageType: 'E', response: { code: 403, message: 'bad token' } }, over('FEED.BAD_KEY')],
    [
      'a complaint',
      rates,
      { messageType: 'E', response: { code: 400, message: 'thresholdLevel not valid' } },
      over('FEED.REFUSED'),
    ],
  ])('%s', (_, dialect, message, said) => {
    expect(dialect.read(message)).toEqual(said);
  });

  it.skipIf(absent).each([
    ['fx', rates],
    ['iex', iex],
  ])('%s: what is sent has the fields, types and level of its specification', (name, dialect) => {
    const text = readFileSync(join(SHARED, 'specs/tiingo/tiingo-websockets-asyncapi.yml'), 'utf8');
    const start = text.indexOf(`name: ${name}Subscribe`);
    const spec = text.slice(start, text.indexOf('\n  /', start));
    const [said = {}] = dialect.opening as readonly Record<string, unknown>[];
    const required = [...spec.matchAll(/^ {10}- (\w+)$/gm)].map(([, field]) => field);
    expect(required).toEqual(['eventName', 'authorization']);
    for (const field of required) expect(said[field ?? '']).toEqual(expect.any(String));
    const { thresholdLevel } = said['eventData'] as Record<string, unknown>;
    expect(spec).toMatch(/thresholdLevel:\n\s+type: string/);
    expect(thresholdLevel).toEqual(expect.any(String));
    expect(spec.replace(/\s+/g, ' ')).toMatch(new RegExp(` ${String(thresholdLevel)} - (A top|If a quote)`));
  });
});

describe('whatever comes', () => {
  const all = [pairs, coins, stocks, rates, iex, shares, alpacaCoins];
  const word = fc.constantFrom(
    'C',
    'XQ',
    'Q',
    'q',
    'status',
    'error',
    'success',
    'A',
    'I',
    'E',
    '__proto__',
    'constructor',
  );
  const odd = fc.dictionary(
    fc.constantFrom(
      'ev',
      'T',
      'messageType',
      'data',
      'p',
      'a',
      'b',
      't',
      'S',
      'bp',
      'ap',
      'code',
      'msg',
      'response',
      'status',
    ),
    fc.oneof(word, fc.jsonValue(), fc.double()),
  );

  it('is read without an error, and no quote is crossed, has no price or is of something else', () => {
    const known = new Set([
      'USD/CNH',
      'EUR/USD',
      'BTC/USD',
      'MSFT',
      'EUR/NOK',
      'GBP/AUD',
      'VYM',
      'WES',
      'AMD',
      'CLDR',
      'LTC/USD',
    ]);
    const isGood = (said: Said): boolean =>
      said.kind !== 'value' ||
      (known.has(said.value.instrument) && said.value.bid > 0 && said.value.ask >= said.value.bid && said.value.ts > 0);
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), odd, fc.array(odd)), (message) => {
        for (const dialect of all) if (!dialect.read(message).every(isGood)) return false;
        return true;
      }),
      { numRuns: 500 },
    );
  });
});
