import { createHash, type Hash, hash as hashOf } from 'node:crypto';
import { FxError } from '../../base/errors.js';
import { damagedAt } from '../damage.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { readAll } from '../write.js';
import { type JournalFile, type JournalSpan, journalFiles } from './journal-files.js';

/** Where a journal stands: number and hash of its last record, and its length in bytes over all its files. */
export interface JournalPosition {
  readonly seq: number;
  readonly hash: string;
  readonly bytes: number;
}

export const JOURNAL_START: JournalPosition = { seq: 0, hash: '', bytes: 0 };

/** Somebody outside the chain who knows one of its records: `head.json`, a snapshot, a hash that a person wrote down. */
export interface Witness {
  /** As a message names it: `head.json`. */
  readonly who: string;
  readonly seq: number;
  readonly hash: string;
}

/** Bytes after the last whole record: what a crash in the middle of a write leaves. */
export interface TornTail {
  readonly path: string;
  /** Offset in that file. */
  readonly byte: number;
  readonly bytes: number;
  /** SHA-256 of those bytes. */
  readonly hash: string;
}

export interface CheckedJournal {
  /** The last whole record. */
  readonly last: JournalPosition;
  readonly spans: readonly JournalSpan[];
  readonly torn: TornTail | undefined;
}

export interface JournalCheckOptions {
  readonly witnesses?: readonly Witness[];
  /** Told the text of each whole record, in order; only valid while it is called. */
  readonly onRecord?: (record: Buffer, seq: number, hash: string) => void;
  readonly fs?: FileCalls;
}

