import { BugError } from './errors.js';
import { visible } from './text.js';

/** Where a spreadsheet would begin a formula: at the start of a cell, or of what it takes for one (some cut at `;` or tabs). */
const FORMULA = /(^|[;\t\n])([^\S\n\t]*)(?=[=+\-@＝＋－＠])/g;
const NEEDS_QUOTES = /[",\r\n]/;
/** Anything but letters, digits and marks that mean nothing anywhere: most cells have none and are looked at once. */
const SPECIAL = /[^ !#-*./-:<>?A-~]/;

/**
 * A text cell of a csv file: quoted as RFC 4180 says where it holds a comma, a quote or a line break, with an apostrophe
 * where a spreadsheet would take it for a formula (`=HYPERLINK(…)`), and without what a terminal would act on.
 */
export function csvCell(text: string): string {
  if (!SPECIAL.test(text)) return text;
  const clean = visible(text).replace(FORMULA, "$1'$2");
  const safe = clean.startsWith('\t') ? `'${clean}` : clean;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * A number cell: the shortest decimal that reads back as the same number; empty for a value that does not exist.
 * NaN and infinity are bugs of the caller, because no reader of a csv could tell them from text.
 */
export function csvNumber(value: number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (!Number.isFinite(value)) throw new BugError(`a number in a csv file is finite, was ${value}`);
  return String(value);
}
