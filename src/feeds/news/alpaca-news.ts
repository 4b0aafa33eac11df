import { z } from 'zod';
import type { EpochMs } from '../../core/model/ids.js';
import { parseSymbol } from '../../core/model/instruments.js';
import type { Headline, HeadlineSubject } from '../../core/sentiment/headline.js';
import { subjectsOf } from '../../core/sentiment/tagging.js';
import { VendorClient, type VendorParts } from '../network/client.js';
import { notThere, partsOf } from '../network/names.js';
import type { NewsFeed } from './news-feed.js';
import { LONGEST_ID, LONGEST_SOURCE } from './news-file.js';
import { plainName, plainText } from './plain-text.js';

/** What the vendor gives at once at most. */
const PAGE = 50;
const PAGES_MAX = 10_000;
/** What names more symbols than this is a list of the day's movers. */
const SYMBOLS_MAX = 20;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const articleSchema = z.looseObject({
  id: z.int(),
  headline: z.string(),
  created_at: instant,
  updated_at: instant,
  source: z.string(),
  symbols: z.array(z.string()),
});
export const alpacaNewsSchema = z.looseObject({
  news: z.array(articleSchema),
  next_page_token: z.string().nullish(),
});

/** The two halves of the key. */
export interface AlpacaNewsKey {
  readonly id: string;
  readonly secret: string;
}

/** News of Alpaca (Benzinga) on stocks and coins, without scores. `instruments` left out: about everything. */
export function alpacaNews(parts: VendorParts, key: AlpacaNewsKey, instruments: readonly string[]): NewsFeed {
  const client = new VendorClient('Alpaca', parts);
  const headers = { 'apca-api-key-id': key.id, 'apca-api-secret-key': key.secret };
  const symbols = instruments.length === 0 ? undefined : instruments.map(symbolOf).join(',');
  return {
    hasHistory: true,
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async *read(from, until) {
      let page_token: string | undefined;
      for (let page = 0; page < PAGES_MAX; page++) {
        const query = {
          symbols,
          start: new Date(from).toISOString(),
          end: new Date(until).toISOString(),
          sort: 'asc',
          limit: PAGE,
          page_token,
        };
        const ask = { path: '/v1beta1/news', query, headers, what: 'news', key: 'ALPACA_API_KEY' };
        const answer = await client.json({ ...ask, page: `news-${from}-${page}` }, alpacaNewsSchema);
        yield answer.news.flatMap((article) => headlineOf(article, parts.clock.now()));
        page_token = answer.next_page_token ?? undefined;
        if (page_token === undefined) return;
      }
    },
    close: () => undefined,
  };
}

/** How Alpaca calls what a headline is about. Throws `FEED.NOT_FOUND` for a pair of currencies. */
export function symbolOf(instrument: string): string {
  const { id } = parseSymbol(instrument);
  const { kind, base, quote } = partsOf(id);
  if (kind === 'fx') {
    throw notThere(
      'Alpaca',
      `news tagged ${id}`,
      'leave --instruments out: the words of all news say which currencies',
    );
  }
  return kind === 'crypto' ? `${base}${quote}` : base;
}

/** An article as the stream sends it; undefined for what is none. It may hold no headline to use. */
export function alpacaHeadlines(article: unknown, receivedAt: EpochMs): readonly Headline[] | undefined {
  const found = articleSchema.safeParse(article);
  return found.success ? headlineOf(found.data, receivedAt) : undefined;
}

/** The wording is that of the last revision, so nobody can have read it before. */
function headlineOf(article: z.infer<typeof articleSchema>, receivedAt: EpochMs): readonly Headline[] {
  const text = plainText(article.headline);
  if (text === '') return [];
  const publishedAt = article.created_at;
  return [
    {
      id: plainName(String(article.id), LONGEST_ID),
      publishedAt,
      knownAt: Math.max(publishedAt, article.updated_at),
      receivedAt,
      source: plainName(`alpaca ${article.source}`, LONGEST_SOURCE),
      text,
      subjects: subjectsOf(text, tagsOf(article.symbols)),
    },
  ];
}

/** The vendor does not say how much of a story is about each symbol: each has the same share. */
function tagsOf(symbols: readonly string[]): readonly HeadlineSubject[] {
  const found = symbols.filter((symbol) => /^[A-Z0-9.]{1,12}$/.test(symbol)).slice(0, SYMBOLS_MAX);
  return found.map((symbol) => {
    const { base, quote } = parseSymbol(symbol);
    const isPair = base !== undefined && quote !== undefined;
    return {
      kind: isPair ? 'currency' : 'ticker',
      code: isPair ? base : symbol,
      direction: 1,
      relevance: 1 / found.length,
    };
  });
}
