import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../../base/errors.js';
import { type Head, readHead } from './head.js';
import { type CheckedJournal, checkJournal, type JournalCheckOptions, type Witness } from './journal-check.js';
import { journalFiles } from './journal-files.js';

/** A book on disk, by the name of its folder: `paper-default`. */
export interface BookPlace {
  readonly name: string;
  readonly folder: string;
}

export interface ReadJournal extends CheckedJournal {
  readonly head: Head | undefined;
}

/** The folders of `home` that hold a journal, by name; `book` is a name with or without its mode. */
export function findBooks(home: string, book: string | undefined): readonly BookPlace[] {
  const root = join(home, 'books');
  const names = existsSync(root) ? readdirSync(root).sort() : [];
  const wanted = names.filter((name) => book === undefined || name === book || name.replace(/^[a-z]+-/, '') === book);
  return wanted
    .map((name) => ({ name, folder: join(root, name) }))
    .filter(({ folder }) => existsSync(join(folder, 'head.json')) || hasJournal(folder));
}

function hasJournal(folder: string): boolean {
  try {
    return journalFiles(folder).length > 0;
  } catch {
    return false;
  }
}

/**
 * Reads and checks the journal of a book while anybody may be writing it; changes nothing. The head is read first: a record
 * that it names was on disk before. A file that is closed and renamed under our eyes is read again.
 */
export function readJournal(
  folder: string,
  options: Pick<JournalCheckOptions, 'onRecord' | 'witnesses'> = {},
): ReadJournal {
  const before = namesOf(folder);
  try {
    const head = readHead(folder);
    const witnesses: Witness[] = [
      ...(options.witnesses ?? []),
      ...(head === undefined ? [] : [{ who: 'head.json', ...head }]),
    ];
    return { ...checkJournal(folder, { ...options, witnesses }), head };
  } catch (error) {
    if (namesOf(folder) !== before && error instanceof FxError) return readJournal(folder, options);
    throw error;
  }
}

function namesOf(folder: string): string {
  return journalFiles(folder)
    .map(({ path }) => path)
    .join();
}
