import { assert } from '../core/base/assert.js';
import { FxError } from '../core/base/errors.js';
import type { Heartbeat } from '../core/ports/venue.js';
import type { Headline } from '../core/sentiment/headline.js';
import { isAllowedUrl } from '../wire/address.js';
import { VendorClient } from './network/client.js';
import { listen } from './network/stream/listen.js';
import type { NewsFeed } from './news/news-feed.js';
import { type FeedSurroundings, keyOf, openAlphaVantage, partsOf } from './registry.js';

/** What headlines are asked for. */
export interface NewsChoice {
  /** Left out: about everything. Not for `rss`, which says itself what it is about. */
  readonly instruments: readonly string[];
  /** Of `rss`: the address of one feed. */
  readonly url: string | undefined;
}

/** Opens a source of headlines. Sends nothing yet. */
export async function openNewsFeed(
  name: string,
  { instruments, url }: NewsChoice,
  surroundings: FeedSurroundings,
): Promise<NewsFeed> {
  const { secrets, clock, pages } = surroundings;
  if (name === 'rss') {
    const address = newsUrl(url ?? '');
    const { rssFeed } = await import('./news/rss.js');
    const { parts, close } = await partsOf(name, undefined, address.origin, surroundings);
    return closing(rssFeed(parts, address), close);
  }
  if (name === 'alphavantage') {
    const { alphaVantageNews } = await import('./news/alphavantage-news.js');
    const { client, close } = await openAlphaVantage(surroundings);
    return closing(
      alphaVantageNews(client, instruments, () => clock.now(), pages),
      close,
    );
  }
  assert(name === 'alpaca', 'feedOf was asked for the name');
  const { alpacaNews } = await import('./news/alpaca-news.js');
  const { ALPACA_DATA_HOST } = await import('./alpaca/alpaca.js');
  const key = { id: keyOf(name, 'ALPACA_API_KEY', secrets), secret: keyOf(name, 'ALPACA_SECRET_KEY', secrets) };
  const { parts, close } = await partsOf(name, 'ALPACA_DATA_BASE_URL', ALPACA_DATA_HOST, surroundings);
  return closing(alpacaNews(parts, key, instruments), close);
}

export interface PublishedHeadline {
  readonly kind: 'headline';
  readonly headline: Headline;
}

/**
 * Headlines of Alpaca as they are published, about instruments or, without any, everything. One connection, as `PriceFeed.quotes`:
 * it ends or throws a `FEED.*` error when the connection does, with a heartbeat while there is no news.
 */
export async function* streamNews(
  instruments: readonly string[],
  surroundings: FeedSurroundings,
  signal: AbortSignal,
): AsyncGenerator<PublishedHeadline | Heartbeat> {
  const { secrets, clock } = surroundings;
  const [{ alpacaHeadlines, symbolOf }, { ALPACA_STREAM_HOST, alpacaNewsDialect }] = await Promise.all([
    import('./news/alpaca-news.js'),
    import('./alpaca/stream.js'),
  ]);
  const key = { id: keyOf('alpaca', 'ALPACA_API_KEY', secrets), secret: keyOf('alpaca', 'ALPACA_SECRET_KEY', secrets) };
  const { parts, close } = await partsOf('alpaca', 'ALPACA_DATA_BASE_URL', ALPACA_STREAM_HOST, surroundings);
  const client = new VendorClient('Alpaca', { ...parts, host: parts.streamHost ?? ALPACA_STREAM_HOST });
  const symbols = instruments.length === 0 ? ['*'] : instruments.map(symbolOf);
  const dialect = alpacaNewsDialect(symbols, key, (article) =>
    alpacaHeadlines(article, clock.now())?.map((headline): PublishedHeadline => ({ kind: 'headline', headline })),
  );
  try {
    yield* listen(client, parts, dialect, signal);
  } finally {
    close();
  }
}

/** The address of a feed. Throws `USAGE.BAD_URL`. */
export function newsUrl(text: string): URL {
  if (isAllowedUrl(text)) return new URL(text);
  throw new FxError('USAGE.BAD_URL', {
    message: `--url ${JSON.stringify(text.slice(0, 200).replace(/\/\/[^/@]*@/, '//[hidden]@'))} is no address of a feed that may be read`,
    next: 'give https://…, without a name and a password in it (http only to this machine)',
  });
}

function closing(feed: NewsFeed, close: () => void): NewsFeed {
  return {
    hasHistory: feed.hasHistory,
    read: (from, until) => feed.read(from, until),
    get clockOffsetMs() {
      return feed.clockOffsetMs;
    },
    close,
  };
}
