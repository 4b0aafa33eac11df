import { BugError } from './errors.js';

/** A spreadsheet takes a cell that starts with one of these for a formula and would run it. */
const FORMULA_START = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;
/** Any character of the two above: most cells have none and are looked at once. */
const SPECIAL = /[=+\-@\t\r",\n]/;

/**
 * A text cell of a csv file: quoted as RFC 4180 says where it holds a comma, a quote or a line break, and with a leading
 * apostrophe where a spreadsheet would take it for a formula (`=HYPERLINK(…)`).
 */
export function csvCell(text: string): string {
  if (!SPECIAL.test(text)) return text;
  const safe = FORMULA_START.test(text) ? `'${text}` : text;
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