const CHUNK_BYTES = 1 << 20;
const LINE_END = 0x0a;
/** `{"h":"`, 64 hex digits, `","r":`. */
const HASH_FROM = 6;
const HASH_TO = HASH_FROM + 64;
const RECORD_FROM = HASH_TO + 6;
const LINE_START = /^\{"h":"([0-9a-f]{64})","r":\{"v":(\d+),"seq":(\d+),/;

/**
 * Reads a journal from its first record over all its files: every hash, every number, every link to the record before.
 * Changes nothing. What follows the last whole record of the last file is a torn tail, which a writer may cut.
 *
 * Throws `STATE.DAMAGED` where good records follow a bad one, the chain breaks, or a witness knows a record that is not
 * there: that is no crash, and nothing may be built on it.
 */
export function checkJournal(folder: string, options: JournalCheckOptions = {}): CheckedJournal {
  const fs = options.fs ?? REAL_FILES;
  const chain = new Chain(options.witnesses ?? [], options.onRecord);
  const files = journalFiles(folder, fs);
  const spans = files.map((file, place) => chain.read(file, place === files.length - 1, fs));
  chain.requireWitnesses(spans.at(-1)?.path ?? `${folder}/journal.ndjson`);
  return { last: chain.last, spans, torn: chain.torn };
}

class Chain {
  last: JournalPosition = JOURNAL_START;
  torn: TornTail | undefined;
  readonly #witnesses: ReadonlyMap<number, readonly Witness[]>;
  readonly #onRecord: JournalCheckOptions['onRecord'];
  /** Offset of the file that is being read. */
  #base = 0;

  constructor(witnesses: readonly Witness[], onRecord: JournalCheckOptions['onRecord']) {
    this.#witnesses = bySeq(witnesses);
    this.#onRecord = onRecord;
  }

  read(file: JournalFile, isLast: boolean, fs: FileCalls): JournalSpan {
    const { path, firstSeq } = file;
    const base = this.last.bytes;
    const first = this.last.seq + 1;
    this.#base = base;
    if (firstSeq !== undefined && firstSeq !== first) {
      throw this.#damaged(path, 0, `it begins with record ${firstSeq}, the file before it ends with ${this.last.seq}`);
    }
    const fd = fs.openSync(path, 'r');
    try {
      this.#lines(fd, path, fs);
    } finally {
      fs.closeSync(fd);
    }
    const bytes = this.last.bytes - base;
    // Closed files were whole before they were closed: what is torn in one was damaged later.
    if (this.torn !== undefined && (firstSeq !== undefined || !isLast)) {
      throw this.#damaged(path, this.torn.byte, 'a closed file does not end with a whole record');
    }
    return { ...file, first, base, bytes };
  }

  #lines(fd: number, path: string, fs: FileCalls): void {
    const tail = new Tail(path);
    for (const { line, from, ended } of linesOf(fd, fs)) {
      const record = ended ? recordOf(line, path) : undefined;
      if (record === undefined) tail.add(line, from, ended);
      else if (tail.from !== undefined) {
        throw this.#damaged(path, tail.from, 'a record that is not whole stands before others that are');
      } else this.#link(record, path, from, line.length + 1);
    }
    this.torn = tail.end();
  }

  #link(record: Link, path: string, from: number, length: number): void {
    const { last } = this;
    if (record.seq !== last.seq + 1 || record.prev !== last.hash) {
      throw this.#damaged(path, from, `record ${record.seq} does not follow record ${last.seq}`);
    }
    this.last = { seq: record.seq, hash: record.hash, bytes: this.#base + from + length };
    for (const { who, hash } of this.#witnesses.get(record.seq) ?? []) {
      if (hash === record.hash) continue;
      throw damagedAt({ path, byte: from, record: record.seq }, `it is not the record ${record.seq} that ${who} knows`);
    }
    this.#onRecord?.(record.text, record.seq, record.hash);
  }

  requireWitnesses(path: string): void {
    const newest = [...this.#witnesses.values()].flat().sort((a, b) => b.seq - a.seq)[0];
    if (newest === undefined || newest.seq <= this.last.seq) return;
    const what = `records are missing: ${newest.who} knows of record ${newest.seq}, the last whole one is ${this.last.seq}`;
    throw this.#damaged(path, this.last.bytes - this.#base, what);
  }

  #damaged(path: string, byte: number, what: string): FxError {
    return damagedAt({ path, byte, record: this.last.seq + 1 }, what);
  }
}

function bySeq(witnesses: readonly Witness[]): ReadonlyMap<number, readonly Witness[]> {
  const map = new Map<number, Witness[]>();
  for (const one of witnesses) map.set(one.seq, [...(map.get(one.seq) ?? []), one]);
  return map;
}

/** Gathers what follows the last whole record. */
class Tail {
  from: number | undefined;
  readonly #path: string;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(line: Buffer, from: number, ended: boolean): void {
    this.from ??= from;
    this.#hash.update(line);
    if (ended) this.#hash.update('\n');
    this.#bytes += line.length + (ended ? 1 : 0);
  }

  end(): TornTail | undefined {
    if (this.from === undefined) return undefined;
    return { path: this.#path, byte: this.from, bytes: this.#bytes, hash: this.#hash.digest('hex') };
  }
}

interface Line {
  readonly line: Buffer;
  readonly from: number;
  readonly ended: boolean;
}

function* linesOf(fd: number, fs: FileCalls): Generator<Line> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  let start = 0;
  for (;;) {
    const read = readAll(fd, chunk, start + rest.length, fs);
    if (read === 0) break;
    const bytes = rest.length === 0 ? chunk.subarray(0, read) : Buffer.concat([rest, chunk.subarray(0, read)]);
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
  readonly text: Buffer;
}

/** The link of a line whose hash is that of its record; undefined for any other line. The text is hashed as it stands. */
function recordOf(line: Buffer, path: string): Link | undefined {
  const start = LINE_START.exec(line.toString('latin1', 0, RECORD_FROM + 40));
  if (start === null || line.at(-1) !== 0x7d) return undefined;
  const text = line.subarray(RECORD_FROM, -1);
  const [, hash = '', version, seq] = start;
  if (hashOf('sha256', text) !== hash) return undefined;
  if (version !== '1') {
    throw new FxError('STATE.VERSION', {
      message: `record ${seq} of ${path} has version ${version}, this program reads version 1`,
      next: 'use the program version that wrote the book, or begin a new one with --book NAME',
      facts: { path, record: Number(seq), version: Number(version) },
    });
  }
  const prev = /"prev":"([0-9a-f]*)"\}$/.exec(text.toString('latin1', Math.max(0, text.length - 80)))?.[1];
  return prev === undefined ? undefined : { seq: Number(seq), hash, prev, text };
}
