import { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import { parseSymbol } from '../../core/model/instruments.js';
import type { Headline, HeadlineSubject } from '../../core/sentiment/headline.js';
import { subjectsOf } from '../../core/sentiment/tagging.js';
import { type PageStore, parsed } from '../network/client.js';
import { partsOf } from '../network/names.js';
import type { NewsFeed } from './news-feed.js';
import { LONGEST_ID, LONGEST_SOURCE } from './news-file.js';
import { plainName, plainText } from './plain-text.js';

/** What the vendor gives at once at most. */
const PAGE = 1_000;
const PAGES_MAX = 1_000;
const SUBJECTS_MAX = 20;
const MINUTE_MS = 60_000;

/** Scores of a story are numbers, those of its tickers text. */
const decimal = z.union([z.number(), z.string().regex(/^-?\d{1,3}(\.\d{1,20})?$/)]).transform(Number);
const score = decimal.refine((value) => Math.abs(value) <= 1, 'a score from -1 to 1');
const articleSchema = z.looseObject({
  title: z.string(),
  url: z.string(),
  time_published: z.string(),
  source: z.string(),
  overall_sentiment_score: score,
  ticker_sentiment: z.array(
    z.looseObject({
      ticker: z.string(),
      relevance_score: decimal.refine((value) => value >= 0 && value <= 1, 'a share from 0 to 1'),
      ticker_sentiment_score: score,
    }),
  ),
});
export const alphaVantageNewsSchema = z.looseObject({ feed: z.array(articleSchema) });

/** What of the vendor's client is used; every answer has status 200, and it knows which of them is a refusal. */
export interface AlphaVantageQueries {
  query<T extends z.ZodType>(fields: Readonly<Record<string, string>>, schema: T, what: string): Promise<z.infer<T>>;
  malformed(what: string, why: string): FxError;
  readonly clockOffsetMs: number | undefined;
}

/** News of Alpha Vantage with its scores, of each currency, coin or stock alone; `instruments` left out: about everything. */
export function alphaVantageNews(
  client: AlphaVantageQueries,
  instruments: readonly string[],
  now: () => EpochMs,
  pages?: PageStore,
): NewsFeed {
  const tickers = instruments.length === 0 ? [undefined] : [...new Set(instruments.flatMap(tickersOf))];
  return {
    hasHistory: true,
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async *read(from, until) {
      // Of several tickers in one question the vendor gives only stories that name them all.
      for (const ticker of tickers) yield* readTicker(client, ticker, { from, until, now, pages });
    },
    close: () => undefined,
  };
}

interface Stretch {
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly now: () => EpochMs;
  readonly pages: PageStore | undefined;
}

async function* readTicker(
  client: AlphaVantageQueries,
  ticker: string | undefined,
  { from, until, now, pages }: Stretch,
): AsyncGenerator<readonly Headline[]> {
  const what = ticker === undefined ? 'news' : `news of ${ticker}`;
  let at = from;
  for (let page = 0; page < PAGES_MAX && at < until; page++) {
    const fields = {
      function: 'NEWS_SENTIMENT',
      ...(ticker === undefined ? {} : { tickers: ticker }),
      time_from: minuteOf(at),
      time_to: minuteOf(until + MINUTE_MS - 1),
      sort: 'EARLIEST',
      limit: String(PAGE),
    };
    const feed = await keptOr(pages, `news-${ticker ?? 'all'}-${at}`, () => articlesOf(client, fields, what));
    const found = feed.map((article) => headlineOf(article, now(), (why) => client.malformed(what, why)));
    yield found.flat().filter(({ publishedAt }) => publishedAt >= from && publishedAt <= until);
    if (feed.length < PAGE) return;
    const newest = Math.max(...found.flat().map(({ publishedAt }) => publishedAt));
    // A full page within one minute: the vendor cannot be asked for the rest of it.
    at = Math.max(Math.floor(newest / MINUTE_MS) * MINUTE_MS, Math.floor(at / MINUTE_MS) * MINUTE_MS + MINUTE_MS);
  }
}

type Article = z.infer<typeof articleSchema>;

/** An answer that an interrupted pull had already. */
async function keptOr(
  pages: PageStore | undefined,
  name: string,
  ask: () => Promise<readonly Article[]>,
): Promise<readonly Article[]> {
  const kept = alphaVantageNewsSchema.safeParse(parsed(pages?.read(name) ?? ''));
  if (kept.success) return kept.data.feed;
  const feed = await ask();
  pages?.write(name, JSON.stringify({ feed }));
  return feed;
}

async function articlesOf(
  client: AlphaVantageQueries,
  fields: Readonly<Record<string, string>>,
  what: string,
): Promise<readonly Article[]> {
  try {
    return (await client.query(fields, alphaVantageNewsSchema, what)).feed;
  } catch (error) {
    // Nothing to tell is told in the form of a complaint.
    if (error instanceof FxError && error.code === 'FEED.REFUSED' && /no articles found/i.test(error.message))
      return [];
    throw error;
  }
}

function tickersOf(instrument: string): readonly string[] {
  const { id } = parseSymbol(instrument);
  const { kind, base, quote } = partsOf(id);
  if (kind === 'stock') return [base];
  return kind === 'crypto' ? [`CRYPTO:${base}`] : [`FOREX:${base}`, `FOREX:${quote}`];
}

/** `20240131T1330`, UTC. */
function minuteOf(ts: EpochMs): string {
  return new Date(ts).toISOString().slice(0, 16).replace(/[-:]/g, '');
}

function headlineOf(article: Article, receivedAt: EpochMs, malformed: (why: string) => Error): readonly Headline[] {
  const publishedAt = publishedOf(article.time_published);
  if (publishedAt === undefined) throw malformed(`'${article.time_published.slice(0, 20)}' is no time`);
  const text = plainText(article.title);
  if (text === '') return [];
  return [
    {
      id: plainName(article.url, LONGEST_ID) || text,
      publishedAt,
      knownAt: publishedAt,
      receivedAt,
      source: plainName(`alphavantage ${article.source}`, LONGEST_SOURCE),
      text,
      subjects: subjectsOf(text, tagsOf(article)),
      vendorScore: article.overall_sentiment_score,
    },
  ];
}

/** `20240426T192107`, UTC; seconds may be missing. */
function publishedOf(text: string): EpochMs | undefined {
  const [, year, month, day, hour, minute, second = '00'] =
    /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})?$/.exec(text) ?? [];
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const ts = Date.parse(iso);
  return Number.isFinite(ts) && new Date(ts).toISOString() === iso ? ts : undefined;
}

function tagsOf({ ticker_sentiment }: Article): readonly HeadlineSubject[] {
  return ticker_sentiment
    .filter(({ relevance_score }) => relevance_score > 0)
    .slice(0, SUBJECTS_MAX)
    .flatMap(({ ticker, relevance_score, ticker_sentiment_score }): readonly HeadlineSubject[] => {
      const [, market, code = ''] = /^(?:(FOREX|CRYPTO):)?([A-Z0-9.]{1,12})$/.exec(ticker) ?? [];
      if (code === '') return [];
      const kind = market === undefined ? 'ticker' : 'currency';
      return [{ kind, code, direction: 1, relevance: relevance_score, score: ticker_sentiment_score }];
    });
}
