import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lexiconScore } from '../../../src/core/sentiment/lexicon-score.js';
import { wordsOf } from '../../../src/core/sentiment/words.js';

/** total ÷ √(total² + 4) */
const of = (total: number) => total / Math.sqrt(total * total + 4);

describe('the words of a headline', () => {
  it.each`
    headline                                  | total  | because
    ${'Maker of pumps soars'}                 | ${3}   | ${'a strong word'}
    ${'Maker of pumps plunges'}               | ${-3}  | ${'a strong word'}
    ${'Profit rises'}                         | ${3}   | ${'1 + 2'}
    ${'Quarterly PROFIT WARNING from grocer'} | ${-3}  | ${'an expression goes before its words, in any letters'}
    ${'Better-than-expected quarter'}         | ${3}   | ${'hyphens part words'}
    ${'Grocer cuts costs'}                    | ${2}   | ${'an expression: less of a burden'}
    ${'Grocer trims its borrowing'}           | ${2}   | ${'less of a burden'}
    ${'Borrowing costs mount'}                | ${-3}  | ${'more of a burden, and the other burden as it is'}
    ${'Shares fall after loss'}               | ${-4}  | ${'what falls is not the loss'}
    ${'Unemployment falls'}                   | ${2}   | ${'less of a burden'}
    ${'Unemployment rises'}                   | ${-2}  | ${'more of a burden'}
    ${'Pill is not approved'}                 | ${-1}  | ${'2 × −0.5'}
    ${'Airline fails to recover'}             | ${-3}  | ${'−2, and 2 × −0.5'}
    ${'Not now: airline recovers'}            | ${2}   | ${'a negation ends with its clause'}
    ${'Airline climbs despite lawsuit'}       | ${1.4} | ${'2 − 2 × 0.3'}
  `('$headline: $total, $because', ({ headline, total }) => {
    expect(lexiconScore(headline, 'ticker')).toBeCloseTo(of(total), 12);
  });

  it.each(['', '   ', 'Annual meeting of the pump makers', '1,234.5 % ___ ????'])('%j says nothing', (headline) => {
    expect(lexiconScore(headline, 'ticker')).toBeUndefined();
  });

  it.each`
    headline                            | currency | ticker
    ${'Central bank delivers rate cut'} | ${-2}    | ${-1}
    ${'Hawkish central bank'}           | ${2}     | ${undefined}
    ${'Dovish remarks'}                 | ${-2}    | ${undefined}
  `('monetary policy speaks of currencies: $headline', ({ headline, currency, ticker }) => {
    expect(lexiconScore(headline, 'currency')).toBeCloseTo(of(currency), 12);
    if (ticker === undefined) expect(lexiconScore(headline, 'ticker')).toBeUndefined();
    else expect(lexiconScore(headline, 'ticker')).toBeLessThan(0);
  });

  it('a score is between −1 and 1, whatever the text', () => {
    const word = fc.oneof(
      fc.constantFrom('soars', 'plunges', 'not', 'loss', 'narrows', 'despite', ':', 'costs'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const score = lexiconScore(words.join(' '), 'currency');
        expect(score === undefined || Math.abs(score) < 1).toBe(true);
      }),
    );
  });

  it('words are read in time that grows with the text, and no further than a headline goes', () => {
    expect(wordsOf("Don't sell: 1,234.5% of U.K. firms' pay–cut")).toEqual([
      'dont',
      'sell',
      '|',
      '1,234.5%',
      'of',
      'uk',
      'firms',
      'pay',
      '|',
      'cut',
    ]);
    expect(wordsOf('x '.repeat(1_000_000)).length).toBe(500);
  });
});
