import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { loopbackBroker } from '../../helpers/loopback-broker.js';
import { alpacaStandIn, KEY, polygonStandIn, tiingoStandIn } from '../../helpers/vendors/keyed.js';
import type { VendorStandIn } from '../../helpers/vendors/stand-in.js';
import {
  alpacaProtocol,
  polygonProtocol,
  type StreamMood,
  type StreamStandIn,
  streamOn,
  tiingoProtocol,
} from '../../helpers/vendors/streams.js';
import { type Env, endOf, nextQuote, type OpenStream, openStream } from './open-stream.js';

interface Vendor {
  readonly name: string;
  readonly ids: readonly string[];
  readonly path: string;
  readonly make: () => Promise<VendorStandIn>;
  readonly protocol: (path: string) => ReturnType<typeof polygonProtocol>;
  readonly env: (url: string) => Env;
  readonly moods: readonly (readonly [StreamMood, string])[];
}

const polygon = {
  name: 'polygon',
  make: polygonStandIn,
  protocol: polygonProtocol,
  env: (url: string): Env => ({ POLYGON_BASE_URL: url, POLYGON_API_KEY: KEY }),
  moods: [
    ['no-key', 'FEED.BAD_KEY'],
    ['no-plan', 'FEED.PLAN'],
    ['taken', 'FEED.CONNECTIONS'],
    ['slow-client', 'FEED.TOO_SLOW'],
  ],
} as const;
const tiingo = {
  name: 'tiingo',
  make: tiingoStandIn,
  protocol: tiingoProtocol,
  env: (url: string): Env => ({ TIINGO_BASE_URL: url, TIINGO_API_KEY: KEY }),
  moods: [
    ['no-key', 'FEED.BAD_KEY'],
    ['no-plan', 'FEED.PLAN'],
    ['slow-client', 'FEED.DOWN'],
  ],
} as const;
const alpaca = {
  name: 'alpaca',
  make: alpacaStandIn,
  protocol: alpacaProtocol,
  env: (url: string): Env => ({ ALPACA_DATA_BASE_URL: url, ALPACA_API_KEY: KEY, ALPACA_SECRET_KEY: KEY }),
  moods: [
    ['no-key', 'FEED.BAD_KEY'],
    ['no-plan', 'FEED.PLAN'],
    ['taken', 'FEED.CONNECTIONS'],
    ['slow-client', 'FEED.TOO_SLOW'],
  ],
} as const;

const VENDORS: readonly Vendor[] = [
  { ...polygon, ids: ['EUR/USD', 'USD/JPY'], path: '/forex' },
  { ...polygon, ids: ['BTC/USD', 'ETH/USD'], path: '/crypto' },
  { ...polygon, ids: ['AAPL', 'MSFT'], path: '/stocks' },
  { ...tiingo, ids: ['EUR/USD', 'USD/JPY'], path: '/fx' },
  { ...tiingo, ids: ['AAPL', 'MSFT'], path: '/iex' },
  { ...alpaca, ids: ['AAPL', 'MSFT'], path: '/v2/iex' },
  { ...alpaca, ids: ['BTC/USD', 'ETH/USD'], path: '/v1beta3/crypto/us' },
];

const T = Date.parse('2026-01-07T15:00:00.123Z');

