import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import { isPlainName } from '../../core/base/names.js';

/** Stored prices are a column file, or the text of a table of fixings; stored rates are a csv, news a JSON object a line. */
export type StoredKind = 'prices' | 'rates' | 'news';

const ENDINGS: Readonly<Record<StoredKind, string>> = { prices: '.fxc', rates: '.rates', news: '.news' };
/** A table of many currencies stays the text that it is: a run takes the pairs from it that it needs. */
const FIXINGS = '.csv';

/** Where imported data lies. */
export function storedFolder(home: string): string {
  return join(home, 'data');
}

/** Where data of that name is, or would be, stored. */
export function storedPath(home: string, name: string, kind: StoredKind): string {
  return join(storedFolder(home), `${name}${ENDINGS[kind]}`);
}

/** Where a table of fixings of that name is, or would be, stored. */
export function storedFixings(home: string, name: string): string {
  return join(storedFolder(home), `${name}${FIXINGS}`);
}

/** Name and kind of a file in the folder; undefined for what is no stored data. */
export function storedName(file: string): { readonly name: string; readonly kind: StoredKind } | undefined {
  const endings = [
    ['prices', ENDINGS.prices],
    ['prices', FIXINGS],
    ['rates', ENDINGS.rates],
    ['news', ENDINGS.news],
  ] as const;
  for (const [kind, ending] of endings) {
    const name = file.slice(0, -ending.length);
    if (file.endsWith(ending) && isName(name)) return { name, kind };
  }
  return undefined;
}

/** True for a path of stored columns of prices. */
export function isStoredPrices(path: string): boolean {
  return path.endsWith(ENDINGS.prices);
}

/** A file as given, else what `data import` stored under that name, else the path as given (and its error). */
export function located(at: { readonly home: string; readonly cwd: string }, text: string, kind: StoredKind): string {
  const path = resolve(at.cwd, text);
  if (!isName(text) || existsSync(path)) return path;
  const kept = storedPath(at.home, text, kind);
  if (existsSync(kept)) return kept;
  const fixings = storedFixings(at.home, text);
  return kind === 'prices' && existsSync(fixings) ? fixings : path;
}

/** A name is one plain word, so that it can be a file's name everywhere and is never a path. */
export function requireName(name: string): string {
  if (isName(name)) return name;
  throw new FxError('USAGE.BAD_VALUE', {
    message: `--as is ${JSON.stringify(name)}, must be a name of letters, digits, - and _ (64 at most)`,
    next: 'give a name such as --as eurusd-1h',
    facts: { name },
  });
}

function isName(text: string): boolean {
  return isPlainName(text) && !text.includes('.');
}
