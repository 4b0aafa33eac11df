import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMs } from '../../model/ids.js';

/** What is known of a book from its folder alone, as far as it can be read: for commands that must work when little else does. */
export interface BookFacts {
  /** Folder name: `live-101-004-1-001`. */
  readonly name: string;
  readonly folder: string;
  /** `paper`, `live`. */
  readonly mode: string;
  /** The name without its mode. */
  readonly book: string;
  /** `replay`, `realtime`, `live`; undefined where the binding cannot be read. */
  readonly kind: string | undefined;
  readonly strategy: string | undefined;
  readonly params: Readonly<Record<string, string | number | boolean>>;
  readonly arguments: Readonly<Record<string, string>>;
}

/** The books of a home, by name; `wanted` is a name with or without its mode. A home without books has none. */
export function bookFacts(home: string, wanted?: string): readonly BookFacts[] {
  const root = join(home, 'books');
  let names: string[];
  try {
    names = readdirSync(root).sort();
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const [, mode = '', book = ''] = /^([a-z]+)-(.+)$/.exec(name) ?? [];
    if (book === '' || (wanted !== undefined && wanted !== name && wanted !== book)) return [];
    const folder = join(root, name);
    if (!existsSync(join(folder, 'book.json')) && !existsSync(join(folder, 'journal.ndjson'))) return [];
    return [{ name, folder, mode, book, ...bindingOf(folder) }];
  });
}

function bindingOf(folder: string): Pick<BookFacts, 'kind' | 'strategy' | 'params' | 'arguments'> {
  let value: Readonly<Record<string, unknown>> = {};
  try {
    value = JSON.parse(readFileSync(join(folder, 'book.json'), 'utf8')) ?? {};
  } catch {
    // A book whose binding is damaged still has a journal and a lock.
  }
  const text = (key: string) => (typeof value[key] === 'string' ? value[key] : undefined);
  const map = (key: string) => (typeof value[key] === 'object' && value[key] !== null ? value[key] : {});
  return {
    kind: text('kind'),
    strategy: text('strategy'),
    params: map('params') as BookFacts['params'],
    arguments: map('arguments') as BookFacts['arguments'],
  };
}

/** When the journal of a book was written last, ms since 1970; 0 where there is none. */
export function journalWrittenAt(folder: string): number {
  try {
    return statSync(join(folder, 'journal.ndjson')).mtimeMs;
  } catch {
    return 0;
  }
}

/** Ids of the questions of a book that somebody may still answer, by the files of `approvals/` alone. */
export function waitingApprovals(folder: string, now: EpochMs): readonly string[] {
  let names: string[];
  try {
    names = readdirSync(join(folder, 'approvals')).sort();
  } catch {
    return [];
  }
  const there = new Set(names);
  return names.flatMap((name) => {
    const id = /^([A-Za-z0-9][A-Za-z0-9-]*)\.json$/.exec(name)?.[1];
    const isQuestion = id !== undefined && id !== 'prices' && !there.has(`${id}.decision.json`);
    return isQuestion && !(expiryOf(join(folder, 'approvals', name)) <= now) ? [id] : [];
  });
}

/** NaN for a question that cannot be read: it stays in sight. */
function expiryOf(path: string): EpochMs {
  try {
    return Number((JSON.parse(readFileSync(path, 'utf8')) as { readonly expiresAt?: unknown } | null)?.expiresAt);
  } catch {
    return Number.NaN;
  }
}
