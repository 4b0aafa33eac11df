import type { ErrorCode } from '../../core/base/errors.js';
import type { AssetClass } from '../../core/model/instrument.js';
import { BarBuilder, CHUNK_ROWS, type RowProblem, rowError } from './bar-builder.js';
import {
  cellEnd,
  isPlain,
  lineHasZone,
  readNumber,
  readPlainLine,
  readStamp,
  readTimeOfDay,
  stampHasZone,
} from './cells.js';
import { type CloseOfDate, type Layout, Role } from './layout.js';

const LONGEST_LINE = 1 << 20;
const OTHERS_MAX = 1000;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const SPACE = 0x20;

export interface RowOptions {
  readonly file: string;
  readonly assetClass: AssetClass;
  readonly closeOfDate: CloseOfDate;
  /** Letters and digits in capitals (`EURUSD`): only rows of this symbol; for files with a symbol column. */
  readonly symbol?: string;
  /** Called with each row that cannot be used, which is then left out; without it the first such row throws. */
  readonly onBad?: (problem: RowProblem) => void;
}

/**
 * Turns bytes into columns of checked bars, a chunk at a time: `feed` bytes, then `read` until it is hungry again.
 * No string is made of a good row. Rows stay in the file's order; times are the bars' closes.
 */
export class RowReader {
  readonly bars: BarBuilder;
  /** Line (from 1) of the last row read. */
  line = 0;
  /** Lines of data, blank ones not counted. */
  lines = 0;
  /** Rows whose value is missing (`N/A`, `.`). */
  missing = 0;
  /** Rows of other symbols. */
  foreign = 0;
  /** Those symbols, letters and digits in capitals; no more than a thousand. */
  readonly others = new Set<string>();

  private work = Buffer.alloc(0);
  private from = 0;
  private to = 0;
  private lineStart = 0;
  private readonly roles: Int8Array;
  private readonly plain: boolean;

  constructor(
    private readonly layout: Layout,
    private readonly options: RowOptions,
  ) {
    const used = layout.roles.findLastIndex((role) => role !== Role.skip) + 1;
    this.roles = Int8Array.from(layout.roles.slice(0, used));
    this.plain = isPlain(layout);
    this.bars = new BarBuilder(layout, options.assetClass, options.closeOfDate, (role, code, reason) =>
      this.fail(code, this.roles.indexOf(role), reason),
    );
  }

  /** Adds bytes of the file after those not read yet. `end`: these are the last. */
  feed(bytes: Uint8Array, end: boolean): void {
    const rest = this.to - this.from;
    const need = rest + bytes.length + 1;
    const target = need > this.work.length ? Buffer.allocUnsafe(need + 4096) : this.work;
    this.work.copy(target, 0, this.from, this.to);
    target.set(bytes, rest);
    this.work = target;
    this.from = 0;
    this.to = rest + bytes.length;
    if (end && this.to > 0 && target[this.to - 1] !== NEWLINE) target[this.to++] = NEWLINE;
    if (this.line === 0) this.skipByteOrderMark();
  }

  /** Rows ready in the columns: a full chunk, or what the bytes so far hold. Earlier rows are overwritten. */
  read(): number {
    const { work, bars } = this;
    bars.restart();
    // From zero `lastIndexOf` would look from the buffer's own end, at bytes long read.
    const end = this.to === 0 ? 0 : work.lastIndexOf(NEWLINE, this.to - 1) + 1;
    if (end <= this.from) {
      if (this.to - this.from > LONGEST_LINE) this.fail('DATA.FORMAT', 0, 'no line is longer than 1 MiB');
      return 0;
    }
    let p = this.from;
    while (p < end && bars.length < CHUNK_ROWS) {
      this.line++;
      if (this.line <= this.layout.headerLines) p = work.indexOf(NEWLINE, p) + 1;
      else p = this.readLine(work, p);
    }
    this.from = p;
    return bars.length;
  }

  /** True when whole lines are left that the last `read` had no room for. */
  get hasMore(): boolean {
    return this.bars.length === CHUNK_ROWS;
  }

  private skipByteOrderMark(): void {
    const { work, from } = this;
    if (work[from] === 0xef && work[from + 1] === 0xbb && work[from + 2] === 0xbf) this.from += 3;
  }

  /** Reads the line at `at`; returns where the next one starts. */
  private readLine(work: Buffer, at: number): number {
    const first = work[at];
    if (first === NEWLINE) return at + 1;
    if (first === RETURN && work[at + 1] === NEWLINE) return at + 2;
    const { roles, layout } = this;
    this.lineStart = at;
    this.lines++;
    const plain = this.plain ? readPlainLine(work, at, roles, layout.delimiter, this.bars.cells) : -1;
    return plain < 0 ? this.readCells(work, at) : this.commitPlain(plain);
  }

  private commitPlain(next: number): number {
    this.bars.zoned = lineHasZone;
    this.bars.commit();
    return next;
  }

