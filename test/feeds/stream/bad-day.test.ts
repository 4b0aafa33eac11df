import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { PriceFeed } from '../../../src/core/ports/price-feed.js';
import type { VenueQuote } from '../../../src/core/ports/venue.js';
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
import { openStream } from './open-stream.js';

const open: VendorStandIn[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const T = Date.parse('2026-01-07T15:00:00Z');
type End = (socket: WebSocket) => void;
/** Ways in which a connection that stood may end. */
const ENDS: readonly End[] = [
  (socket) => socket.terminate(),
  (socket) => socket.close(1012, 'restart'),
  (socket) => socket.close(1008, 'slow'),
  (socket) => socket.send(`"${'x'.repeat(1_200_000)}"`),
  (socket) => {
    for (let i = 0; i < 60; i++) socket.send('{"half":');
  },
];
/** What a vendor may do before it takes a connection again. */
const REFUSALS: readonly StreamMood[] = ['outage', 'throttle', 'redirect', 'no-key', 'no-plan'];

function quotesOf(feed: PriceFeed, id: string, signal: AbortSignal) {
  if (feed.quotes === undefined) throw new Error(`${feed.name} has no stream`);
  return feed.quotes([instrumentId(id)], signal);
}

describe.each([
  ['polygon', polygonStandIn, polygonProtocol, { POLYGON_API_KEY: KEY }, 'POLYGON_BASE_URL', 'EUR/USD'],
  ['tiingo', tiingoStandIn, tiingoProtocol, { TIINGO_API_KEY: KEY }, 'TIINGO_BASE_URL', 'EUR/USD'],
  [
    'alpaca',
    alpacaStandIn,
    alpacaProtocol,
    { ALPACA_API_KEY: KEY, ALPACA_SECRET_KEY: KEY },
    'ALPACA_DATA_BASE_URL',
    'BTC/USD',
  ],
] as const)('a day on which %s does everything wrong', (name, make, protocol, env, base, id) => {
  it('loses no quote of a connection that stood, gives none twice, and no bad one', async () => {
    const vendor = await make();
    open.push(vendor);
    const stand: StreamStandIn = streamOn(vendor.server, protocol);
    const { feed, refused } = await openStream(name, { ...env, [base]: vendor.url });
    const ways = ENDS.flatMap((end, i) => [{ end, refusal: REFUSALS[i] ?? 'outage' }]);
    // Every second connection is refused in one way or another.
    stand.mood = (connection) => (connection % 2 === 1 ? (ways[connection >> 1]?.refusal ?? 'well') : 'well');
    const sent: number[] = [];
    let next = 0;
    const tellSome = (): void => {
      for (let i = 0; i < 40; i++) {
        const ts = T + next++;
        sent.push(ts);
        stand.quote({ id, ts, bid: 1.1 + next / 1_000, ask: 1.2 + next / 1_000 });
        stand.quote({ id, ts, bid: 1.2, ask: 1.1 });
        if (i % 10 === 0) stand.send('{');
      }
    };
    const heard: VenueQuote[] = [];
    const whys: string[] = [];
    for (let stood = 0; stood <= ways.length; ) {
      const stop = new AbortController();
      let isNew = true;
      try {
        for await (const said of quotesOf(feed, id, stop.signal)) {
          if (said.kind === 'quote') heard.push(said);
          else if (isNew) {
            // The first word on a connection: it stands.
            isNew = false;
            tellSome();
            const way = ways[stood++];
            if (way === undefined) stop.abort();
            else stand.each(way.end);
          }
        }
        whys.push('told to');
      } catch (error) {
        whys.push(String(error));
      }
    }
    const whole = sent.slice(0, sent.length - 40);
    expect(heard.map(({ ts }) => ts).filter((ts) => ts < T + whole.length)).toEqual(whole);
    expect(heard.every(({ bid, ask }) => bid < ask)).toBe(true);
    expect(refused.length).toBeGreaterThanOrEqual(whole.length);
    expect(stand.paths).toHaveLength(2 * ways.length + 1);
    expect(whys).toHaveLength(2 * ways.length + 1);
    expect(whys.join()).not.toContain(KEY);
    feed.close();
  });
});
