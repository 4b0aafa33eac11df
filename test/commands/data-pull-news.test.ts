import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { replayClock } from '../../src/core/ports/clock.js';
import { runCli } from '../helpers/run-cli.js';
import { KEY } from '../helpers/vendors/keyed.js';
import { alpacaNewsStandIn, alphaVantageNewsStandIn, rssStandIn, type Told } from '../helpers/vendors/news.js';
import { requestTrouble, specOf } from '../helpers/vendors/specs.js';
import { type Mood, prepareBomb, type VendorStandIn } from '../helpers/vendors/stand-in.js';

const SPECS = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'specs');
const noSpecs = !existsSync(SPECS);
if (noSpecs) console.log(`questions for news are not checked against the specifications: ${SPECS} is not there`);

const open: VendorStandIn[] = [];
afterEach(async () => {
  for (const stand of open.splice(0)) await stand.close();
});
const opened = <T extends VendorStandIn>(stand: T): T => {
  open.push(stand);
  return stand;
};

const STORIES: readonly Told[] = [
  { id: 1, at: '2024-01-10T09:00:00.000Z', title: 'Apple soars', tickers: ['AAPL'], score: 0.5 },
  {
    id: 2,
    at: '2024-01-10T10:00:00.000Z',
    updated: '2024-01-10T10:30:00.000Z',
    title: 'Dollar slides as Fed turns dovish',
    tickers: ['FOREX:USD', 'SPY'],
    score: -0.4,
  },
  { id: 3, at: '2024-01-10T11:00:01.000Z', title: 'Bitcoin plunges', tickers: ['BTCUSD', 'CRYPTO:BTC'], score: -0.9 },
];

type Fields = Record<string, unknown>;
const home = () => mkdtempSync(join(tmpdir(), 'fxtrade-news-'));
const dataOf = (result: { json(): Fields }) => ((result.json()['data'] as Fields)['pulled'] as Fields[])[0] ?? {};
const errorOf = (result: { json(): Fields }) => result.json()['error'] as Record<string, string>;
const linesOf = (folder: string, name: string): Fields[] =>
  readFileSync(join(folder, 'data', `${name}.news`), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line));

interface Where {
  readonly folder: string;
  readonly url: string;
}
const KEYS = { ALPACA_API_KEY: KEY, ALPACA_SECRET_KEY: KEY, ALPHAVANTAGE_API_KEY: KEY, ALPHAVANTAGE_PLAN: '1200' };
function pull(line: string, { folder, url }: Where, now = '2024-01-11T00:00:00Z') {
  const env = { ...KEYS, ALPACA_DATA_BASE_URL: url, ALPHAVANTAGE_BASE_URL: url };
  return runCli(`data pull ${line.replace('URL', url)} --json`, {
    home: folder,
    env,
    clock: replayClock(Date.parse(now)),
  });
}

describe('headlines of Alpaca', () => {
  it('come in pages, known from their last revision, about what they are tagged with', async () => {
    const stand = opened(await alpacaNewsStandIn([...STORIES]));
    const where = { folder: home(), url: stand.url };
    const result = await pull('alpaca --news', where);
    expect(result.code, result.stdout).toBe(0);
    expect(dataOf(result)).toMatchObject({ name: 'alpaca-news', kind: 'news', rows: 3, added: 3, revised: 0 });
    expect(linesOf(where.folder, 'alpaca-news')[1]).toEqual({
      known: '2024-01-10T10:30:00.000Z',
      published: '2024-01-10T10:00:00.000Z',
      received: '2024-01-11T00:00:00.000Z',
      source: 'alpaca benzinga',
      id: '2',
      text: 'Dollar slides as Fed turns dovish',
      about: [
        { kind: 'ticker', code: 'SPY', direction: 1, relevance: 1 },
        { kind: 'currency', code: 'USD', direction: 1, relevance: 1 },
      ],
    });
    expect(stand.seen.length).toBe(2);
  });

  it('are asked for by symbol; pairs of currencies have none there', async () => {
    const stand = opened(await alpacaNewsStandIn([...STORIES]));
    const where = { folder: home(), url: stand.url };
    expect(dataOf(await pull('alpaca --news --instruments AAPL,BTC/USD', where))['rows']).toBe(2);
    expect(stand.seen[0]?.query.get('symbols')).toBe('AAPL,BTCUSD');
    expect(errorOf(await pull('alpaca --news --instruments EUR/USD', where))['code']).toBe('FEED.NOT_FOUND');
  });

  it('go on where the last pull ended; what was rewritten is one more wording, what came late is known late', async () => {
    const stand = opened(await alpacaNewsStandIn([...STORIES]));
    const where = { folder: home(), url: stand.url };
    await pull('alpaca --news', where, '2024-01-10T12:00:00Z');
    const [first] = STORIES;
    if (first === undefined) throw new Error('there is a story');
    const rewritten = { ...first, title: 'Apple soars, then slumps', updated: '2024-01-10T12:10:00.000Z' };
    const late = { id: 9, at: '2024-01-10T11:30:00.000Z', title: 'Yen gains', tickers: ['SPY'] };
    stand.stories.splice(0, 1, rewritten, late);
    const again = await pull('alpaca --news', where, '2024-01-10T13:00:00Z');
    expect(dataOf(again)).toMatchObject({ rows: 5, added: 1, revised: 1 });
    const known = linesOf(where.folder, 'alpaca-news').map(({ text, known }) => [text, known]);
    expect(known).toContainEqual(['Apple soars', '2024-01-10T09:00:00.000Z']);
    expect(known).toContainEqual(['Apple soars, then slumps', '2024-01-10T12:10:00.000Z']);
    expect(known).toContainEqual(['Yen gains', '2024-01-10T13:00:00.000Z']);
    expect(dataOf(await pull('alpaca --news', where, '2024-01-10T13:00:00Z'))).toMatchObject({ added: 0, revised: 0 });
  });
});

