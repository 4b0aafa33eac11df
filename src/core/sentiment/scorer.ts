import type { Headline, HeadlineSubject } from './headline.js';
import { lexiconScore } from './lexicon-score.js';

/** Says how good a headline is for one of its subjects. */
export interface HeadlineScorer {
  readonly name: ScorerName;
  /** −1 (very bad) … 1 (very good) for the subject; undefined when the headline says nothing that it understands. */
  score(headline: Headline, subject: HeadlineSubject): number | undefined;
}

/** `vendor-lexicon` takes the vendor's score where there is one. */
export const SCORERS = ['vendor-lexicon', 'vendor', 'lexicon'] as const;
export type ScorerName = (typeof SCORERS)[number];

/** The vendor's score of the subject, else of the whole story. */
const vendor: HeadlineScorer = {
  name: 'vendor',
  score(headline, subject) {
    if (subject.score !== undefined) return subject.score;
    return headline.vendorScore === undefined ? undefined : headline.vendorScore * subject.direction;
  },
};

/** The words of the headline alone. */
const lexicon: HeadlineScorer = {
  name: 'lexicon',
  score(headline, subject) {
    const score = lexiconScore(headline.text, subject.kind);
    return score === undefined ? undefined : score * subject.direction;
  },
};

const either: HeadlineScorer = {
  name: 'vendor-lexicon',
  score: (headline, subject) => vendor.score(headline, subject) ?? lexicon.score(headline, subject),
};

/** The scorer of a name. */
export function scorerOf(name: ScorerName): HeadlineScorer {
  return name === 'vendor' ? vendor : name === 'lexicon' ? lexicon : either;
}
