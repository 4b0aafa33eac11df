import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { FxError } from '../../base/errors.js';
import { jsonText } from '../../base/text.js';
import { damagedAt } from '../damage.js';
import { diskError } from '../disk-error.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { closeFile, FILE_MODE, syncDir, writeAll } from '../write.js';
import { type Head, NO_RECORDS, readHead, writeHead } from './head.js';
import { type CheckedJournal, checkJournal, type JournalPosition, type Witness } from './journal-check.js';
import { closedName, type JournalSpan, OPEN_JOURNAL, readSpans } from './journal-files.js';

/** Text gathered before it goes to disk; a session flushes before it acts. */
const BUFFER_CHARS = 1 << 18;
/** A file that has grown to this many bytes is closed, and the chain goes on in a new one. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** Closed files are for reading only. */
const CLOSED_MODE = 0o400;

/** What a live journal adds to every record; a repeatable one must not, since its bytes are compared. */
export interface JournalStamp {
  /** Monotonic time, ms. */
  readonly mono: number;
  readonly boot: string;
  /** Which program wrote it. */
  readonly build: string;
  /** Under which settings: the beginning of their hash. Absent where none were read, as in an emergency. */
  readonly config?: string;
}

export interface JournalOptions {
  /**
   * Where the book's snapshot stands: what is appended from here is compared with what is on disk already. Absent: go on
   * after the last record, as a live book does, whose past cannot be repeated.
   */
  readonly from?: JournalPosition;
  /** Time for a `recovered` record, written after a torn tail was cut. Absent for books whose bytes must repeat. */
  readonly recoveredAt?: () => number;
  readonly stamp?: () => JournalStamp;
  readonly segmentBytes?: number;
  /** Called once, with the first failure, before it is thrown: a live session latches a halt. */
  readonly onFailure?: (error: FxError) => void;
  readonly fs?: FileCalls;
}

/** Where in the whole journal a file begins, and the number of its first record. */
interface FileStart {
  readonly bytes: number;
  readonly seq: number;
}

export type JournalRecord = Readonly<Record<string, unknown>>;

/**
 * The ledger and audit trail of a book: one JSON line a record, each holding the hash of the one before.
 * `{"h":"<sha256 of r>","r":{"v":1,"seq":n,"ts":…,"type":…,…,"prev":"<h of n−1>"}}`; hashed as the bytes that are written.
 *
 * A restart goes back to a snapshot and works the bars after it again. The records it makes are then compared with those on
 * disk before any is added: no decision stands twice, and a run that does not repeat itself is found out at the first byte.
 *
 * Who acts on a record appends the whole group, then calls `flush(true)` once: it is on disk, or this throws. After any
 * failure nothing more is written; a second fsync of the same file could report success for bytes that are gone.
 */
export class Journal {
  /** The open file; closed ones stand beside it. */
  readonly path: string;
  /** Counts the openings for writing; a writer that sees a higher one on disk stops. */
  readonly generation: number;
  readonly #folder: string;
  readonly #options: JournalOptions;
  readonly #fs: FileCalls;
  readonly #limit: number;
  #fd = -1;
  /** Something may stand in the file that is not safe on disk yet; of what was there before nobody knows. */
  #isUnsafe = true;
  #spans: readonly JournalSpan[];
  #position: JournalPosition;
  /** The file that the position is in. */
  #fileStart: FileStart;
  /** Bytes on disk; more than the position's while a restart catches up. */
  #length: number;
  /** Last record that `head.json` names. */
  #headSeq: number;
  #buffer = '';
  #buffered = 0;
  #failure: FxError | undefined;

