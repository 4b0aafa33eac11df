import { describe, expect, it } from 'vitest';
import { replayClock } from '../../../src/core/ports/clock.js';
import { feedTime } from '../../../src/feeds/news/feed-time.js';
import { plainText } from '../../../src/feeds/news/plain-text.js';
import { rssFeed } from '../../../src/feeds/news/rss.js';
import { feedItems } from '../../../src/feeds/news/syndication.js';

const NOW = Date.parse('2024-02-01T00:00:00Z');

/** What a feed with this body has. */
async function read(body: string | Buffer) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const feed = rssFeed(
    {
      host: 'https://example.com',
      clock: replayClock(NOW),
      signal: new AbortController().signal,
      resolve: async () => ['93.184.216.34'],
      http: {
        send: async () => ({ status: 200, headers: {}, body: bytes.toString('latin1') }),
        lines: () => {
          throw new Error('no streams here');
        },
      },
    },
    new URL('https://example.com/feed'),
  );
  const found = [];
  for await (const page of feed.read(0, NOW)) found.push(...page);
  return found;
}

const iso = (ts: number) => new Date(ts).toISOString();
const rss = (items: string, encoding = 'utf-8') =>
  `<?xml version="1.0" encoding="${encoding}"?><rss version="2.0"><channel><title>T</title>${items}</channel></rss>`;

describe('a feed', () => {
  it('of RSS 2.0: titles, times and names of entries', async () => {
    const found = await read(
      rss(`
        <item><title>Euro soars &amp; dollar sinks</title><guid isPermaLink="false">a1</guid>
          <pubDate>Wed, 31 Jan 2024 08:30:05 -0500</pubDate><description>more</description></item>
        <item><title><![CDATA[Yen <b>slides</b>]]></title><link>https://example.com/2</link>
          <pubDate>31 Jan 24 09:00 GMT</pubDate></item>
        <item><description>Only a description of sterling</description></item>
        <item><title>   </title></item>`),
    );
    expect(found.map(({ id, text, publishedAt, knownAt }) => [id, text, iso(publishedAt), iso(knownAt)])).toEqual([
      ['a1', 'Euro soars & dollar sinks', '2024-01-31T13:30:05.000Z', '2024-01-31T13:30:05.000Z'],
      ['https://example.com/2', 'Yen slides', '2024-01-31T09:00:00.000Z', '2024-01-31T09:00:00.000Z'],
      ['Only a description of sterling', 'Only a description of sterling', iso(NOW), iso(NOW)],
    ]);
    expect(found[0]).toMatchObject({ source: 'example.com', receivedAt: NOW });
    expect(found[0]?.subjects.map(({ code }) => code)).toEqual(['EUR', 'USD']);
  });

  it('of Atom: known from its last revision', async () => {
    const found = await read(`<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>
      <entry><title type="html">Krone &lt;i&gt;gains&lt;/i&gt;</title><id>urn:1</id><link href="https://example.com/1"/>
        <published>2024-01-30T10:00:00+01:00</published><updated>2024-01-30T12:00:00Z</updated></entry>
      <entry><title>From tomorrow</title><id>urn:2</id><updated>2024-02-02T00:00:00Z</updated></entry></feed>`);
    expect(found.map(({ id, text, publishedAt, knownAt }) => [id, text, iso(publishedAt), iso(knownAt)])).toEqual([
      ['urn:1', 'Krone gains', '2024-01-30T09:00:00.000Z', '2024-01-30T12:00:00.000Z'],
      ['urn:2', 'From tomorrow', iso(NOW), iso(NOW)],
    ]);
  });

  it('of RSS 1.0, in Latin letters', async () => {
    const text = `<?xml version="1.0" encoding="ISO-8859-1"?><rdf:RDF xmlns:rdf="r" xmlns:dc="d"><channel/>
      <item><title>Bank für Außenhandel</title><dc:date>2024-01-30T10:00Z</dc:date></item></rdf:RDF>`;
    expect((await read(Buffer.from(text, 'latin1')))[0]).toMatchObject({
      text: 'Bank für Außenhandel',
      publishedAt: Date.parse('2024-01-30T10:00:00Z'),
    });
  });

  it.each([
    ['a page', '<html><body>sign in</body></html>'],
    ['JSON', '{"items":[]}'],
    ['nothing', ''],
    ['half a feed', '<rss><channel><item><title>x'],
    ['zeros', '\0\0\0'],
    ['nesting without end', `${'<a>'.repeat(200_000)}`],
    ['a large one', `<rss>${' '.repeat(6 * 1024 * 1024)}</rss>`],
  ])('that is %s is refused in words', async (_, body) => {
    await expect(read(body)).rejects.toMatchObject({ code: 'FEED.MALFORMED' });
  });

  it('that declares entities blows nothing up and reads no file', () => {
    const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const items = feedItems(
      `<!DOCTYPE rss [<!ENTITY l0 "ha"><!ENTITY x SYSTEM "file:///etc/passwd">${laughs}]>` +
        '<rss><channel><item><title>&l9; &x; &nbsp;</title></item></channel></rss>',
    );
    expect(items ?? []).toEqual(items === undefined ? [] : [expect.objectContaining({ title: '&l9; &x; &nbsp;' })]);
  });
});

