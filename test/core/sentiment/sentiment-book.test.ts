import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instrumentOf } from '../../../src/core/model/instruments.js';
import type { Headline } from '../../../src/core/sentiment/headline.js';
import { scorerOf } from '../../../src/core/sentiment/scorer.js';
import { SentimentBook } from '../../../src/core/sentiment/sentiment-book.js';
import { aHeadline } from '../../helpers/a-headline.js';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 10);
const at = (hours: number) => START + hours * HOUR;
const of = (symbol: string) => instrumentOf(symbol, {}, 'USD');
const about = (code: string, score: number, hours: number, relevance = 1): Headline =>
  aHeadline({
    text: `Story ${code} ${score} ${hours} ${relevance}`,
    publishedAt: at(hours),
    subjects: [{ kind: code === 'AAPL' ? 'ticker' : 'currency', code, direction: 1, relevance, score }],
  });

describe('the score of an instrument', () => {
  // One headline of 0.8 beside one silent: 0.8 ÷ 2 at once; a half-life later its weight is ½: 0.4 ÷ 1.5.
  it.each`
    told                                              | instrument    | hours | score                | weight
    ${[about('EUR', 0.8, 0)]}                         | ${'EUR/USD'}  | ${-1} | ${0}                 | ${0}
    ${[about('EUR', 0.8, 0)]}                         | ${'EUR/USD'}  | ${0}  | ${0.4}               | ${1}
    ${[about('EUR', 0.8, 0)]}                         | ${'EUR/USD'}  | ${24} | ${0.4 / 1.5}         | ${0.5}
    ${[about('EUR', 0.8, 0)]}                         | ${'USD/JPY'}  | ${0}  | ${0}                 | ${0}
    ${[about('USD', 0.8, 0)]}                         | ${'EUR/USD'}  | ${0}  | ${-0.4}              | ${1}
    ${[about('EUR', 0.8, 0), about('USD', -0.6, 0)]}  | ${'EUR/USD'}  | ${0}  | ${0.4 + 0.3}         | ${2}
    ${[about('EUR', 0.8, 0), about('EUR', -0.4, 24)]} | ${'EUR/USD'}  | ${24} | ${(0.4 - 0.4) / 2.5} | ${1.5}
    ${[about('EUR', 0.8, 0, 0.25)]}                   | ${'EUR/USD'}  | ${0}  | ${0.2 / 1.25}        | ${0.25}
    ${[about('AAPL', -1, 0)]}                         | ${'AAPL'}     | ${0}  | ${-0.5}              | ${1}
    ${[about('BTC', 1, 0)]}                           | ${'BTC/USDT'} | ${48} | ${0.25 / 1.25}       | ${0.25}
  `('of $instrument $hours h after the first is $score', ({ told, instrument, hours, score, weight }) => {
    const found = new SentimentBook(told, 'vendor').lineOf(of(instrument), 24 * HOUR).at(at(hours));
    expect(found.score).toBeCloseTo(score, 12);
    expect(found.weight).toBeCloseTo(weight, 12);
  });

  it('a headline counts from when its wording was known, not from when its item was first published', () => {
    const late = aHeadline({ text: 'Euro soars', publishedAt: at(0), knownAt: at(5), vendorScore: 0.8 });
    const line = new SentimentBook([late], 'vendor').lineOf(of('EUR/USD'), HOUR);
    expect(line.at(at(5) - 1).weight).toBe(0);
    expect(line.at(at(5)).score).toBeCloseTo(0.4, 12);
  });

  it('is the same whatever order headlines and questions come in', () => {
    const told = fc.array(
      fc.tuple(fc.constantFrom('EUR', 'USD'), fc.integer({ min: -10, max: 10 }), fc.integer({ min: 0, max: 90 })),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(
        told,
        fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 10 }),
        fc.nat(100),
        (list, asked, end) => {
          const made = list.map(([code, score, hour]) => about(code, score / 10, hour));
          const line = new SentimentBook([...made].reverse(), 'vendor').lineOf(of('EUR/USD'), 24 * HOUR);
          for (const hour of asked) line.at(at(hour));
          const cut = made.filter(({ knownAt }) => knownAt <= at(end));
          const calm = new SentimentBook(cut, 'vendor').lineOf(of('EUR/USD'), 24 * HOUR);
          expect(line.at(at(end))).toEqual(calm.at(at(end)));
        },
      ),
    );
  });
});

describe('the scorers', () => {
  const soars = aHeadline({ text: 'Euro soars against the dollar', vendorScore: -0.5 });
  const [euro, dollar] = soars.subjects;
  it.each`
    scorer              | euro     | dollar
    ${'vendor'}         | ${-0.5}  | ${0.5}
    ${'lexicon'}        | ${0.832} | ${-0.832}
    ${'vendor-lexicon'} | ${-0.5}  | ${0.5}
  `('$scorer says $euro of the euro', ({ scorer, ...expected }) => {
    if (euro === undefined || dollar === undefined) throw new Error('the headline has two subjects');
    expect(scorerOf(scorer).score(soars, euro)).toBeCloseTo(expected.euro, 3);
    expect(scorerOf(scorer).score(soars, dollar)).toBeCloseTo(expected.dollar, 3);
  });

  it('a vendor’s score of the subject goes before that of the story; without one the words are left', () => {
    const bare = aHeadline({ text: 'Euro plunges' });
    const [subject] = bare.subjects;
    if (subject === undefined) throw new Error('the headline has a subject');
    expect(scorerOf('vendor').score(bare, subject)).toBeUndefined();
    expect(scorerOf('vendor-lexicon').score(bare, subject)).toBeCloseTo(-0.832, 3);
    expect(scorerOf('vendor').score(soars, { ...subject, score: 0.1 })).toBe(0.1);
  });
});