  /**
   * Claims the book for this writer, checks every record on disk, and cuts a torn tail. The caller holds the lock.
   * Throws `STATE.DAMAGED` and changes nothing when what is on disk is not what was written.
   */
  constructor(folder: string, options: JournalOptions = {}) {
    this.#folder = folder;
    this.#options = options;
    this.#fs = options.fs ?? REAL_FILES;
    this.#limit = options.segmentBytes ?? SEGMENT_BYTES;
    this.path = join(folder, OPEN_JOURNAL);
    try {
      const { head, found } = this.#claim();
      this.generation = head.generation;
      this.#headSeq = head.seq;
      this.#length = found.last.bytes;
      this.#position = options.from ?? found.last;
      this.#spans = found.spans;
      this.#fileStart = fileOf(found.spans, this.#position);
      this.#open(found.last.seq + 1);
      this.#recover(found);
    } catch (error) {
      if (this.#fd >= 0) this.#fs.closeSync(this.#fd);
      throw diskError(error, 'could not open', this.path);
    }
  }

  get position(): JournalPosition {
    return this.#position;
  }

  append(ts: number, type: string, fields: object): void {
    if (this.#failure !== undefined) throw this.#failure;
    const { seq, hash, bytes: before } = this.#position;
    const { stamp } = this.#options;
    const stamped = stamp === undefined ? {} : { ...stamp(), generation: this.generation };
    const time = new Date(ts).toISOString();
    // An event carries its time too, as a number; the record has it once, in one form.
    const { ts: _, ...told } = fields as { readonly ts?: unknown };
    const record = jsonText({ v: 1, seq: seq + 1, ts: time, ...stamped, type, ...told, prev: hash });
    const h = createHash('sha256').update(record).digest('hex');
    const line = `{"h":"${h}","r":${record}}\n`;
    this.#buffer += line;
    const bytes = Buffer.byteLength(line);
    this.#buffered += bytes;
    this.#position = { seq: seq + 1, hash: h, bytes: before + bytes };
    // Which record ends a file depends on the records alone, so a run that is repeated cuts at the same places.
    const full = this.#position.bytes - this.#fileStart.bytes >= this.#limit;
    if (full || this.#buffer.length >= BUFFER_CHARS) this.flush(false);
    if (full) this.#guard(() => this.#nextFile());
  }

  /** The whole records on disk after the position: what a crash left to do again, or what a snapshot does not know. */
  tail(): readonly JournalRecord[] {
    return this.recordsAfter(this.#position);
  }

  /** The whole records on disk after `position`, which a snapshot names. */
  recordsAfter(position: JournalPosition): readonly JournalRecord[] {
    const lines = this.#textFrom(position.bytes).split('\n');
    return lines.filter((line) => line !== '').map((line) => (JSON.parse(line) as { r: JournalRecord }).r);
  }

  #textFrom(start: number): string {
    try {
      return readSpans(this.#spans, start, this.#length, this.#fs).toString('utf8');
    } catch (error) {
      throw diskError(error, 'could not read', this.path);
    }
  }

  /** Puts what was gathered on disk, and with `sync` waits until it is safe there. */
  flush(sync: boolean): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#guard(() => {
      this.#write();
      if (!sync || !this.#isUnsafe) return;
      this.#fs.fsyncSync(this.#fd);
      this.#isUnsafe = false;
    });
  }

  /** Replaces `head.json`, which finds missing last records that a chain of hashes cannot. After a flush with `sync`. */
  head(): void {
    const { seq, hash } = this.#position;
    if (seq <= this.#headSeq) return;
    this.#guard(() => writeHead(this.#folder, { seq, hash, generation: this.generation }, this.#fs));
    this.#headSeq = seq;
  }

  /** Makes everything safe and says so in the head. After a failure only the file is closed. */
  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    try {
      if (this.#failure === undefined) {
        this.flush(true);
        if (this.#position.bytes >= this.#length) this.head();
      }
    } finally {
      this.#fd = -1;
      closeFile({ fd, path: this.path, fs: this.#fs });
    }
  }

  /** Runs one step on disk; the first that fails is the last. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      const failure = diskError(error, 'could not write', this.path);
      this.#failure = failure;
      this.#options.onFailure?.(failure);
      throw failure;
    }
  }

  /** Raises the generation, so that a writer of before stops, and reads what is there. */
  #claim(): { head: Head; found: CheckedJournal } {
    const before = readHead(this.#folder, this.#fs);
    const head = { ...(before ?? NO_RECORDS), generation: (before?.generation ?? 0) + 1 };
    if (before !== undefined) writeHead(this.#folder, head, this.#fs);
    const witnesses: Witness[] = [{ who: 'head.json', ...head }];
    const { from } = this.#options;
    if (from !== undefined) witnesses.push({ who: 'the snapshot', ...from });
    const found = checkJournal(this.#folder, { witnesses, fs: this.#fs });
    if (before !== undefined) return { head, found };
    if (found.last.seq > 0) {
      const path = join(this.#folder, 'head.json');
      throw damagedAt({ path, byte: 0 }, `it is not there, and the journal has ${found.last.seq} records`);
    }
    writeHead(this.#folder, head, this.#fs);
    return { head, found };
  }

  /** Opens the file that grows; made, with its name safe in the folder, when it is not there. */
  #open(first: number): void {
    const exists = this.#spans.at(-1)?.path === this.path;
    this.#fd = this.#fs.openSync(this.path, 'a', FILE_MODE);
    this.#isUnsafe = true;
    if (exists) return;
    syncDir(this.#folder, this.#fs);
    this.#spans = [...this.#spans, { path: this.path, firstSeq: undefined, first, base: this.#length, bytes: 0 }];
  }

  /** Does what a crash left undone: a torn tail is cut, a full file is closed. */
  #recover({ torn, last }: CheckedJournal): void {
    for (const { path, firstSeq } of this.#spans) {
      if (firstSeq !== undefined && (this.#fs.statSync(path).mode & 0o222) !== 0) this.#fs.chmodSync(path, CLOSED_MODE);
    }
    if (torn !== undefined) {
      this.#fs.ftruncateSync(this.#fd, torn.byte);
      this.#fs.fsyncSync(this.#fd);
    }
    const open = this.#spans.at(-1);
    if (open !== undefined && open.bytes >= this.#limit) this.#closeFile(open.first, last);
    const { recoveredAt } = this.#options;
    if (torn === undefined || recoveredAt === undefined) return;
    this.append(recoveredAt(), 'recovered', { file: torn.path, byte: torn.byte, bytes: torn.bytes, hash: torn.hash });
    this.flush(true);
    this.head();
  }

  /** After the record that fills a file. While a restart catches up the file was closed before, and only the count goes on. */
  #nextFile(): void {
    const { bytes, seq } = this.#position;
    const { seq: first, bytes: start } = this.#fileStart;
    this.#fileStart = { bytes, seq: seq + 1 };
    const isOpen = this.#spans.at(-1)?.base === start;
    if (isOpen && bytes === this.#length) this.#closeFile(first, this.#position);
  }

  /** Makes the open file a closed one that begins with record `firstSeq`, and begins the next. */
  #closeFile(firstSeq: number, end: JournalPosition): void {
    const fs = this.#fs;
    fs.fsyncSync(this.#fd);
    const fd = this.#fd;
    this.#fd = -1;
    fs.closeSync(fd);
    const path = join(this.#folder, closedName(firstSeq));
    fs.renameSync(this.path, path);
    fs.chmodSync(path, CLOSED_MODE);
    const before = this.#spans.slice(0, -1);
    const base = this.#spans.at(-1)?.base ?? 0;
    this.#spans = [...before, { path, firstSeq, first: firstSeq, base, bytes: end.bytes - base }];
    this.#open(end.seq + 1);
    if (this.#position.bytes === end.bytes) this.#fileStart = { bytes: end.bytes, seq: end.seq + 1 };
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
    this.#requireNewest();
    this.#isUnsafe = true;
    try {
      writeAll(this.#fd, bytes.subarray(known), this.#fs);
    } catch (error) {
      this.#cutBack();
      throw error;
    }
    this.#length = start + bytes.length;
    const open = this.#spans.at(-1);
    if (open !== undefined) this.#spans = [...this.#spans.slice(0, -1), { ...open, bytes: this.#length - open.base }];
  }

  /** A lock can be lost without a word (another machine, a folder that was copied back); the generation tells. */
  #requireNewest(): void {
    const newest = readHead(this.#folder, this.#fs)?.generation;
    if (newest === this.generation) return;
    const what = newest === undefined ? 'head.json is gone' : `another run opened it since (generation ${newest})`;
    throw new FxError('STATE.FENCED', {
      message: `${this.path} is no longer ours to write: ${what}, this run is generation ${this.generation}`,
      next: 'find the other run and stop one of the two, then run the same command again',
      facts: { path: this.path, generation: this.generation, newest: newest ?? null },
    });
  }

  /** Takes back a part of a line that a full disk left; where that fails too, the next start does it. */
  #cutBack(): void {
    const base = this.#spans.at(-1)?.base ?? 0;
    try {
      this.#fs.ftruncateSync(this.#fd, this.#length - base);
    } catch {
      return;
    }
  }

  #compare(made: Buffer, start: number): void {
    const onDisk = readSpans(this.#spans, start, start + made.length, this.#fs);
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

/** The file that `position` goes on in: the one that begins there, else the one it stands in. */
function fileOf(spans: readonly JournalSpan[], position: JournalPosition): FileStart {
  const file = spans.findLast(({ base }) => base <= position.bytes);
  return file === undefined ? { bytes: 0, seq: 1 } : { bytes: file.base, seq: file.first };
}

/** Kind and time of the first record of some lines, for a message. */
function toldOf(lines: Buffer): string {
  const text = lines.toString('utf8', 0, 400);
  const [, seq, ts, type] = /"seq":(\d+),"ts":"([^"]*)",(?:.*?,)?"type":"([^"]*)"/.exec(text) ?? [];
  return seq === undefined ? 'another record' : `${type} (record ${seq}, ${ts})`;
}