describe('headlines of Alpha Vantage', () => {
  it('carry the vendor’s scores, one question a ticker', async () => {
    const stand = opened(await alphaVantageNewsStandIn([...STORIES]));
    const where = { folder: home(), url: stand.url };
    const result = await pull('alphavantage --news --instruments EUR/USD,BTC/USD --as wire', where);
    expect(result.code, result.stdout).toBe(0);
    expect(stand.seen.map(({ query }) => query.get('tickers'))).toEqual(['FOREX:EUR', 'FOREX:USD', 'CRYPTO:BTC']);
    expect(linesOf(where.folder, 'wire')[0]).toMatchObject({
      published: '2024-01-10T10:00:00.000Z',
      known: '2024-01-10T10:00:00.000Z',
      id: 'https://example.com/2',
      score: -0.4,
      about: [
        { kind: 'currency', code: 'USD', direction: 1, relevance: 0.5, score: -0.4 },
        { kind: 'ticker', code: 'SPY', relevance: 0.5, score: -0.4 },
      ],
    });
  });

  it('are asked for again when the vendor is throttled inside an answer of status 200, and not asked twice', async () => {
    const stand = opened(await alphaVantageNewsStandIn([...STORIES]));
    const where = { folder: home(), url: stand.url };
    stand.complaints.push(
      'Please consider spreading out your free API requests more sparingly (1 request per second).',
    );
    expect((await pull('alphavantage --news', where)).code).toBe(0);
    expect(stand.seen.length).toBe(2);
    const other = { folder: home(), url: stand.url };
    stand.answer = ((usual) => (seen) => {
      const isSecond = seen.query.get('tickers') === 'FOREX:USD';
      return isSecond ? { body: '{"Information":"our standard API rate limit is 25 requests per day"}' } : usual(seen);
    })(stand.answer);
    const spent = await pull('alphavantage --news --instruments EUR/USD', other);
    expect(errorOf(spent)['code']).toBe('FEED.QUOTA');
    expect(spent.code).toBe(6);
    expect(existsSync(join(other.folder, 'data', 'alphavantage-news.news'))).toBe(false);
    const before = stand.seen.length;
    await pull('alphavantage --news --instruments EUR/USD', other);
    expect(stand.seen.slice(before).map(({ query }) => query.get('tickers'))).toEqual(['FOREX:USD']);
  });
});

describe.skipIf(noSpecs)('questions for news', () => {
  it('are ones that the specifications allow', async () => {
    const alpaca = opened(await alpacaNewsStandIn([...STORIES]));
    const vantage = opened(await alphaVantageNewsStandIn([...STORIES]));
    await pull('alpaca --news --instruments AAPL', { folder: home(), url: alpaca.url });
    await pull('alphavantage --news --instruments AAPL', { folder: home(), url: vantage.url });
    expect(alpaca.seen.flatMap((seen) => requestTrouble(specOf(SPECS, 'alpaca'), seen))).toEqual([]);
    const trouble = vantage.seen.flatMap((seen) => requestTrouble(specOf(SPECS, 'alphavantage'), seen));
    expect(trouble).toEqual([]);
  });
});

describe('headlines of RSS', () => {
  it('are stored under a name, listed, and go on', async () => {
    const stand = opened(await rssStandIn([...STORIES]));
    const where = { folder: home(), url: stand.url };
    const first = await pull('rss --url URL/feed?a=b,c --as wires', where, '2024-01-10T12:00:00Z');
    expect(dataOf(first), first.stdout).toMatchObject({ name: 'wires', kind: 'news', rows: 3, added: 3 });
    expect(stand.seen[0]?.query.get('a')).toBe('b,c');
    stand.stories.push({ id: 8, at: '2024-01-10T08:00:00Z', title: 'Krona slides', tickers: [] });
    await pull('rss --url URL/feed?a=b,c --as wires', where, '2024-01-10T13:00:00Z');
    const krona = linesOf(where.folder, 'wires').at(-1);
    expect(krona).toMatchObject({
      text: 'Krona slides',
      published: '2024-01-10T08:00:00.000Z',
      known: '2024-01-10T13:00:00.000Z',
    });
    const listed = (await runCli('data list --json', { home: where.folder })).json()['data'] as Fields;
    expect(listed['stored']).toMatchObject([{ name: 'wires', kind: 'news', rows: 4, usable: true }]);
  });

  it('of several addresses those that answer are kept, and the others are named', async () => {
    const [good, gone] = [opened(await rssStandIn([...STORIES])), opened(await rssStandIn([]))];
    gone.mood = () => 'page';
    const folder = home();
    const both = await pull(`rss --url ${gone.url}/x --url URL/feed`, { folder, url: good.url });
    expect(both.code, both.stdout).toBe(0);
    expect(dataOf(both)['rows']).toBe(3);
    expect(String(dataOf(both)['notes'])).toContain('neither RSS nor Atom');
  });
});

