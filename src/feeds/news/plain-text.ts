import { withoutHarm } from '../../core/base/text.js';

/** Longest headline that is kept, characters. */
const LONGEST = 500;
/** What is looked at of a text that is far too long. */
const LOOKED_AT = 20_000;

const ESC = '\u001b';
const BEL = '\u0007';
/** Sequences that a terminal acts on: colors and cursor (CSI), titles and links (OSC), and the short ones. */
const ESCAPES = new RegExp(
  `(?:${ESC}\\[|\u009b)[0-9;?]*[ -/]*[@-~]|${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\)?|${ESC}.?`,
  'g',
);
const TAG = /<[a-zA-Z/!?][^<>]{0,1000}>/g;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi;
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  hellip: '…',
  euro: '€',
  pound: '£',
  yen: '¥',
};

/**
 * A headline as one line of plain text: tags and terminal sequences are taken out, entities written out once, controls, marks
 * of direction and invisible characters dropped, white space made single, 500 characters at most.
 */
export function plainText(markup: string): string {
  const bare = markup.slice(0, LOOKED_AT).replace(ESCAPES, ' ').replace(TAG, ' ');
  const written = bare.replace(ENTITY, (entity, decimal, hex, name) => {
    if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? entity;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
  // An entity may have written an escape character, so the terminal's part is looked for again.
  const line = withoutHarm(written.replace(ESCAPES, ' ')).replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${withoutHarm(line.slice(0, LONGEST - 1)).trimEnd()}…`;
}

/** A name of a source or an item: as `plainText`, and never longer than a file's line should be. */
export function plainName(text: string, longest: number): string {
  return withoutHarm(plainText(text).slice(0, longest)).trim();
}
