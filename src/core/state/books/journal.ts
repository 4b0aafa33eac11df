import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FxError } from '../../base/errors.js';
import { replaceFile } from '../atomic.js';
import { diskError } from '../disk-error.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { checkJournal, damaged, type JournalPosition } from './journal-check.js';
import { FILE_MODE, putOnDisk, readAll, writeAll } from '../write.js';

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
  readonly #fs: FileCalls;
  #position: JournalPosition;
  /** Bytes on disk; more than the position's while a restart catches up. */
  #length: number;
  #buffer = '';
  #buffered = 0;
  /** Set while a write is under way, so it stays set after one that failed: what comes after would stand without what came before. */
  #failed = false;

  /** Checks every record on disk, cuts a torn tail, and goes on after `from`. Throws `STATE.DAMAGED`. */
  constructor(folder: string, from: JournalPosition, generation: number, fs: FileCalls = REAL_FILES) {
    this.#folder = folder;
    this.path = join(folder, 'journal.ndjson');
    this.#position = from;
    this.#generation = generation;
    this.#fs = fs;
    try {
      this.#fd = fs.openSync(this.path, 'a+', FILE_MODE);
    } catch (error) {
      throw diskError(error, 'could not open', this.path);
    }
    try {
      this.#length = this.#recover(from);
    } catch (error) {
      fs.closeSync(this.#fd);
      throw diskError(error, 'could not read', this.path);
    }
  }

  #recover(from: JournalPosition): number {
    const last = checkJournal(this.#fd, this.path, from, this.#fs);
    const head = this.#headSeq();
    if (head > last.seq) throw damaged(this.path, last.bytes, `records are missing: head.json knows of ${head}`);
    if (this.#fs.fstatSync(this.#fd).size > last.bytes) this.#fs.ftruncateSync(this.#fd, last.bytes);
    return last.bytes;
  }

  /** Number of the last record that is known to have been safe on disk. */
  #headSeq(): number {
    const path = join(this.#folder, 'head.json');
    let text: string;
    try {
      text = this.#fs.readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
    const seq = Number(/"seq":(\d+)/.exec(text)?.[1]);
    if (!Number.isInteger(seq)) throw damaged(path, 0, 'it names no record');
    return seq;
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
    readAll(this.#fd, bytes, start, this.#fs);
    const lines = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '');
    return lines.map((line) => (JSON.parse(line) as { r: Record<string, unknown> }).r);
  }

  /** Puts what was gathered on disk, and with `sync` waits until it is safe there. */
  flush(sync: boolean): void {
    if (this.#failed) return;
    this.#failed = true;
    putOnDisk({ fd: this.#fd, path: this.path, fs: this.#fs }, () => this.#write(), sync);
    this.#failed = false;
  }

  #write(): void {
    if (this.#buffer === '') return;
    const bytes = Buffer.from(this.#buffer, 'utf8');
    const start = this.#position.bytes - this.#buffered;
    this.#buffer = '';
    this.#buffered = 0;
    const known = Math.min(bytes.length, Math.max(0, this.#length - start));
    if (known > 0) this.#compare(bytes.subarray(0, known), start);
    if (known === bytes.length) return;
    try {
      writeAll(this.#fd, bytes.subarray(known), this.#fs);
    } catch (error) {
      this.#cutBack();
      throw error;
    }
    this.#length = start + bytes.length;
  }

  /** Takes back a part of a line that a full disk left; where that fails too, the next start does it. */
  #cutBack(): void {
    try {
      this.#fs.ftruncateSync(this.#fd, this.#length);
    } catch {
      return;
    }
  }

  /** Replaces `head.json`, which finds missing last records that a chain of hashes cannot. After a flush with `sync`. */
  head(): void {
    const { seq, hash } = this.#position;
    const head = { version: 1, seq, h: hash, generation: this.#generation };
    replaceFile(join(this.#folder, 'head.json'), `${JSON.stringify(head)}\n`, this.#fs);
  }

  close(): void {
    try {
      this.flush(true);
    } finally {
      this.#fs.closeSync(this.#fd);
    }
  }

  #compare(made: Buffer, start: number): void {
    const onDisk = Buffer.alloc(made.length);
    readAll(this.#fd, onDisk, start, this.#fs);
    if (onDisk.equals(made)) return;
    let at = 0;
    while (made[at] === onDisk[at]) at++;
    const line = made.lastIndexOf(0x0a, Math.max(0, at - 1)) + 1;
    const [now, before] = [made, onDisk].map((bytes) => toldOf(bytes.subarray(at === 0 ? 0 : line)));
    throw new FxError('STATE.DIVERGED', {
      message: `this run does not repeat the journal ${this.path} at byte ${start + line}: ${before} before, ${now} now`,
      next: 'the strategy is not deterministic, or the program changed since: begin a new book with --book NAME',
      facts: { path: this.path, byte: start + line },
    });
  }
}

/** Kind and time of the first record of some lines, for a message. */
function toldOf(lines: Buffer): string {
  const text = lines.toString('utf8', 0, 400);
  const [, seq, ts, type] = /"seq":(\d+),"ts":"([^"]*)","type":"([^"]*)"/.exec(text) ?? [];
  return seq === undefined ? 'another record' : `${type} (record ${seq}, ${ts})`;
}
