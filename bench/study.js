/** `npm run study`: makes the carry study in docs/strategies.md and the figures in docs/sentiment.md anew from $FXTRADE_SHARED (or ../shared). */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { perform } from '../dist/commands/session/threads/perform.js';
import { expectedMaxSharpe } from '../dist/core/analytics/overfitting.js';
import { lexiconScore } from '../dist/core/sentiment/lexicon-score.js';
import { wordsOf } from '../dist/core/sentiment/words.js';
import { carryStudy, MARKERS } from './carry-study.js';
import { headlinesFile, SENTIMENT_MARKERS, sentimentStudy } from './sentiment-study.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = resolve(process.env.FXTRADE_SHARED ?? join(root, '../shared'), 'data');
const home = mkdtempSync(join(tmpdir(), 'fxtrade-study-'));
put('docs/strategies.md', MARKERS, await carryStudy({ perform, expectedMaxSharpe, shared, home }));
rmSync(home, { recursive: true, force: true });
put('docs/sentiment.md', SENTIMENT_MARKERS, sentimentStudy({ lexiconScore, wordsOf, file: headlinesFile(shared) }));

function put(name, [begin, end], text) {
  const page = join(root, name);
  const old = readFileSync(page, 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${page} has no place for it: put ${begin} and ${end} there`);
  writeFileSync(page, old.slice(0, from) + text + old.slice(to + end.length));
  console.log(text);
}
