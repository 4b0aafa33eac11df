import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, type JournalOptions } from '../../src/core/state/books/journal.js';

/** 2024-01-02T00:00:00Z. */
export const JOURNAL_TIME = Date.UTC(2024, 0, 2);

/** Folders of books for one test file, all gone at its end. */
export class BookFolders {
  readonly #root = mkdtempSync(join(tmpdir(), 'fxtrade-journal-'));

  make(): string {
    return mkdtempSync(join(this.#root, 'book-'));
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Records `from` to `to`, both included, each safe on disk before the next. */
export function appendRecords(journal: Journal, from: number, to: number): void {
  for (let n = from; n <= to; n++) appendOne(journal, n);
  journal.flush(true);
}

export function appendOne(journal: Journal, n: number): void {
  journal.append(JOURNAL_TIME + n * 1000, n % 3 === 0 ? 'fill' : 'submit', { n, text: `record ${n} "é" \\ ☂` });
}

/** A closed journal of `count` records. */
export function journalOf(folder: string, count: number, options: JournalOptions = {}): void {
  const journal = new Journal(folder, options);
  appendRecords(journal, 1, count);
  journal.close();
}