describe.each(VENDORS)('the stream of $name at $path', ({ name, ids, path, make, protocol, env, moods }) => {
  const [first = '', second = ''] = ids;
  let vendor: VendorStandIn;
  let stand: StreamStandIn;
  beforeAll(async () => {
    vendor = await make();
    stand = streamOn(vendor.server, protocol);
  });
  afterAll(() => vendor.close());
  const opened: OpenStream[] = [];
  beforeEach(() => {
    stand.mood = () => 'well';
  });
  afterEach(() => {
    for (const { feed } of opened.splice(0)) feed.close();
  });
  const open = async (...[more]: [Parameters<typeof openStream>[2]?]): Promise<OpenStream> => {
    const one = await openStream(name, env(vendor.url), more);
    opened.push(one);
    return one;
  };
  /** A stream on which the vendor was asked for everything. */
  const listening = async (...[more]: [Parameters<typeof openStream>[2]?]) => {
    const stream = await open(more);
    const quotes = stream.quotes(ids);
    const beat = await quotes.next();
    expect(beat.value?.kind).toBe('heartbeat');
    return { ...stream, quotes };
  };

  it('says that it stands, then tells each quote once, in order, exactly, under our names', async () => {
    const before = stand.paths.length;
    const { quotes, refused } = await listening();
    expect(stand.paths.slice(before)).toEqual([path]);
    const sent = [
      { id: first, ts: T, bid: 1.12345, ask: 1.12346 },
      { id: second, ts: T + 1, bid: 0.1, ask: 0.30000000000000004 },
      { id: first, ts: T + 2, bid: 67_123.45, ask: 67_123.45 },
      // Later in the line, earlier by its time: the order of the vendor is kept, who reads decides.
      { id: first, ts: T - 500, bid: 149.001, ask: 149.003 },
    ];
    for (const one of sent) stand.quote(one);
    for (const { id, ts, bid, ask } of sent) {
      expect(await nextQuote(quotes)).toEqual({ kind: 'quote', instrument: id, ts, bid, ask, tradeable: true });
    }
    expect(refused).toEqual([]);
  });

  it('hands on no quote that is crossed, without a side, not above zero or of something else, and tells of each', async () => {
    const { quotes, refused } = await listening();
    const bad = [
      { id: first, ts: T, bid: 1.2, ask: 1.1 },
      { id: first, ts: T, bid: 0, ask: 1.1 },
      { id: first, ts: T, bid: -1, ask: 1.1 },
      { id: first, ts: T, bid: 1.1, ask: 0 },
      { id: first, ts: 0, bid: 1.1, ask: 1.2 },
    ];
    for (const one of bad) stand.quote(one);
    stand.quote({ id: first, ts: T, bid: 1.1, ask: 1.2 });
    expect((await nextQuote(quotes)).ts).toBe(T);
    expect(refused.map(({ instrument }) => instrument)).toEqual(bad.map(() => first));
  });

  it('passes over what it does not know and counts garbage, between good quotes', async () => {
    const { quotes, refused } = await listening();
    const garbage = ['', '{', 'null', '[[]]', '7', '"x"', `[{"T":"q","S":${'['.repeat(500)}`, '{"__proto__":{"a":1}}'];
    for (const text of garbage) stand.send(text);
    const unknown = ['[{"ev":"ZZ","T":"zz","new":1}]', '{"ev":"ZZ","T":"zz","messageType":"Z"}'];
    for (const text of name === 'tiingo' ? unknown.slice(1) : unknown) stand.send(text);
    stand.each((socket) => socket.send(Buffer.from([1, 2, 3])));
    stand.quote({ id: second, ts: T, bid: 1.5, ask: 1.6 });
    expect(await nextQuote(quotes)).toMatchObject({ instrument: second, bid: 1.5, ask: 1.6 });
    expect(refused).toHaveLength(garbage.length + 1);
  });

  it('ends when nothing but garbage comes', async () => {
    const { quotes, refused } = await listening();
    for (let i = 0; i < 60; i++) stand.send('{');
    expect(await endOf(quotes)).toMatchObject({ code: 'FEED.MALFORMED', retryable: true });
    expect(refused).toHaveLength(50);
  });

  it('ends at a message of two megabytes', async () => {
    const { quotes } = await listening();
    stand.send(`[${' '.repeat(2_000_000)}]`);
    expect(await endOf(quotes)).toMatchObject({ code: 'FEED.TOO_LARGE' });
  });

  it.each(moods)('%s ends with %s, a next step, and without the key', async (mood, code) => {
    stand.mood = () => mood;
    const error = await endOf((await open()).quotes(ids));
    expect(error).toBeInstanceOf(FxError);
    expect(error).toMatchObject({ code });
    const { message, next } = error as FxError;
    expect(next).not.toBe('');
    expect(message + next).not.toContain(KEY);
    expect(message).not.toContain('\u001b');
  });

  it.each([
    ['redirect', 'FEED.REDIRECT'],
    ['outage', 'FEED.DOWN'],
    ['throttle', 'FEED.RATE_LIMIT'],
  ] as const)('%s instead of a conversation ends with %s', async (mood, code) => {
    stand.mood = () => mood;
    expect(await endOf((await open()).quotes(ids))).toMatchObject({ code });
  });

  it('does not wait for ever for a vendor that says nothing', async () => {
    stand.mood = () => 'mute';
    const error = await endOf((await open({ settleMs: 50 })).quotes(ids));
    expect(error).toMatchObject({ code: 'FEED.UNREACHABLE', retryable: true, facts: { why: 'timeout' } });
  });

  it('shows in a quiet market that the vendor is there', async () => {
    const { quotes } = await listening({ door: { pingMs: 10 } });
    expect((await quotes.next()).value?.kind).toBe('heartbeat');
    expect((await quotes.next()).value?.kind).toBe('heartbeat');
  });

  it('tells why it was cut off, in words and without what must not be seen', async () => {
    const { quotes } = await listening();
    stand.each((socket) => socket.close(1008, `${KEY} \u001b]0;x\u0007`));
    const error = (await endOf(quotes)) as FxError;
    expect(error).toMatchObject({ code: 'FEED.UNREACHABLE', retryable: true });
    expect(error.message).toMatch(/a limit was reached.*\(code 1008\)/);
    expect(error.message).not.toContain(KEY);
    for (const acting of ['\u0007', '\u001b']) expect(error.message).not.toContain(acting);
  });

  it('gives what came before a break, and can be opened again', async () => {
    const stream = await listening();
    stand.quote({ id: first, ts: T, bid: 1.1, ask: 1.2 });
    stand.each((socket) => socket.terminate());
    expect((await nextQuote(stream.quotes)).bid).toBe(1.1);
    expect(await endOf(stream.quotes)).toMatchObject({ code: 'FEED.UNREACHABLE' });
    const again = (await open()).quotes(ids);
    await again.next();
    stand.quote({ id: first, ts: T + 1, bid: 1.3, ask: 1.4 });
    expect(await nextQuote(again)).toMatchObject({ ts: T + 1, bid: 1.3 });
  });

  it('ends without an error when it is told to, or when its feed is closed, and hangs up', async () => {
    const stop = new AbortController();
    const stream = await open();
    const [told, closed] = [stream.quotes(ids, stop.signal), stream.quotes(ids)];
    await Promise.all([told.next(), closed.next()]);
    stop.abort();
    expect(await endOf(told)).toBeUndefined();
    stream.feed.close();
    expect(await endOf(closed)).toBeUndefined();
    expect(stand.listeners()).toBe(0);
  });
});

