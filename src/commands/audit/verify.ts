import { FxError } from '../../core/base/errors.js';
import { type BookPlace, type ReadJournal, readJournal } from '../../core/state/books/journal-reader.js';

/** What is known of one journal. `intact`: what is there is what was written. `complete`: nothing is missing at its end. */
export interface VerifiedBook {
  readonly book: string;
  readonly records: number;
  readonly files: number;
  readonly bytes: number;
  readonly intact: boolean;
  readonly complete: boolean;
  /** Hash of the last record: write it down elsewhere, and `--head` proves later that nothing before it changed. */
  readonly head: string | null;
  /** Number of the record that `--head` named. */
  readonly anchor: number | null;
  /** Why completeness is not proven. */
  readonly findings: readonly string[];
  readonly damage: Damage | null;
}

export interface Damage {
  readonly path: string;
  readonly byte: number | null;
  readonly record: number | null;
  readonly message: string;
  readonly repair: string | null;
}

/** Checks one book. Damage is told, not thrown, so that the other books are checked too; an unknown version is thrown. */
export function verifyBook({ name, folder }: BookPlace, anchor: string | undefined): VerifiedBook {
  let anchored: number | null = null;
  const onRecord = (_: Buffer, seq: number, hash: string): void => {
    if (hash === anchor) anchored = seq;
  };
  try {
    const journal = readJournal(folder, anchor === undefined ? {} : { onRecord });
    const { last, spans } = journal;
    const findings = findingsOf(journal, anchored);
    const sound = { intact: true, complete: findings.length === 0, head: last.hash === '' ? null : last.hash };
    return {
      book: name,
      records: last.seq,
      files: spans.length,
      bytes: last.bytes,
      ...sound,
      anchor: anchored,
      findings,
      damage: null,
    };
  } catch (error) {
    if (!(error instanceof FxError) || error.code !== 'STATE.DAMAGED') throw error;
    return damagedBook(name, error);
  }
}

function damagedBook(book: string, error: FxError): VerifiedBook {
  const { path, byte, record, repair } = error.facts;
  const damage: Damage = {
    path: String(path),
    byte: typeof byte === 'number' ? byte : null,
    record: typeof record === 'number' ? record : null,
    message: error.message,
    repair: typeof repair === 'string' ? repair : null,
  };
  const whole = damage.record === null ? 0 : damage.record - 1;
  const unknown = { files: 0, bytes: 0, head: null, anchor: null, findings: [] };
  return { book, records: whole, ...unknown, intact: false, complete: false, damage };
}

/** What keeps the end of an intact journal from being proven. A record that a person wrote down proves all before it. */
function findingsOf({ head, last, torn }: ReadJournal, anchored: number | null): string[] {
  const findings: string[] = [];
  const proven = Math.max(head?.seq ?? 0, anchored ?? 0);
  if (torn !== undefined) {
    findings.push(`a write was cut off: ${torn.bytes} bytes after record ${last.seq}, which the next start removes`);
  }
  if (head === undefined && anchored !== last.seq) findings.push('head.json is missing, so last records could be too');
  else if (proven < last.seq) {
    findings.push(`head.json knows of record ${proven} only: records after ${last.seq} could be missing unnoticed`);
  }
  return findings;
}

/** The anchor is in none of the books that were asked for: something was cut off or rewritten, or it is another book's. */
export function unknownAnchor(hash: string, books: readonly VerifiedBook[]): FxError {
  const names = books.map(({ book }) => book).join(', ');
  return new FxError('STATE.ANCHOR', {
    message: `no record of ${names} has the hash ${hash}: records were removed or rewritten since it was written down`,
    next: 'check the hash and the book’s name; if both are right, restore the book folder from a backup',
    facts: { head: hash, books: books.map(({ book }) => book) },
  });
}
