import type { HeadlineSubject } from './headline.js';
import { currencyCodes, LONGEST_NAME, type Named, names } from './names.js';
import { BREAK, wordsOf } from './words.js';

/** Longest text that is looked at, characters; longer ones are cut as in `wordsOf`. */
const LONGEST = 1_000;
/** Most subjects of one headline; what names more is a list. */
const MOST_SUBJECTS = 12;

/** After these words stands what the story is measured against: good for one is bad for the other. */
const AGAINST: ReadonlySet<string> = new Set(['against', 'versus', 'vs']);
/** How far behind such a word the other side may stand, words. */
const AGAINST_REACH = 3;

/** Words after which a unit of money is an amount, not what the story is about: "5 billion yen". */
const AMOUNT = /^(\d.*|hundred|thousand|million|billion|trillion|bn|mln|tn)$/;

/** `EUR/USD`, `EURUSD`, `EUR-USD` in capitals; `$AAPL`; `(NASDAQ: AAPL)`. */
const PAIR = /(?<![A-Z])([A-Z]{3})[/_-]?([A-Z]{3})(?![A-Z])/g;
const CODE = /(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])/g;
const CASHTAG = /\$([A-Z]{1,5})(?:\.([A-Z]))?(?![A-Za-z0-9])/g;
const LISTED = /\((?:NASDAQ|NYSE|NYSEARCA|AMEX|ARCA|BATS)\s{0,2}:\s{0,2}([A-Z]{1,5})(?:\.([A-Z]))?\)/g;

/**
 * What a headline is about, as its own words say: currencies and coins by name, code, pair or central bank, stocks by cashtag,
 * by exchange in brackets, or by the names of the built-in table. What stands after "against", and the quote of a pair, has
 * direction −1. In the order in which they first stand there; each once, with relevance 1.
 */
export function taggedSubjects(text: string): readonly HeadlineSubject[] {
  const found = new Map<string, HeadlineSubject>();
  const add = (kind: Named['kind'], code: string, direction: 1 | -1): void => {
    const key = `${kind} ${code}`;
    if (!found.has(key) && found.size < MOST_SUBJECTS) found.set(key, { kind, code, direction, relevance: 1 });
  };
  const cut = text.slice(0, LONGEST);
  for (const [, base = '', quote = ''] of cut.matchAll(PAIR)) {
    if (!currencyCodes.has(base) || !currencyCodes.has(quote) || base === quote) continue;
    add('currency', spoken(base), 1);
    add('currency', spoken(quote), -1);
  }
  for (const pattern of [CASHTAG, LISTED]) {
    for (const [, ticker = '', share] of cut.matchAll(pattern)) {
      add('ticker', share === undefined ? ticker : `${ticker}.${share}`, 1);
    }
  }
  for (const { kind, code, direction } of namedIn(cut)) add(kind, code, direction);
  return [...found.values()];
}

/** The yuan abroad and at home are one story. */
const spoken = (code: string): string => (code === 'CNY' ? 'CNH' : code);

/** Subjects that are named in words or by a code, from left to right. */
function namedIn(text: string): readonly (Named & { readonly direction: 1 | -1 })[] {
  const words = wordsOf(text);
  // A headline in capitals throughout has no codes: every word of three letters would look like one.
  const codes = /[a-z]/.test(text) ? new Set([...text.matchAll(CODE)].map(([code]) => code.toLowerCase())) : new Set();
  const found: (Named & { readonly direction: 1 | -1 })[] = [];
  let at = 0;
  while (at < words.length) {
    const hit = longestName(words, at, codes);
    if (hit !== undefined && !isAmount(words, at, hit.named)) {
      found.push({ ...hit.named, direction: found.length > 0 && isMeasuredAgainst(words, at) ? -1 : 1 });
    }
    at += hit?.words ?? 1;
  }
  return found;
}

function longestName(
  words: readonly string[],
  at: number,
  codes: ReadonlySet<unknown>,
): { readonly named: Named; readonly words: number } | undefined {
  for (let count = Math.min(LONGEST_NAME, words.length - at); count > 0; count--) {
    const text = words.slice(at, at + count).join(' ');
    const named = names.get(text);
    if (named !== undefined) return { named, words: count };
    const code = text.toUpperCase();
    if (count === 1 && codes.has(text) && currencyCodes.has(code)) {
      return { named: { kind: 'currency', code: spoken(code) }, words: 1 };
    }
  }
  return undefined;
}

const isAmount = (words: readonly string[], at: number, { kind }: Named): boolean =>
  kind === 'currency' && AMOUNT.test(words[at - 1] ?? '');

function isMeasuredAgainst(words: readonly string[], at: number): boolean {
  for (let i = at - 1; i >= Math.max(0, at - AGAINST_REACH); i--) {
    const word = words[i] ?? '';
    if (word === BREAK) return false;
    if (AGAINST.has(word)) return true;
  }
  return false;
}

/**
 * What the vendor says a headline is about, with directions from the words where they name it too. What only the words name
 * is left out, because a vendor that tags has looked at the whole story; but of a vendor that tags no currency the words
 * say which. Without tags of a vendor those of the words.
 */
export function subjectsOf(text: string, vendor: readonly HeadlineSubject[]): readonly HeadlineSubject[] {
  const own = taggedSubjects(text);
  if (vendor.length === 0) return own;
  const tagsCurrencies = vendor.some(({ kind }) => kind === 'currency');
  const tagged = vendor.map((subject) => {
    const same = own.find(({ kind, code }) => kind === subject.kind && code === subject.code);
    return same === undefined ? subject : { ...subject, direction: same.direction };
  });
  return tagsCurrencies ? tagged : [...tagged, ...own.filter(({ kind }) => kind === 'currency')];
}
