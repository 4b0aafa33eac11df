import { KEY } from './keyed.js';
import { type Seen, type VendorReply, type VendorStandIn, vendorStandIn } from './stand-in.js';

/** A story as every stand-in tells it. */
export interface Told {
  readonly id: number;
  readonly at: string;
  readonly title: string;
  readonly updated?: string;
  /** As the vendor writes them: `AAPL`, `BTCUSD`, `FOREX:USD`. */
  readonly tickers: readonly string[];
  readonly score?: number;
}

export interface NewsStandIn extends VendorStandIn {
  /** What has happened; may grow. */
  stories: Told[];
}

const json = (value: unknown): VendorReply => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

async function withStories(stories: Told[], answer: (seen: Seen, told: readonly Told[]) => VendorReply) {
  const box = { stories };
  const stand = await vendorStandIn((seen) => answer(seen, box.stories));
  return Object.assign(stand, {
    get stories() {
      return box.stories;
    },
  }) as NewsStandIn;
}

/** Alpaca: pages of two, oldest first, by symbol. */
export function alpacaNewsStandIn(stories: Told[]): Promise<NewsStandIn> {
  return withStories(stories, ({ path, query, headers }, told) => {
    if (headers['apca-api-key-id'] !== KEY || headers['apca-api-secret-key'] !== KEY)
      return { status: 401, body: '{}' };
    if (path !== '/v1beta1/news') return { status: 404, body: '{"message":"no"}' };
    const [start, end] = [Date.parse(query.get('start') ?? ''), Date.parse(query.get('end') ?? '')];
    const symbols = query.get('symbols')?.split(',');
    const fits = told.filter(({ at, updated, tickers }) => {
      const changed = Date.parse(updated ?? at);
      return (
        changed >= start && changed <= end && (symbols === undefined || tickers.some((one) => symbols.includes(one)))
      );
    });
    const at = Number(query.get('page_token') ?? 0);
    const news = fits.slice(at, at + 2).map(({ id, at: created_at, title, updated, tickers }) => ({
      id,
      headline: title,
      created_at,
      updated_at: updated ?? created_at,
      source: 'benzinga',
      symbols: tickers,
      author: 'a',
      summary: '',
      content: '',
      images: [],
    }));
    return json({ news, next_page_token: at + 2 < fits.length ? String(at + 2) : null });
  });
}

/** Alpha Vantage: everything with status 200, times to the minute in questions, scores as text. */
export async function alphaVantageNewsStandIn(stories: Told[]): Promise<NewsStandIn & { complaints: string[] }> {
  const complaints: string[] = [];
  const minute = (text: string | null) =>
    Date.parse((text ?? '').replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:00Z'));
  const stand = await withStories(stories, ({ path, query }, told) => {
    if (path !== '/query' || query.get('function') !== 'NEWS_SENTIMENT') return { status: 404, body: 'no' };
    const complaint = complaints.shift();
    if (complaint !== undefined) return json({ Information: complaint });
    if (query.get('apikey') !== KEY) return json({ 'Error Message': `the apikey ${query.get('apikey')} is invalid` });
    const [from, to] = [minute(query.get('time_from')), minute(query.get('time_to'))];
    const ticker = query.get('tickers');
    const fits = told.filter(({ at, tickers }) => {
      const ts = Date.parse(at);
      return ts >= from && ts <= to && (ticker === null || tickers.includes(ticker));
    });
    if (fits.length === 0) return json({ Information: 'No articles found. Please adjust the time range.' });
    const feed = fits.slice(0, Number(query.get('limit'))).map(({ id, at, title, tickers, score = 0 }) => ({
      title,
      url: `https://example.com/${id}`,
      time_published: at.replace(/[-:]|\.000|Z$/g, ''),
      source: 'Wire',
      overall_sentiment_score: score,
      ticker_sentiment: tickers.map((one) => ({
        ticker: one,
        relevance_score: '0.5',
        ticker_sentiment_score: String(score),
      })),
    }));
    return json({ items: String(feed.length), feed });
  });
  return Object.assign(stand, { complaints });
}

/** An RSS feed with its newest entries. */
export function rssStandIn(stories: Told[]): Promise<NewsStandIn> {
  return withStories(stories, (_, told) => {
    const items = told.map(
      ({ id, at, title }) =>
        `<item><title>${title}</title><guid>story-${id}</guid><pubDate>${new Date(at).toUTCString()}</pubDate></item>`,
    );
    const body = `<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Wire</title>${items.join('')}</channel></rss>`;
    return { headers: { 'content-type': 'application/rss+xml' }, body };
  });
}
