const ESC = '\u001b';

/** The codes that our own colours are made of; others could hide text (`8`) or make it blink. */
const COLORS = `${ESC}\\[(?:[12]|22|3[1-6]|39)m`;
/**
 * Characters that a terminal acts on, that reorder a line so that it reads as something else, or that nobody sees: controls,
 * marks of direction, zero-width and other invisible ones, halves of a pair.
 */
const HARMFUL = '[\\p{Cc}\\p{Bidi_Control}\\p{Default_Ignorable_Code_Point}\\p{Cs}\\u2028\\u2029\\ufff9-\\ufffb]';
const ACTING = new RegExp(`${COLORS}|${HARMFUL}`, 'gu');
const HARMFUL_ALL = new RegExp(HARMFUL, 'gu');

/**
 * `text` with every character that a terminal would act on written out (`\x1b`), so that text from a file or the network
 * cannot move the cursor, change the title or hide a line. New lines and tabs stay; colour sequences stay when `colors`.
 */
export function visible(text: string, colors = false): string {
  return text.replace(ACTING, (found) => {
    if (found === '\n' || found === '\t') return found;
    return colors && found.startsWith(`${ESC}[`) ? found : escaped(found);
  });
}

/** As `visible`, and on one line: for names, reasons and cells that come from files. */
export function oneLine(text: string): string {
  return text.replace(ACTING, escaped);
}

/** `text` without the characters that `oneLine` writes out: for outside text that is kept, where what they were does not matter. */
export function withoutHarm(text: string): string {
  return text.replace(HARMFUL_ALL, (char) => (/\p{Cc}|[\u2028\u2029]/u.test(char) ? ' ' : ''));
}

/**
 * `value` as JSON in one line without any character that a terminal would act on: they are written as JSON's own escapes, so
 * the text reads back as the same value. For files that people look at with `cat`, and for stdout. Undefined as `JSON.stringify`.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  // JSON itself writes the controls below the space as escapes.
  if (!/[\x7f-\uffff]/.test(text)) return text;
  return text.replace(HARMFUL_ALL, (char) => (char === '\n' ? char : char.split('').map(unit).join('')));
}

/** Half a character as JSON writes it. */
function unit(half: string): string {
  return `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function escaped(found: string): string {
  return found.replace(/./su, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    if (code > 0xffff) return `\\u{${code.toString(16)}}`;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
