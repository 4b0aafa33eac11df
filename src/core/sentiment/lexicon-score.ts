import type { HeadlineSubject } from './headline.js';
import { burdens, concessions, lessWords, lexicon, monetary, moreWords, negations } from './lexicon.js';
import { BREAK, wordsOf } from './words.js';

/** Longest expression of the lexicon, words. */
const LONGEST_PHRASE = Math.max(...[...lexicon.keys(), ...monetary.keys()].map((entry) => entry.split(' ').length));
/** How many words after a negation it reaches. */
const NEGATION_REACH = 3;
/** "Not good" is bad, but less so than "bad". */
const NEGATION_FACTOR = -0.5;
/** How many words after "despite" are background, and what is left of them. */
const CONCESSION_REACH = 6;
const CONCESSION_FACTOR = 0.3;
/** How far from a burden the word may stand that says it becomes more or less, words. */
const BURDEN_REACH = 3;
/** Less of a burden, more of a burden. */
const BURDEN_LESS = 2;
const BURDEN_MORE = -2;
/** Total at which the score is 0.71: one clear word. */
const SOFTENING = 2;

/** Words over which nothing is said of a burden: "shares fall after loss" is about no smaller loss. */
const CONNECTORS: ReadonlySet<string> = new Set(
  'after as on following amid because due with while but and from over by despite if when since hit vs versus'.split(
    ' ',
  ),
);
const FAILS: ReadonlySet<string> = new Set(['fail', 'fails', 'failed', 'failing']);

/** An entry of the lexicon in the text. */
interface Hit {
  readonly at: number;
  readonly words: number;
  weight: number;
}

/**
 * How good the words of a headline are for what it is about, −1 … 1: total ÷ √(total² + 4), where the total is the sum of the
 * weights of the lexicon, after burdens (less of a cost is good), negations and concessions are reckoned in. Undefined when
 * no word is known. For a currency the language of monetary policy counts first: a rate cut is bad for it.
 */
export function lexiconScore(text: string, kind: HeadlineSubject['kind']): number | undefined {
  const words = wordsOf(text);
  const hits = hitsOf(words, kind);
  if (hits.length === 0) return undefined;
  weighBurdens(words, hits);
  weighContext(words, hits);
  let total = 0;
  for (const hit of hits) total += hit.weight;
  return total / Math.sqrt(total * total + SOFTENING * SOFTENING);
}

/** Entries from left to right, the longest first; a word counts once. */
function hitsOf(words: readonly string[], kind: HeadlineSubject['kind']): Hit[] {
  const hits: Hit[] = [];
  let at = 0;
  while (at < words.length) {
    const hit = longestAt(words, at, kind);
    if (hit !== undefined) hits.push(hit);
    at += hit?.words ?? 1;
  }
  return hits;
}

function longestAt(words: readonly string[], at: number, kind: HeadlineSubject['kind']): Hit | undefined {
  for (let count = Math.min(LONGEST_PHRASE, words.length - at); count > 0; count--) {
    const entry = words.slice(at, at + count).join(' ');
    const weight = (kind === 'currency' ? monetary.get(entry) : undefined) ?? lexicon.get(entry);
    if (weight !== undefined) return { at, words: count, weight };
    // A burden counts with what happens to it even where the lexicon has no weight for it.
    if (count === 1 && burdens.has(entry)) return { at, words: 1, weight: 0 };
  }
  return undefined;
}

/** Gives each burden the weight of what happens to it, and takes the weight of the word that says so. */
function weighBurdens(words: readonly string[], hits: readonly Hit[]): void {
  const single = new Map(hits.filter((hit) => hit.words === 1).map((hit) => [hit.at, hit]));
  const taken = new Set<number>();
  for (const hit of single.values()) {
    if (!burdens.has(words[hit.at] ?? '') || taken.has(hit.at)) continue;
    const mover = moverOf(words, hit.at, taken);
    if (mover === undefined) continue;
    taken.add(mover);
    hit.weight = lessWords.has(words[mover] ?? '') ? BURDEN_LESS : BURDEN_MORE;
    const moving = single.get(mover);
    if (moving !== undefined) moving.weight = 0;
  }
}

/** Nearest word that says that the burden becomes more or less; of two as near, the one after it. */
function moverOf(words: readonly string[], at: number, taken: ReadonlySet<number>): number | undefined {
  for (let distance = 1; distance <= BURDEN_REACH; distance++) {
    for (const place of [at + distance, at - distance]) {
      const word = words[place];
      if (word === undefined || taken.has(place) || !(lessWords.has(word) || moreWords.has(word))) continue;
      if (connected(words, Math.min(at, place), Math.max(at, place))) return place;
    }
  }
  return undefined;
}

function connected(words: readonly string[], from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) {
    const word = words[i] ?? '';
    if (word === BREAK || CONNECTORS.has(word)) return false;
  }
  return true;
}

/** Turns what stands after a negation, weakens what stands after a concession. */
function weighContext(words: readonly string[], hits: readonly Hit[]): void {
  for (const hit of hits) {
    const negated = reached(words, hit.at, NEGATION_REACH, (word, next) => isNegation(word, next));
    if (negated) hit.weight *= NEGATION_FACTOR;
    const conceded = reached(words, hit.at, CONCESSION_REACH, (word) => concessions.has(word));
    if (conceded) hit.weight *= CONCESSION_FACTOR;
  }
}

/** "Fails to win" is no win; "fails" alone is no negation. */
const isNegation = (word: string, next: string | undefined): boolean =>
  negations.has(word) || (FAILS.has(word) && next === 'to');

/** True when one of the `reach` words before `at`, in the same clause, is such a word. */
function reached(
  words: readonly string[],
  at: number,
  reach: number,
  isSuch: (word: string, next: string | undefined) => boolean,
): boolean {
  for (let i = at - 1; i >= Math.max(0, at - reach); i--) {
    const word = words[i] ?? '';
    if (word === BREAK) return false;
    if (isSuch(word, words[i + 1])) return true;
  }
  return false;
}
