import { assert } from '../core/base/assert.js';
import { FxError } from '../core/base/errors.js';
import { isAllowedUrl } from '../wire/address.js';
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
