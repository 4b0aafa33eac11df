import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { streamNews } from '../../../src/feeds/news-sources.js';
import { alpacaStandIn, KEY } from '../../helpers/vendors/keyed.js';
import { alpacaProtocol, streamOn } from '../../helpers/vendors/streams.js';
import { streamSurroundings } from './open-stream.js';

const PAGE = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'fixtures/alpaca/docs-examples.json');
const absent = !existsSync(PAGE);
if (absent) console.log(`the recorded headline is not read: ${join(PAGE)} is not there`);

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function standIn() {
  const vendor = await alpacaStandIn();
  closers.push(() => vendor.close());
  const env = { ALPACA_DATA_BASE_URL: vendor.url, ALPACA_API_KEY: KEY, ALPACA_SECRET_KEY: KEY };
  return { stand: streamOn(vendor.server, alpacaProtocol), surroundings: streamSurroundings(env) };
}

describe('the stream of headlines', () => {
  it.skipIf(absent)('tells the recorded one as the news of the past are told', async () => {
    const { stand, surroundings } = await standIn();
    const stop = new AbortController();
    const news = streamNews([], surroundings, stop.signal);
    expect((await news.next()).value).toMatchObject({ kind: 'heartbeat' });
    expect([stand.paths, stand.said.at(-1)]).toEqual([['/v1beta1/news'], { action: 'subscribe', news: ['*'] }]);
    // /content~1api-references~1market-data-api~1news-data~1realtime.md/0.
    const pages = JSON.parse(readFileSync(PAGE, 'utf8'));
    stand.send(JSON.stringify([pages['content/api-references/market-data-api/news-data/realtime.md'][0]]));
    expect((await news.next()).value).toMatchObject({
      kind: 'headline',
      headline: {
        id: '24918784',
        source: 'alpaca benzinga',
        publishedAt: Date.parse('2022-01-05T22:00:37Z'),
        knownAt: Date.parse('2022-01-05T22:00:38Z'),
        text: 'Corsair Reports Purchase Of Majority Ownership In iDisplay, No Terms Disclosed',
        subjects: [{ kind: 'ticker', code: 'CRSR' }],
      },
    });
    stop.abort();
    expect((await news.next()).done).toBe(true);
  });

  it('asks for symbols as Alpaca calls them, and takes escape codes out of headlines', async () => {
    const { stand, surroundings } = await standIn();
    const news = streamNews(['AAPL', 'BTC/USD'], surroundings, new AbortController().signal);
    await news.next();
    expect(stand.said.at(-1)).toEqual({ action: 'subscribe', news: ['AAPL', 'BTCUSD'] });
    const article = { T: 'n', id: 1, source: 'x', symbols: ['AAPL'], created_at: '2026-01-05T10:00:00Z' };
    stand.send('[{"T":"n","id":"no article"}]');
    const headline = 'up \u001b]0;owned\u0007 <b>10%</b>';
    stand.send(JSON.stringify([{ ...article, updated_at: article.created_at, headline }]));
    const { value } = await news.next();
    expect(value).toMatchObject({ kind: 'headline', headline: { id: '1' } });
    expect(JSON.stringify(value)).not.toMatch(/\\u001b|\\u0007/);
    await news.return(undefined);
    expect(stand.listeners()).toBe(0);
  });

  it.each([
    ['no-key', 'FEED.BAD_KEY'],
    ['taken', 'FEED.CONNECTIONS'],
  ] as const)('%s ends with %s', async (mood, code) => {
    const { stand, surroundings } = await standIn();
    stand.mood = () => mood;
    const news = streamNews([], surroundings, new AbortController().signal);
    await expect(news.next()).rejects.toMatchObject({ code });
  });

  it('has none about pairs of currencies', async () => {
    const { surroundings } = await standIn();
    const news = streamNews(['EUR/USD'], surroundings, new AbortController().signal);
    await expect(news.next()).rejects.toMatchObject({ code: 'FEED.NOT_FOUND' });
  });
});
