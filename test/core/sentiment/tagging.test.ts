import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeadlineSubject } from '../../../src/core/sentiment/headline.js';
import { subjectsOf, taggedSubjects } from '../../../src/core/sentiment/tagging.js';

const shown = (subjects: readonly HeadlineSubject[]): string =>
  subjects
    .map(({ kind, code, direction }) => `${direction < 0 ? '-' : ''}${kind === 'ticker' ? '$' : ''}${code}`)
    .join(' ');

describe('what a headline is about', () => {
  it.each`
    headline                                           | subjects
    ${'Euro climbs against the dollar'}                | ${'EUR -USD'}
    ${'Dollar, against the yen, climbs'}               | ${'USD -JPY'}
    ${'EUR/USD breaks out'}                            | ${'EUR -USD'}
    ${'GBPJPY slides as BoE holds'}                    | ${'GBP -JPY'}
    ${'Australian dollar and kiwi gain'}               | ${'AUD NZD'}
    ${'Fed raises rates'}                              | ${'USD'}
    ${'U.S. dollar falls; SNB says nothing'}           | ${'USD CHF'}
    ${'Grocer to pay 5 billion yen'}                   | ${''}
    ${'Firm raises 3 million pounds'}                  | ${''}
    ${'USD falls'}                                     | ${'USD'}
    ${'TRY THIS: ALL CAPS FOR CAD AND USD LOVERS'}     | ${''}
    ${'Bitcoin soars past $50,000'}                    | ${'BTC'}
    ${'Apple beats estimates, $MSFT flat'}             | ${'$MSFT $AAPL'}
    ${'Pump maker (NYSE: PMP) and (NASDAQ:ABC) merge'} | ${'$PMP $ABC'}
    ${'Holding $BRK.B for ever'}                       | ${'$BRK.B'}
    ${'Gold gains as dollar sinks'}                    | ${'XAU USD'}
    ${'Bank of America upgraded'}                      | ${'$BAC'}
    ${'CNY fixing weaker'}                             | ${'CNH'}
    ${'Nothing of interest'}                           | ${''}
  `('$headline is about: $subjects', ({ headline, subjects }) => {
    expect(shown(taggedSubjects(headline))).toBe(subjects);
  });

  it('a vendor’s tags go before words, and take their direction from them', () => {
    const tag = { kind: 'currency', direction: 1, relevance: 0.4, score: 0.2 } as const;
    const found = subjectsOf('Euro climbs against the dollar', [
      { ...tag, code: 'USD' },
      { ...tag, code: 'JPY' },
    ]);
    expect(found).toEqual([
      { ...tag, code: 'USD', direction: -1 },
      { ...tag, code: 'JPY' },
    ]);
  });

  it('of a vendor that tags stocks alone, the words say which currencies', () => {
    const tag = { kind: 'ticker', code: 'SPY', direction: 1, relevance: 1 } as const;
    expect(shown(subjectsOf('Stocks fall as Fed raises rates', [tag]))).toBe('$SPY USD');
  });

  it('any text has at most a dozen subjects, each once', () => {
    const piece = fc.oneof(fc.constantFrom('EUR/USD', '$AAPL', 'yen', 'against', '(NYSE: X)', 'GBP', ','), fc.string());
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const subjects = taggedSubjects(pieces.join(' '));
        expect(subjects.length).toBeLessThanOrEqual(12);
        expect(new Set(subjects.map(({ kind, code }) => kind + code)).size).toBe(subjects.length);
      }),
    );
  });
});
