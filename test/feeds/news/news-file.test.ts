import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byKnowledge, type Headline } from '../../../src/core/sentiment/headline.js';
import { newsOf, newsText } from '../../../src/feeds/news/news-file.js';
import { openNews } from '../../../src/feeds/news/open-news.js';
import { plainText } from '../../../src/feeds/news/plain-text.js';

const at = Date.parse('2024-01-31T13:30:00Z');

describe('a file of news', () => {
  it('that a person wrote needs a time and a text', () => {
    const [headline] = newsOf('{"published":"2024-01-31T13:30:00Z","text":"Euro soars against the dollar"}', 'f');
    expect(headline).toEqual({
      id: 'line-1',
      publishedAt: at,
      knownAt: at,
      receivedAt: at,
      source: 'file',
      text: 'Euro soars against the dollar',
      subjects: [
        { kind: 'currency', code: 'EUR', direction: 1, relevance: 1 },
        { kind: 'currency', code: 'USD', direction: -1, relevance: 1 },
      ],
    });
  });

  it.each`
    line                                                                                                          | why
    ${'garbage'}                                                                                                  | ${'no JSON object'}
    ${'[]'}                                                                                                       | ${'no JSON object'}
    ${'{"text":"x"}'}                                                                                             | ${'published is no time'}
    ${'{"published":"2024-01-31","text":"x"}'}                                                                    | ${'published is no time'}
    ${'{"published":"2024-01-31T13:30:00","text":"x"}'}                                                           | ${'published is no time'}
    ${'{"published":"2024-13-31T13:30:00Z","text":"x"}'}                                                          | ${'published is no time'}
    ${'{"published":"2024-01-31T13:30:00Z"}'}                                                                     | ${'text is missing'}
    ${'{"published":"2024-01-31T13:30:00Z","text":" \\u001b "}'}                                                  | ${'text is empty'}
    ${'{"published":"2024-01-31T13:30:00Z","known":"2023-01-31T13:30:00Z","text":"x"}'}                           | ${'known is before published'}
    ${'{"published":"2024-01-31T13:30:00Z","text":"x","score":2}'}                                                | ${'score is no number'}
    ${'{"published":"2024-01-31T13:30:00Z","text":"x","about":[{"kind":"planet"}]}'}                              | ${'about wants'}
    ${'{"published":"2024-01-31T13:30:00Z","text":"x","about":[{"kind":"currency","code":"EUR","relevance":0}]}'} | ${'about wants'}
  `('$line is refused by its number: $why', ({ line, why }) => {
    const good = '{"published":"2024-01-31T13:30:00Z","text":"x"}';
    const read = () => newsOf(`${good}\n${line}\n`, 'wires.news');
    expect(read).toThrow(expect.objectContaining({ code: 'DATA.BAD_ROWS' }));
    expect(read).toThrow(/wires\.news:2/);
    expect(read).toThrow(why);
  });

  it('of a later version is refused', () => {
    expect(() => newsOf('{"format":"fxtrade-news","version":2}\n', 'f')).toThrow(
      expect.objectContaining({ code: 'DATA.FORMAT' }),
    );
  });

  it('reads back as what was written, in one order', () => {
    const score = fc.integer({ min: -100, max: 100 }).map((n) => n / 100 + 0);
    const subject = fc.record(
      {
        kind: fc.constantFrom('currency' as const, 'ticker' as const),
        code: fc.constantFrom('EUR', 'AAPL', 'BRK.B'),
        direction: fc.constantFrom(1 as const, -1 as const),
        relevance: fc.integer({ min: 1, max: 100 }).map((n) => n / 100),
        score,
      },
      { requiredKeys: ['kind', 'code', 'direction', 'relevance'] },
    );
    const word = fc.string({ minLength: 1, maxLength: 30 }).map((text) => plainText(`x ${text}`));
    const headline = fc
      .record({ id: word, text: word, ts: fc.integer({ min: 0, max: 2e12 }), later: fc.nat(1e6), vendorScore: score })
      .chain(({ ts, later, ...rest }) =>
        fc.array(subject, { maxLength: 3 }).map(
          (subjects): Headline => ({
            ...rest,
            source: 'wire',
            publishedAt: ts,
            knownAt: ts + later,
            receivedAt: ts,
            subjects,
          }),
        ),
      );
    fc.assert(
      fc.property(fc.array(headline, { maxLength: 10 }), (headlines) => {
        const text = newsText(headlines);
        expect(newsOf(text, 'f')).toEqual([...headlines].sort(byKnowledge));
        expect(newsText(newsOf(text, 'f'))).toBe(text);
      }),
    );
  });

  it('may be packed; what is no text, damaged or absent is said', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fxtrade-newsfile-'));
    const put = (name: string, bytes: Buffer): string => {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    };
    const text = Buffer.from('\ufeff{"published":"2024-01-31T13:30:00Z","text":"x"}\r\n');
    const plain = await openNews(put('a.news', text));
    const packed = await openNews(put('a.gz', gzipSync(text)));
    expect(packed.headlines).toEqual(plain.headlines);
    expect(plain.headlines.length).toBe(1);
    expect(plain.hash).toMatch(/^[0-9a-f]{64}$/);
    await expect(openNews(join(folder, 'none'))).rejects.toMatchObject({ code: 'DATA.MISSING_FILE' });
    await expect(openNews(folder)).rejects.toMatchObject({ code: 'DATA.UNREADABLE' });
    await expect(openNews(put('z', Buffer.alloc(100)))).rejects.toMatchObject({ code: 'DATA.BINARY' });
    await expect(openNews(put('cut.gz', gzipSync(text).subarray(0, 30)))).rejects.toMatchObject({
      code: 'DATA.UNREADABLE',
    });
  });
});
