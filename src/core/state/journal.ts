import { createHash } from 'node:crypto';
import { ftruncateSync } from 'node:fs';
import { join } from 'node:path';
import { FxError } from '../base/errors.js';
import { replaceFile } from './atomic.js';
import { diskError } from './disk-error.js';
import { REAL_FILES } from './file-calls.js';
import { FILE_MODE, writeAll } from './write.js';

/** Where a journal stands: number and hash of its last record, and its length in bytes. */
export interface JournalPosition {
  readonly seq: number;
  readonly hash: string;
  readonly bytes: number;
}

export const JOURNAL_START: JournalPosition = { seq: 0, hash: '', bytes: 0 };

/** Text gathered before it goes to disk; a session flushes before it acts. */
const BUFFER_CHARS = 1 << 18;

/**
 * The ledger and audit trail of a book: one JSON line a record, each holding the hash of the one before.
 * `{"h":"<sha256 of r>","r":{"v":1,"seq":n,"ts":…,"type":…,…,"prev":"<h of n−1>"}}`; hashed as the bytes that are written.
 *
 * A restart goes back to a snapshot and works the bars after it again. The records it makes are then compared with those on
 * disk before any is added: no decision stands twice, and a run that does not repeat itself is found out at the first byte.
 */
export class Journal {
  readonly path: string;
  readonly #folder: string;
  readonly #fd: number;
  readonly #generation: number;
  #position: JournalPosition;
  /** Bytes on disk; more than the position's while a restart catches up. */
  #length: number;
  #buffer = '';
  #buffered = 0;

  constructor(folder: string, from: JournalPosition, generation: number) {
    this.#folder = folder;
    this.path = join(folder, 'journal.ndjson');
    this.#position = from;
    this.#generation = generation;
    try {
      this.#fd = REAL_FILES.openSync(this.path, 'a+', FILE_MODE);
      this.#length = cutTornTail(this.#fd, from.bytes);
    } catch (error) {
      throw diskError(error, 'could not open', this.path);
    }
    if (this.#length < from.bytes) {
      throw new FxError('STATE.DAMAGED', {
        message: `${this.path} has ${this.#length} bytes, its snapshot knows of ${from.bytes}: records are missing`,
        next: 'restore the book folder from a backup, or move it away to begin a new book',
        facts: { path: this.path, bytes: this.#length, expectedBytes: from.bytes },
      });
    }
  }

  get position(): JournalPosition {
    return this.#position;
  }

  append(ts: number, type: string, fields: object): void {
    const { seq, hash } = this.#position;
    const record = JSON.stringify({ v: 1, seq: seq + 1, ts: new Date(ts).toISOString(), type, ...fields, prev: hash });
    const h = createHash('sha256').update(record).digest('hex');
    const line = `{"h":"${h}","r":${record}}\n`;
    this.#buffer += line;
    const bytes = Buffer.byteLength(line);
    this.#buffered += bytes;
    this.#position = { seq: seq + 1, hash: h, bytes: this.#position.bytes + bytes };
    if (this.#buffer.length >= BUFFER_CHARS) this.flush(false);
  }

  /** The whole records on disk after the position that this journal was opened at: what a crash left to do again. */
  tail(): readonly Readonly<Record<string, unknown>>[] {
    const start = this.#position.bytes;
    const bytes = Buffer.alloc(Math.max(0, this.#length - start));
    REAL_FILES.readSync(this.#fd, bytes, 0, bytes.length, start);
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { r: Record<string, unknown> }).r);
  }

  /** Puts what was gathered on disk, and with `sync` waits until it is safe there. */
  flush(sync: boolean): void {
    if (this.#buffer !== '') {
      const bytes = Buffer.from(this.#buffer, 'utf8');
      const start = this.#position.bytes - this.#buffered;
      this.#buffer = '';
      this.#buffered = 0;
      const known = Math.min(bytes.length, Math.max(0, this.#length - start));
      if (known > 0) this.#compare(bytes.subarray(0, known), start);
      if (known < bytes.length) {
        try {
          writeAll(this.#fd, bytes.subarray(known));
        } catch (error) {
          throw diskError(error, 'could not write', this.path);
        }
        this.#length = start + bytes.length;
      }
    }
    if (sync) REAL_FILES.fsyncSync(this.#fd);
  }

  /** Replaces `head.json`, which finds missing last records that a chain of hashes cannot. After a flush with `sync`. */
  head(): void {
    const { seq, hash } = this.#position;
    const head = { version: 1, seq, h: hash, generation: this.#generation };
    replaceFile(join(this.#folder, 'head.json'), `${JSON.stringify(head)}\n`);
  }

  close(): void {
    this.flush(true);
    REAL_FILES.closeSync(this.#fd);
  }

  #compare(made: Buffer, start: number): void {
    const onDisk = Buffer.alloc(made.length);
    REAL_FILES.readSync(this.#fd, onDisk, 0, made.length, start);
    if (onDisk.equals(made)) return;
    let at = 0;
    while (made[at] === onDisk[at]) at++;
    throw new FxError('STATE.DIVERGED', {
      message: `this run does not repeat the journal ${this.path}: they differ at byte ${start + at}`,
      next: 'the strategy is not deterministic, or the program changed since: begin a new book with --book NAME',
      facts: { path: this.path, byte: start + at },
    });
  }
}

/** Cuts off a last line without its end, which a crash leaves; never before `keep`. Returns the length that is left. */
function cutTornTail(fd: number, keep: number): number {
  const size = REAL_FILES.fstatSync(fd).size;
  const window = Buffer.alloc(Math.min(size, 1 << 20));
  REAL_FILES.readSync(fd, window, 0, window.length, size - window.length);
  const end = window.lastIndexOf(0x0a);
  const good = size - window.length + end + 1;
  if (good >= size || good < keep) return size;
  ftruncateSync(fd, good);
  return good;
}
