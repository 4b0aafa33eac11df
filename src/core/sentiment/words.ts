/** Longest headline that is looked at, characters; what is longer is no headline. */
const LONGEST = 1_000;

/** A word in small letters, or `BREAK` where a clause ends. */
export const BREAK = '|';

/**
 * The words of a headline in small letters. Hyphens part words, apostrophes join them (`don't` is `dont`); a decimal number
 * stays one word. Commas, colons and the like end a clause.
 */
export function wordsOf(text: string): readonly string[] {
  const plain = text.slice(0, LONGEST).toLowerCase().replace(/['’`]/g, '');
  // The dots of `u.s.` end nothing.
  const joined = plain.replace(/(?<!\p{L})(?:\p{L}\.){2,}/gu, (letters) => letters.replaceAll('.', ''));
  const found: string[] = [];
  for (const [piece] of joined.matchAll(/\d+(?:[.,]\d+)*%?|[\p{L}\p{N}&]+|[,;:.!?()|–—]/gu)) {
    const ends = /^[,;:.!?()|–—]$/.test(piece);
    if (!ends) found.push(piece);
    else if (found.at(-1) !== BREAK && found.length > 0) found.push(BREAK);
  }
  return found;
}