describe('the stream of a venue', () => {
  it('is a feed like the others: opened by name, with heartbeats and quotes under our names', async () => {
    const broker = await loopbackBroker();
    const { feed, quotes } = await openStream('oanda', broker.env);
    const all = quotes(['EUR/USD', 'USD/JPY']);
    const [first, second] = [await nextQuote(all), await nextQuote(all)];
    expect([first, second].map(({ instrument, bid, ask }) => [instrument, bid, ask]).sort()).toEqual([
      ['EUR/USD', 1.1, 1.1002],
      ['USD/JPY', 145, 145.02],
    ]);
    feed.close();
    expect(await endOf(all)).toBeUndefined();
    await broker.close();
  });

  it('needs its keys', async () => {
    await expect(openStream('oanda', {})).rejects.toMatchObject({ code: 'CONFIG.MISSING_SECRET' });
  });
});

describe('streams of several kinds', () => {
  it('come as one, over a connection each, and end together', async () => {
    const vendor = await polygonStandIn();
    const stand = streamOn(vendor.server, polygonProtocol);
    const { quotes } = await openStream('polygon', polygon.env(vendor.url));
    const all = quotes(['EUR/USD', 'AAPL', 'BTC/USD', 'EUR/USD']);
    const heard = nextQuote(all);
    await stand.asked(3);
    expect([...stand.paths].sort()).toEqual(['/crypto', '/forex', '/stocks']);
    for (const id of ['EUR/USD', 'AAPL', 'BTC/USD']) stand.quote({ id, ts: T, bid: 1, ask: 2 });
    const ids = [await heard, await nextQuote(all), await nextQuote(all)].map(({ instrument }) => instrument);
    expect(ids.sort()).toEqual(['AAPL', 'BTC/USD', 'EUR/USD']);
    stand.each((socket) => socket.terminate());
    expect(await endOf(all)).toMatchObject({ code: 'FEED.UNREACHABLE' });
    expect(stand.listeners()).toBe(0);
    await vendor.close();
  });

  it.each([
    ['tiingo', { TIINGO_API_KEY: KEY }, 'BTC/USD'],
    ['alpaca', { ALPACA_API_KEY: KEY, ALPACA_SECRET_KEY: KEY }, 'EUR/USD'],
  ])('%s has none of %s', async (name, env, id) => {
    const { quotes } = await openStream(name, env as Env);
    expect(await endOf(quotes([id]))).toMatchObject({ code: 'FEED.NOT_FOUND' });
  });
});

