import { seededRng } from '../../../src/core/base/rng.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { systemClock, systemStopwatch } from '../../../src/core/ports/clock.js';
import type { PriceFeed } from '../../../src/core/ports/price-feed.js';
import type { Heartbeat, VenueQuote } from '../../../src/core/ports/venue.js';
import { wait } from '../../../src/core/ports/wait.js';
import type { RefusedQuote } from '../../../src/feeds/network/client.js';
import { type FeedSurroundings, openPriceFeed } from '../../../src/feeds/registry.js';
import { type SocketOptions, socketDoor } from '../../../src/wire/socket.js';

export type Env = Readonly<Record<string, string>>;

type StreamOptions = Partial<FeedSurroundings> & { readonly door?: SocketOptions; readonly settleMs?: number };

export interface OpenStream {
  readonly feed: PriceFeed;
  readonly refused: RefusedQuote[];
  quotes(ids: readonly string[], signal?: AbortSignal): AsyncIterator<VenueQuote | Heartbeat>;
}

/** What a feed is opened with: the real door, whose deadline for the beginning may be shorter. */
export function streamSurroundings(
  env: Env,
  { door, settleMs, ...rest }: StreamOptions = {},
): FeedSurroundings & { readonly refused: RefusedQuote[] } {
  const real = socketDoor(door);
  const refused: RefusedQuote[] = [];
  const secrets = Object.entries(env).filter(([key]) => key.endsWith('_KEY'));
  return {
    refused,
    secrets: {
      get: (key) => (env[key] === undefined ? undefined : { reveal: () => env[key] ?? '' }),
      plain: (key) => env[key],
      hide: (text) => secrets.reduce((clean, [key, value]) => clean.replaceAll(value, `[secret ${key}]`), text),
    },
    clock: systemClock(),
    stopwatch: systemStopwatch(),
    wait,
    rng: seededRng('1'),
    signal: new AbortController().signal,
    sockets: {
      open: (request, signal) => real.open({ ...request, settleMs: settleMs ?? request.settleMs }, signal),
    },
    onRefused: (one) => refused.push(one),
    ...rest,
  };
}

/** A feed as a session opens it. */
export async function openStream(name: string, env: Env, options: StreamOptions = {}): Promise<OpenStream> {
  const { refused, ...surroundings } = streamSurroundings(env, options);
  const feed = await openPriceFeed(name, surroundings);
  return {
    feed,
    refused,
    quotes(ids, signal = new AbortController().signal) {
      if (feed.quotes === undefined) throw new Error(`${name} has no stream`);
      return feed
        .quotes(
          ids.map((id) => instrumentId(id)),
          signal,
        )
        [Symbol.asyncIterator]();
    },
  };
}

/** The next quote; heartbeats before it are passed over. */
export async function nextQuote(quotes: AsyncIterator<VenueQuote | Heartbeat>): Promise<VenueQuote> {
  for (;;) {
    const { value, done } = await quotes.next();
    if (done === true) throw new Error('the stream ended');
    if (value.kind === 'quote') return value;
  }
}

/** What ends a stream, after whatever came before. */
export async function endOf(quotes: AsyncIterator<VenueQuote | Heartbeat>): Promise<unknown> {
  try {
    for (;;) {
      const { done } = await quotes.next();
      if (done === true) return undefined;
    }
  } catch (error) {
    return error;
  }
}
