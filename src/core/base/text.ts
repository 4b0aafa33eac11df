const ESC = '\u001b';

/** Our own colours, or any control character, or a mark that reorders a line so that it reads as something else. */
const ACTING = new RegExp(`${ESC}\\[[0-9;]*m|[\\p{Cc}\\p{Bidi_Control}\\ufeff\\u2028\\u2029]`, 'gu');

/**
 * `text` with every character that a terminal would act on written out (`\x1b`), so that text from a file or the network
 * cannot move the cursor, change the title or hide a line. New lines and tabs stay; colour sequences stay when `colors`.
 */
export function visible(text: string, colors = false): string {
  return text.replace(ACTING, (found) => {
    if (found === '\n' || found === '\t') return found;
    return colors && found.length > 1 ? found : escaped(found);
  });
}

/** As `visible`, and on one line: for names, reasons and cells that come from files. */
export function oneLine(text: string): string {
  return text.replace(ACTING, escaped);
}

function escaped(found: string): string {
  return found.replace(/./su, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
