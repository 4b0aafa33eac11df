import { join } from 'node:path';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { readAll } from '../write.js';

export const OPEN_JOURNAL = 'journal.ndjson';
const CLOSED = /^journal-(\d{12})\.ndjson$/;

/** One file of a journal; closed ones are read-only and come before the open one. */
export interface JournalFile {
  readonly path: string;
  /** Number of its first record, as its name says; undefined for the open one. */
  readonly firstSeq: number | undefined;
}

/** One file of a journal and its place in the whole, whose bytes are counted over all files. */
export interface JournalSpan extends JournalFile {
  /** Number of its first record, or of the one that would be. */
  readonly first: number;
  /** Offset of its first byte in the whole journal. */
  readonly base: number;
  /** Bytes of whole records. */
  readonly bytes: number;
}

export function closedName(firstSeq: number): string {
  return `journal-${String(firstSeq).padStart(12, '0')}.ndjson`;
}

/** The files of a journal in the order of their records; the open one last, if it is there. */
export function journalFiles(folder: string, fs: FileCalls = REAL_FILES): JournalFile[] {
  const names = fs.readdirSync(folder);
  const closed = names
    .flatMap((name) => {
      const seq = CLOSED.exec(name)?.[1];
      return seq === undefined ? [] : [{ path: join(folder, name), firstSeq: Number(seq) }];
    })
    .sort((a, b) => a.firstSeq - b.firstSeq);
  return names.includes(OPEN_JOURNAL) ? [...closed, { path: join(folder, OPEN_JOURNAL), firstSeq: undefined }] : closed;
}

/** The bytes from `start` to `end` of the whole journal, out of as many files as they stand in. */
export function readSpans(spans: readonly JournalSpan[], start: number, end: number, fs: FileCalls): Buffer {
  const into = Buffer.alloc(Math.max(0, end - start));
  for (const { path, base, bytes } of spans) {
    const from = Math.max(start, base);
    const to = Math.min(end, base + bytes);
    if (from >= to) continue;
    const fd = fs.openSync(path, 'r');
    try {
      readAll(fd, into.subarray(from - start, to - start), from - base, fs);
    } finally {
      fs.closeSync(fd);
    }
  }
  return into;
}
