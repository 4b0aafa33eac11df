/** Text that is already safe to stand in a page. Only `html` and `join` make it. */
export class Markup {
  constructor(readonly text: string) {}
}

type Piece = string | number | Markup | readonly Markup[];

/**
 * A piece of a page. Every string put in is escaped, so that a strategy's name or a trade's reason can never become
 * markup; only other `html` pieces pass as they are.
 */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  let text = parts[0] ?? '';
  for (const [i, piece] of pieces.entries()) text += textOf(piece) + (parts[i + 1] ?? '');
  return new Markup(text);
}

/** Pieces one after the other. */
export function join(pieces: readonly Markup[]): Markup {
  return new Markup(pieces.map((piece) => piece.text).join(''));
}

/** Our own constant text, unchanged: style sheet and script. Never call it with data. */
export function constant(text: string): Markup {
  return new Markup(text);
}

/** Nothing. */
export const nothing = new Markup('');

/**
 * `text` with the five characters that mean something in markup replaced. Control characters, invisible ones and those that
 * turn the direction of reading are left out; tabs and line ends stay.
 */
export function escapeHtml(text: string): string {
  return text.replace(UNSAFE, (char) => ENTITIES[char] ?? (/[\t\n]/.test(char) ? char : ''));
}

const UNSAFE = /[&<>"']|\p{Cc}|\p{Bidi_Control}|\p{Default_Ignorable_Code_Point}|[\u2028\u2029]/gu;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function textOf(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'string') return escapeHtml(piece);
  if (typeof piece === 'number') return String(piece);
  return piece.map((each) => each.text).join('');
}
