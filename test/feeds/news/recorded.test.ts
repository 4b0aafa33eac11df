import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replayClock } from '../../../src/core/ports/clock.js';
import { AlphaVantageClient } from '../../../src/feeds/alphavantage/client.js';
import { alpacaNews } from '../../../src/feeds/news/alpaca-news.js';
import { alphaVantageNews } from '../../../src/feeds/news/alphavantage-news.js';
import type { NewsFeed } from '../../../src/feeds/news/news-feed.js';
import type { HttpRequest } from '../../../src/wire/message.js';

const SHARED = resolve(process.env['FXTRADE_SHARED'] ?? '../shared');
const ALPACA = join(SHARED, 'fixtures/alpaca/market-data-api.response-examples.json');
const VANTAGE = join(SHARED, 'data/market/news/alphavantage_news_sentiment_excerpt.json');
const absent = [ALPACA, VANTAGE].filter((path) => !existsSync(path));
if (absent.length > 0) console.log(`recorded news is not read: ${absent.join(', ')} is not there`);

const NOW = Date.parse('2026-01-05');
/** A network that has these answers, one after the other. */
function answering(bodies: readonly string[]) {
  const asked: HttpRequest[] = [];
  return {
    asked,
    host: 'https://example.com',
    clock: replayClock(NOW),
    signal: new AbortController().signal,
    resolve: async () => ['93.184.216.34'],
    http: {
      async send(request: HttpRequest) {
        asked.push(request);
        return { status: 200, headers: {}, body: bodies[asked.length - 1] ?? '' };
      },
      lines: () => {
        throw new Error('no streams here');
      },
    },
  };
}

async function all(feed: NewsFeed) {
  const found = [];
  for await (const page of feed.read(0, NOW)) found.push(...page);
  return found;
}

describe.skipIf(absent.length > 0)('recorded news', () => {
  it('of Alpaca', async () => {
    // /GET ~1v1beta1~1news 200/news-response-example/news/0: id 24843171, created_at 2021-12-31T11:08:42Z, updated_at :43Z,
    // source benzinga, symbols ["AAPL"]; next_page_token MTY0MDk0ODkyMzAwMDAwMDAwMHwyNDg0MzE3MQ==
    const examples = JSON.parse(readFileSync(ALPACA, 'utf8'))['GET /v1beta1/news 200'];
    const parts = answering([JSON.stringify(examples['news-response-example']), '{"news":[],"next_page_token":null}']);
    const found = await all(alpacaNews(parts, { id: 'k', secret: 's' }, ['AAPL']));
    expect(found).toEqual([
      {
        id: '24843171',
        publishedAt: Date.parse('2021-12-31T11:08:42Z'),
        knownAt: Date.parse('2021-12-31T11:08:43Z'),
        receivedAt: NOW,
        source: 'alpaca benzinga',
        text: 'Apple Leader in Phone Sales in China for Second Straight Month in November With 23.6% Share, According to Market Research Data',
        subjects: [{ kind: 'ticker', code: 'AAPL', direction: 1, relevance: 1 }],
      },
    ]);
    expect(parts.asked[1]?.url).toContain('page_token=MTY0MDk0ODkyMzAwMDAwMDAwMHwyNDg0MzE3MQ%3D%3D');
  });

  it('of Alpha Vantage', async () => {
    const client = new AlphaVantageClient(answering([readFileSync(VANTAGE, 'utf8')]), 'k', async () => undefined);
    const found = await all(alphaVantageNews(client, [], () => NOW));
    // /feed/0/time_published "20240426T192107" … /feed/6 "20230202T113423"
    expect(found.map(({ publishedAt }) => new Date(publishedAt).toISOString())).toEqual([
      '2024-04-26T19:21:07.000Z',
      '2024-04-24T03:53:00.000Z',
      '2024-04-16T14:05:00.000Z',
      '2024-04-11T08:28:12.000Z',
      '2024-04-09T01:10:02.000Z',
      '2023-02-02T11:46:00.000Z',
      '2023-02-02T11:34:23.000Z',
    ]);
    // /feed/N/overall_sentiment_score, a number
    expect(found.map(({ vendorScore }) => vendorScore)).toEqual([
      0.132822, 0.035734, -0.264414, 0.24517, -0.071466, 0.007264, 0.049974,
    ]);
    // /feed/3/ticker_sentiment: relevance_score and ticker_sentiment_score are text
    expect(found[3]?.subjects).toEqual([
      { kind: 'ticker', code: 'COIN', direction: 1, relevance: 0.070105, score: 0.150878 },
      { kind: 'currency', code: 'USD', direction: 1, relevance: 0.070105, score: 0.11151 },
      { kind: 'currency', code: 'BTC', direction: 1, relevance: 0.74725, score: 0.349718 },
    ]);
    expect(found[3]).toMatchObject({ text: '90% of Bitcoin ETF inflows are still retail - VanEck CEO' });
  });
});
