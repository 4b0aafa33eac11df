import type { Headline } from '../../src/core/sentiment/headline.js';
import { taggedSubjects } from '../../src/core/sentiment/tagging.js';

let count = 0;

/** A headline with everything that a test does not name. */
export function aHeadline(given: Partial<Headline> & Pick<Headline, 'text'>): Headline {
  count++;
  const publishedAt = given.publishedAt ?? Date.UTC(2024, 0, 10, 12);
  return {
    id: `h-${count}`,
    publishedAt,
    knownAt: publishedAt,
    receivedAt: publishedAt,
    source: 'wire',
    subjects: taggedSubjects(given.text),
    ...given,
  };
}
