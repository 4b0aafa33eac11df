import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headlinesFile, SENTIMENT_MARKERS, sentimentStudy } from '../../../bench/sentiment-study.js';
import { lexiconScore } from '../../../src/core/sentiment/lexicon-score.js';
import { wordsOf } from '../../../src/core/sentiment/words.js';

const file = headlinesFile(resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'data'));
const present = existsSync(file);
if (!present) console.log(`the figures of docs/sentiment.md are not measured anew: ${file} is not there`);

describe.skipIf(!present)('the figures in docs/sentiment.md', () => {
  it('are what the scorer reaches today; npm run study writes them', () => {
    const page = readFileSync('docs/sentiment.md', 'utf8');
    const [begin, end] = SENTIMENT_MARKERS;
    const section = page.slice(page.indexOf(begin), page.indexOf(end) + end.length);
    expect(section).toBe(sentimentStudy({ lexiconScore, wordsOf, file }));
  });
});
