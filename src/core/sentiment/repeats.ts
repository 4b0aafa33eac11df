import type { Headline } from './headline.js';
import { BREAK, wordsOf } from './words.js';

const HOUR_MS = 3_600_000;

/** How long after a story another one may still be the same, ms. */
const WINDOW_MS = 48 * HOUR_MS;
/** Share of common words from which two headlines are one story. */
const SAME_SHARE = 0.75;
/** With fewer words than this only equal ones are the same: "Fed raises rates" and "Fed raises forecasts" are not. */
const FEWEST_WORDS = 5;
/** Words that say nothing of the story, and those that agencies put in front. */
const EMPTY_WORDS: ReadonlySet<string> = new Set(
  'a an the of to in on at by for and as is are be with its it from update updated exclusive breaking brief corrected refile'.split(
    ' ',
  ),
);
/** `Story - Reuters`, `Story | Source`: who tells it is no part of the story. */
const TOLD_BY = /\s+(?:[-–—|])\s+[^-–—|]{1,30}$/;

interface Story {
  readonly at: number;
  readonly words: ReadonlySet<string>;
  readonly numbers: string;
}

export interface Deduplicated {
  /** The first telling of each story, oldest first. */
  readonly kept: readonly Headline[];
  /** How many were left out because they repeat one that was known before. */
  readonly repeats: number;
}

/**
 * Leaves out headlines that repeat a story of the 48 hours before: a copy in another source, an update in nearly the same
 * words, a revision of the same item. The first telling stays, so what is known at a moment depends on nothing later. Two
 * headlines are one story when they name the same numbers and three quarters of their words are common.
 *
 * @param headlines ordered by `byKnowledge`
 */
export function withoutRepeats(headlines: readonly Headline[]): Deduplicated {
  const kept: Headline[] = [];
  const byWord = new Map<string, Story[]>();
  const items = new Map<string, number>();
  for (const headline of headlines) {
    const story = storyOf(headline);
    const item = `${headline.source}\n${headline.id}`;
    const before = items.get(item);
    const isRevision = before !== undefined && headline.knownAt - before <= WINDOW_MS;
    if (isRevision || isTold(story, byWord)) continue;
    items.set(item, headline.knownAt);
    kept.push(headline);
    for (const word of keysOf(story)) remember(byWord, word, story);
  }
  return { kept, repeats: headlines.length - kept.length };
}

function storyOf({ text, knownAt }: Headline): Story {
  const words = wordsOf(text.replace(TOLD_BY, '')).filter((word) => word !== BREAK && !EMPTY_WORDS.has(word));
  const numbers = words.filter((word) => /^\d/.test(word)).sort();
  return { at: knownAt, words: new Set(words), numbers: numbers.join(' ') };
}

/** Stories are looked for under each of their words; one without any stands under the empty word. */
const keysOf = ({ words }: Story): Iterable<string> => (words.size === 0 ? [''] : words);

function remember(byWord: Map<string, Story[]>, word: string, story: Story): void {
  const list = byWord.get(word);
  if (list === undefined) {
    byWord.set(word, [story]);
    return;
  }
  // What is too old for every later headline is forgotten, so that a year of news is no year of comparisons.
  let old = 0;
  while (old < list.length && story.at - (list[old]?.at ?? 0) > WINDOW_MS) old++;
  if (old > 0) list.splice(0, old);
  list.push(story);
}

/**
 * Two stories with three quarters of their words in common share at least one of any quarter of them and one more, so it is
 * enough to look under that many words: the rarest, under which the fewest stories stand.
 */
function isTold(story: Story, byWord: ReadonlyMap<string, readonly Story[]>): boolean {
  const lists = [...keysOf(story)].map((word) => byWord.get(word) ?? []);
  const few = lists.length < FEWEST_WORDS ? 1 : lists.length - Math.ceil(SAME_SHARE * lists.length) + 1;
  const rarest = lists.sort((a, b) => a.length - b.length).slice(0, few);
  return rarest.some((list) => list.some((other) => story.at - other.at <= WINDOW_MS && isSame(story, other)));
}

function isSame(a: Story, b: Story): boolean {
  if (a.numbers !== b.numbers) return false;
  const smaller = Math.min(a.words.size, b.words.size);
  const larger = Math.max(a.words.size, b.words.size);
  if (smaller < FEWEST_WORDS || smaller < SAME_SHARE * larger) return smaller === larger && common(a, b) === smaller;
  const shared = common(a, b);
  return shared >= SAME_SHARE * (a.words.size + b.words.size - shared);
}

function common(a: Story, b: Story): number {
  let count = 0;
  for (const word of a.words) if (b.words.has(word)) count++;
  return count;
}