describe('a time of a feed', () => {
  it.each`
    text                                 | time
    ${'Wed, 31 Jan 2024 13:30:05 GMT'}   | ${'2024-01-31T13:30:05.000Z'}
    ${'Wed, 31 Jan 2024 13:30:05 +0130'} | ${'2024-01-31T12:00:05.000Z'}
    ${'31 January 2024 08:30 EST'}       | ${'2024-01-31T13:30:00.000Z'}
    ${'Wed, 31 Jan 24 13:30:05 Z'}       | ${'2024-01-31T13:30:05.000Z'}
    ${'2024-01-31T13:30:05.250Z'}        | ${'2024-01-31T13:30:05.250Z'}
    ${'2024-01-31T13:30+01:00'}          | ${'2024-01-31T12:30:00.000Z'}
    ${'Wed, 31 Jan 2024 13:30:05'}       | ${undefined}
    ${'2024-01-31'}                      | ${undefined}
    ${'2024-01-31T13:30:05'}             | ${undefined}
    ${'Wed, 31 Foo 2024 13:30:05 GMT'}   | ${undefined}
    ${'Wed, 32 Jan 2024 13:30:05 GMT'}   | ${undefined}
    ${'Wed, 30 Feb 2024 13:30:05 GMT'}   | ${undefined}
    ${'Wed, 31 Jan 2024 25:30:05 GMT'}   | ${undefined}
    ${'Wed, 31 Jan 2024 13:30:05 CEST'}  | ${undefined}
    ${''}                                | ${undefined}
  `('$text is $time', ({ text, time }) => {
    const ts = feedTime(text);
    expect(ts === undefined ? undefined : iso(ts)).toBe(time);
  });
});

describe('plain text', () => {
  it.each`
    markup                                     | text
    ${'A &amp; B &#8217;s &#x20ac;5'}          | ${'A & B ’s €5'}
    ${'<p>One</p>\n<p>two</p>'}                | ${'One two'}
    ${'5 < 6 and 7 > 6'}                       | ${'5 < 6 and 7 > 6'}
    ${'&unknown; &#0; &#99999999;'}            | ${'&unknown; &#99999999;'}
    ${'\u001b[31mred\u001b[0m \u009b2J alert'} | ${'red alert'}
    ${'\u001b]0;title\u0007text'}              | ${'text'}
    ${'&#27;[2Jgone'}                          | ${'gone'}
    ${'left\u202eright\u200b\ufeff'}           | ${'leftright'}
    ${'line\none\ttwo\u2028three'}             | ${'line one two three'}
  `('$markup', ({ markup, text }) => {
    expect(plainText(markup)).toBe(text);
  });

  it('is at most 500 characters, and no half of one', () => {
    const long = plainText('😀'.repeat(400));
    expect(long.length).toBeLessThanOrEqual(500);
    expect(long).toMatch(/^(😀)+…$/u);
    expect(plainText('<'.repeat(1_000_000)).length).toBeLessThanOrEqual(500);
  });
});