  /** The long way through a line: quotes, spaces, missing values, and what is wrong with a cell. */
  private readCells(work: Buffer, at: number): number {
    const { roles, layout } = this;
    let p = at;
    const lastColumn = roles.length - 1;
    for (let column = 0; column <= lastColumn; column++) {
      p = this.readCell(work, p, roles[column] ?? 0, column);
      if (p < 0) return this.nextLine();
      const mark = work[p];
      if (mark === layout.delimiter) p++;
      else if (column < lastColumn) {
        if (!this.endsEarly(column)) return this.nextLine();
        break;
      }
    }
    this.bars.commit();
    return work[p - 1] === NEWLINE ? p : work.indexOf(NEWLINE, p) + 1;
  }

  private nextLine(): number {
    return this.work.indexOf(NEWLINE, this.lineStart) + 1;
  }

  /** Reads one cell into `cells`; returns the index of what follows it, or -1 when the row is done with. */
  private readCell(work: Buffer, at: number, role: number, column: number): number {
    let p = at;
    if (role === Role.skip) return this.skipCell(work, p);
    while (work[p] === SPACE) p++;
    const quoted = work[p] === QUOTE;
    if (quoted) p++;
    if (role === Role.symbol) return this.matchSymbol(work, at);
    let value: number;
    if (role === Role.time) value = this.readTime(work, p);
    else if (role === Role.timeOfDay) value = readTimeOfDay(work, p);
    else value = readNumber(work, p);
    let end = cellEnd;
    const open = quoted && work[end] !== QUOTE;
    if (quoted && !open) end++;
    while (work[end] === SPACE) end++;
    const mark = work[end];
    if (open || Number.isNaN(value) || (mark !== this.layout.delimiter && mark !== NEWLINE && mark !== RETURN)) {
      return this.oddCell(work, at, role, column);
    }
    this.bars.cells[role] = value;
    return end;
  }

  private readTime(work: Buffer, at: number): number {
    const { dayStart } = this.layout;
    if (dayStart !== undefined) return dayStart + readNumber(work, at);
    const time = readStamp(work, at);
    this.bars.zoned = stampHasZone;
    return time;
  }

  private skipCell(work: Buffer, at: number): number {
    const { delimiter } = this.layout;
    let p = at;
    if (work[p] === QUOTE) {
      p++;
      while (work[p] !== QUOTE && work[p] !== NEWLINE) p++;
    }
    let byte = work[p];
    while (byte !== delimiter && byte !== NEWLINE) byte = work[++p];
    return p;
  }

  /** A cell that is no number: a missing value where those are allowed or it is the volume; else the row is bad. */
  private oddCell(work: Buffer, at: number, role: number, column: number): number {
    const end = this.skipCell(work, at);
    const text = work.toString('latin1', at, end).trim().replace(/^"|"$/g, '');
    const empty = /^(|\.|-|n\/?a|#n\/a|nan|nd|null|none)$/i.test(text);
    if (empty && role === Role.volume) {
      this.bars.cells[role] = Number.NaN;
      return end;
    }
    if (empty && (role === Role.dividend || role === Role.split)) {
      this.bars.cells[role] = role === Role.split ? 1 : 0;
      return end;
    }
    if (empty && this.layout.missing && role !== Role.time) {
      this.missing++;
      return -1;
    }
    if (role === Role.time || role === Role.timeOfDay) {
      this.fail('DATA.TIME', column, `'${text.slice(0, 80)}' is not a time, or not a date of the calendar`);
    } else if (text === '' && work[end] !== this.layout.delimiter) {
      this.fail('DATA.COLUMN', column, 'the row ends before this column');
    } else this.fail('DATA.NUMBER', column, `'${text.slice(0, 80)}' is not a number`);
    return -1;
  }

  private matchSymbol(work: Buffer, at: number): number {
    const end = this.skipCell(work, at);
    const wanted = this.options.symbol;
    if (wanted === undefined) return end;
    const text = work
      .toString('latin1', at, end)
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, '');
    if (text === wanted) return end;
    this.foreign++;
    if (this.others.size < OTHERS_MAX) this.others.add(text);
    return -1;
  }

  /** The line ended at `column`: fine when only a volume or what comes with shares is left. */
  private endsEarly(column: number): boolean {
    for (let i = column + 1; i < this.roles.length; i++) {
      const role = this.roles[i] ?? 0;
      if (role === Role.volume) this.bars.cells[role] = Number.NaN;
      else if (role !== Role.skip) {
        this.fail('DATA.COLUMN', i, `the row ends before this column (it has ${column + 1} of ${this.roles.length})`);
        return false;
      }
    }
    return true;
  }

  /** Throws, or tells `onBad`. The value is the text of the column, found again in the line. */
  private fail(code: ErrorCode, column: number, reason: string): void {
    const end = Math.max(this.lineStart, this.work.indexOf(NEWLINE, this.lineStart));
    const text = this.work.toString('utf8', this.lineStart, Math.min(end, this.lineStart + 2000)).trim();
    const cell = text.split(String.fromCharCode(this.layout.delimiter))[column] ?? '';
    const problem: RowProblem = {
      code,
      file: this.options.file,
      line: this.line,
      column: this.layout.names[column] ?? `${column + 1}`,
      value: cell.trim().slice(0, 80),
      text: text.slice(0, 80),
      reason: reason.includes("'") ? reason : `${reason} (cell '${cell.trim().slice(0, 40)}')`,
    };
    if (this.options.onBad === undefined) throw rowError(problem);
    this.options.onBad(problem);
  }
}