describe('a source of news that misbehaves', () => {
  beforeAll(prepareBomb);

  it.each<[Mood, string]>([
    ['malformed', 'FEED.MALFORMED'],
    ['drop', 'FEED.UNREACHABLE'],
    ['redirect', 'FEED.REDIRECT'],
    ['endless', 'FEED.TOO_LARGE'],
    ['bomb', 'FEED.TOO_LARGE'],
    ['page', 'FEED.MALFORMED'],
    ['no-key', 'FEED.BAD_KEY'],
  ])('%s ends with %s, stores nothing and says no key', { timeout: 60_000 }, async (mood, code) => {
    // Repeated reads take seconds: one source is enough for those.
    const repeated = mood === 'drop' || mood === 'endless' || mood === 'bomb';
    for (const line of ['rss --url URL/feed', ...(repeated ? [] : ['alpaca --news'])]) {
      const stand = opened(await rssStandIn([...STORIES]));
      stand.mood = () => mood;
      const where = { folder: home(), url: stand.url };
      const result = await pull(line, where);
      expect([line, result.code, errorOf(result)['code']]).toEqual([line, 6, code]);
      expect(result.stdout + result.stderr).not.toMatch(/SECRET-KEY|at .*\.ts:\d+/);
      expect(existsSync(join(where.folder, 'data', 'rss.news'))).toBe(false);
    }
  });

  it.each([
    ['https://10.0.0.1/rss', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['https://169.254.169.254/latest', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['https://[fd00::1]/rss', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['https://intranet/rss', 'FEED.FORBIDDEN_ADDRESS', 6],
    ['http://192.168.1.1/rss', 'USAGE.BAD_URL', 2],
    ['http://example.com/rss', 'USAGE.BAD_URL', 2],
    ['https://user:pass@example.com/rss', 'USAGE.BAD_URL', 2],
    ['file:///etc/passwd', 'USAGE.BAD_URL', 2],
  ])('at %s is not called: %s', async (address, code, exit) => {
    const result = await runCli(['data', 'pull', 'rss', '--url', address, '--json']);
    expect([errorOf(result)['code'], result.code]).toEqual([code, exit]);
    expect(result.stdout + result.stderr).not.toContain('pass@');
  });

  it('a headline with escape codes reaches the file and the terminal without them', async () => {
    const evil = '&#27;[31mEuro&#27;]0;owned&#7; &lt;b&gt;soars&lt;/b&gt; \u202e\u200bagainst the dollar\u009b2J';
    const stand = opened(await rssStandIn([{ id: 1, at: '2024-01-10T09:00:00Z', title: evil, tickers: [] }]));
    const vantage = opened(
      await alphaVantageNewsStandIn([
        {
          id: 1,
          at: '2024-01-10T09:00:00.000Z',
          title: '\u001b[2JEuro \u001b]8;;http://x\u001b\\soars',
          tickers: ['FOREX:EUR'],
        },
      ]),
    );
    const folder = home();
    await pull('alphavantage --news --as av', { folder, url: vantage.url });
    expect(linesOf(folder, 'av')[0]?.['text']).toBe('Euro soars');
    const result = await runCli(['data', 'pull', 'rss', '--url', `${stand.url}/\u001b[31m`], { home: folder });
    // XML 1.0 has no escape characters, not even written out: the feed is refused, or the text is clean.
    const path = join(folder, 'data', 'rss.news');
    const kept = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const all = kept + result.stdout + result.stderr;
    for (const char of ['\u001b', '\u0007', '\u009b', '\u202e', '\u200b']) expect(all).not.toContain(char);
  });
});

describe('flags of news', () => {
  it.each([
    ['ecb --news', 'USAGE.CONFLICT'],
    ['alpaca --news --timeframe 1d', 'USAGE.CONFLICT'],
    ['alpaca --news --series X', 'USAGE.CONFLICT'],
    ['alpaca --news --url https://example.com', 'USAGE.CONFLICT'],
    ['rss', 'USAGE.MISSING_VALUE'],
    ['rss --url https://example.com --instruments EUR/USD', 'USAGE.CONFLICT'],
  ])('data pull %s is %s', async (line, code) => {
    const result = await runCli(`data pull ${line} --json`);
    expect([errorOf(result)['code'], result.code]).toEqual([code, 2]);
  });
});
