import { createHash } from 'node:crypto';
import { FxError } from '../../base/errors.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { readAll } from '../write.js';

/** Where a journal stands: number and hash of its last record, and its length in bytes. */
export interface JournalPosition {
  readonly seq: number;
  readonly hash: string;
  readonly bytes: number;
}

export const JOURNAL_START: JournalPosition = { seq: 0, hash: '', bytes: 0 };

const CHUNK_BYTES = 1 << 20;
const LINE_END = 0x0a;
/** `{"h":"`, 64 hex digits, `","r":`. */
const HASH_FROM = 6;
const HASH_TO = HASH_FROM + 64;
const RECORD_FROM = HASH_TO + 6;

/**
 * Reads a journal from its first record: every hash, every number, every link to the record before. Returns where the last
 * whole record ends; what follows it is a torn tail (a crash in the middle of a write), which the caller may cut.
 *
 * Throws `STATE.DAMAGED` where good records follow a bad one, the chain breaks, or `known` is no record of this journal:
 * that is no crash, and nothing may be built on it.
 */
export function checkJournal(
  fd: number,
  path: string,
  known: JournalPosition,
  fs: FileCalls = REAL_FILES,
): JournalPosition {
  let last = JOURNAL_START;
  let badAt: number | undefined;
  let met = known.bytes === 0;
  for (const { line, from, ended } of linesOf(fd, fs)) {
    const record = ended ? recordOf(line) : undefined;
    if (record === undefined) {
      badAt ??= from;
      continue;
    }
    if (badAt !== undefined) throw damaged(path, badAt, 'a record that is not whole stands before others that are');
    if (record.seq !== last.seq + 1 || record.prev !== last.hash) {
      throw damaged(path, from, `record ${record.seq} does not follow record ${last.seq}`);
    }
    last = { seq: record.seq, hash: record.hash, bytes: from + line.length + 1 };
    if (last.bytes !== known.bytes) continue;
    if (last.hash !== known.hash) throw damaged(path, from, 'it is not the journal that the snapshot was taken with');
    met = true;
  }
  if (!met) throw damaged(path, last.bytes, `records are missing: the snapshot knows of ${known.bytes} bytes`);
  return last;
}

interface Line {
  readonly line: Buffer;
  readonly from: number;
  readonly ended: boolean;
}

function* linesOf(fd: number, fs: FileCalls): Generator<Line> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  let start = 0;
  for (;;) {
    const read = readAll(fd, chunk, start + rest.length, fs);
    if (read === 0) break;
    const bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
    let from = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, from)) {
      yield { line: bytes.subarray(from, end), from: start + from, ended: true };
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
    start += from;
  }
  if (rest.length > 0) yield { line: rest, from: start, ended: false };
}

interface Link {
  readonly seq: number;
  readonly hash: string;
  readonly prev: string;
}

/** The link of a line whose hash is that of its record; undefined for any other line. The text is hashed as it stands. */
function recordOf(line: Buffer): Link | undefined {
  const head = line.toString('latin1', 0, RECORD_FROM + 40);
  const record = line.subarray(RECORD_FROM, -1);
  const hash = head.slice(HASH_FROM, HASH_TO);
  const seq = /^\{"h":"[0-9a-f]{64}","r":\{"v":1,"seq":(\d+),/.exec(head)?.[1];
  if (seq === undefined || line.at(-1) !== 0x7d) return undefined;
  if (createHash('sha256').update(record).digest('hex') !== hash) return undefined;
  const prev = /"prev":"([0-9a-f]*)"\}$/.exec(record.toString('latin1', Math.max(0, record.length - 80)))?.[1];
  return prev === undefined ? undefined : { seq: Number(seq), hash, prev };
}

export function damaged(path: string, byte: number, what: string): FxError {
  return new FxError('STATE.DAMAGED', {
    message: `${path} is damaged at byte ${byte}: ${what}`,
    next: 'restore the book folder from a backup, or move it away to begin a new book',
    facts: { path, byte },
  });
}
