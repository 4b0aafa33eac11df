/** Words that are no file names on Windows, with whatever ending. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/**
 * True for a word that can be the name of a file on every system and is never a path: 64 letters, digits, dots, `-` and `_`
 * at most, beginning with a letter or digit, not ending with a dot, and not a word that Windows keeps for devices.
 */
export function isPlainName(text: string): boolean {
  return (
    /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$/.test(text) && !text.includes('..') && !RESERVED.test(text)
  );
}

/** A text from outside, such as an account's id at a broker, as a part of a file's name: it can never lead to another folder. */
export function namePart(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 64);
}