describe('where streams go', () => {
  const opens = (env: Env) => openStream('polygon', { POLYGON_API_KEY: KEY, ...env });

  it.each(['https://10.0.0.1', 'wss://169.254.169.254', 'https://[fd00::1]', 'https://metadata.google.internal'])(
    'not to %s',
    async (url) => {
      const error = (await endOf((await opens({ POLYGON_STREAM_URL: url })).quotes(['EUR/USD']))) as FxError;
      expect(error.code).toBe('FEED.FORBIDDEN_ADDRESS');
      expect(error.message).not.toContain(KEY);
    },
  );

  it.each(['http://example.com', 'ws://example.com', 'wss://a:b@example.com', 'wss://example.com/path', 'file:///x'])(
    'not to %s, which is no address of a server',
    async (url) => {
      await expect(opens({ POLYGON_STREAM_URL: url })).rejects.toMatchObject({ code: 'CONFIG.BAD_URL' });
    },
  );

  it('not to a name that leads to a private address', async () => {
    const { quotes } = await openStream(
      'polygon',
      { POLYGON_API_KEY: KEY, POLYGON_STREAM_URL: 'wss://prices.example.org' },
      { resolve: async () => ['93.184.216.34', '10.0.0.1'] },
    );
    expect(await endOf(quotes(['EUR/USD']))).toMatchObject({ code: 'FEED.FORBIDDEN_ADDRESS' });
  });

  it.each([
    ['nobody answers at its address', 'http://127.0.0.1:1'],
    ['its certificate is not one to trust, or it speaks no TLS', 'https'],
  ])('says %s, where that is so', async (words, given) => {
    const vendor = await polygonStandIn();
    const url = given === 'https' ? vendor.url.replace('http:', 'https:') : given;
    const error = (await endOf((await opens({ POLYGON_STREAM_URL: url })).quotes(['EUR/USD']))) as FxError;
    expect(error).toMatchObject({ code: 'FEED.UNREACHABLE', retryable: true });
    expect(error.message).toContain(words);
    await vendor.close();
  });

  it('asks for the name again with each connection, because vendors move', async () => {
    let asked = 0;
    const { quotes } = await openStream(
      'polygon',
      { POLYGON_API_KEY: KEY, POLYGON_STREAM_URL: 'wss://prices.example.org' },
      {
        resolve: async () => {
          asked++;
          return [];
        },
      },
    );
    expect(await endOf(quotes(['EUR/USD']))).toMatchObject({ code: 'FEED.UNREACHABLE' });
    expect(await endOf(quotes(['EUR/USD']))).toMatchObject({ code: 'FEED.UNREACHABLE' });
    expect(asked).toBe(2);
  });
});
