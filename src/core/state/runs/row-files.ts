import { join } from 'node:path';
import type { EpochMs } from '../../model/ids.js';
import type { Order, Trade } from '../../model/order.js';
import type { RowSink } from '../../ports/sink.js';
import { damaged } from '../damage.js';
import { diskError } from '../disk-error.js';
import { type FileCalls, REAL_FILES } from '../file-calls.js';
import { closeFile, FILE_MODE, putOnDisk, writeAll } from '../write.js';
import { EquityRows } from './row-bytes.js';
import { HEADERS, orderRow, returnRow, TimeFormat, tradeRow } from './row-format.js';

/** Text gathered before it goes to disk in one write. */
const BUFFER_CHARS = 1 << 18;
const NO_ROWS = new Uint8Array(0);

type RowKind = keyof typeof HEADERS;
const KINDS = ['equity', 'returns', 'trades', 'orders'] as const;

/** How far each file had grown at a moment, in bytes; what a restart goes back to. */
export type RowOffsets = Readonly<Record<RowKind, number>>;

/** One csv file that only grows. */
class RowFile {
  readonly path: string;
  readonly #fd: number;
  readonly #fs: FileCalls;
  #buffer = '';
  #bytes: number;
  /** Set while a write is under way, so it stays set after one that failed: rows after it would stand without those before. */
  #failed = false;

  /** `from`: keep that many bytes of what is there and go on after them; 0 begins anew. */
  constructor(folder: string, kind: RowKind, from: number, fs: FileCalls) {
    this.path = join(folder, `${kind}.csv`);
    this.#fs = fs;
    try {
      this.#fd = fs.openSync(this.path, from === 0 ? 'w' : 'r+', FILE_MODE);
    } catch (error) {
      throw diskError(error, 'could not open', this.path);
    }
    if (from > 0) this.#cut(from);
    this.#bytes = from;
    if (from === 0) this.append(HEADERS[kind]);
  }

  #cut(keep: number): void {
    try {
      const { size } = this.#fs.fstatSync(this.#fd);
      if (size < keep) throw damaged(this.path, size, `rows are missing: the snapshot knows of ${keep} bytes`);
      this.#fs.ftruncateSync(this.#fd, keep);
    } catch (error) {
      this.#fs.closeSync(this.#fd);
      throw diskError(error, 'could not open', this.path);
    }
  }

  append(row: string): void {
    this.#buffer += row;
    if (this.#buffer.length >= BUFFER_CHARS) this.flush(false);
  }

  /** Puts what was gathered on file, and after it `rows`, which are bytes already. */
  flush(sync: boolean, rows: Uint8Array = NO_ROWS): void {
    if (this.#failed) return;
    this.#failed = true;
    const gathered = Buffer.from(this.#buffer, 'utf8');
    this.#buffer = '';
    const write = (): void => {
      this.#write(gathered);
      this.#write(rows);
    };
    putOnDisk({ fd: this.#fd, path: this.path, fs: this.#fs }, write, sync);
    this.#failed = false;
  }

  #write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    writeAll(this.#fd, bytes, this.#fs, this.#bytes);
    this.#bytes += bytes.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  close(): void {
    try {
      this.flush(false);
    } finally {
      closeFile({ fd: this.#fd, path: this.path, fs: this.#fs });
    }
  }
}

/** The four csv files of a run, written as the rows come; memory stays the same however long the run. */
export class RowFiles implements RowSink {
  readonly #files: Readonly<Record<RowKind, RowFile>>;
  readonly #equity: EquityRows;
  readonly #tradeTimes = new TimeFormat();

  constructor(folder: string, digits: number, from?: RowOffsets, fs: FileCalls = REAL_FILES) {
    this.#equity = new EquityRows(digits);
    const open = (kind: RowKind) => new RowFile(folder, kind, from?.[kind] ?? 0, fs);
    this.#files = { equity: open('equity'), returns: open('returns'), trades: open('trades'), orders: open('orders') };
  }

  equity(ts: EpochMs, equity: number, cash: number, drawdown: number): void {
    if (this.#equity.isFull) this.#files.equity.flush(false, this.#equity.take());
    this.#equity.add(ts, equity, cash, drawdown);
  }

  day(day: number, dayReturn: number): void {
    this.#files.returns.append(returnRow(day, dayReturn));
  }

  trade(trade: Trade): void {
    this.#files.trades.append(tradeRow(trade, this.#tradeTimes));
  }

  order(order: Order): void {
    this.#files.orders.append(orderRow(order, this.#tradeTimes));
  }

  /** Puts everything on file, with `sync` safe there, and says how far each file has grown. */
  flush(sync = false): RowOffsets {
    this.#files.equity.flush(false, this.#equity.take());
    for (const kind of KINDS) this.#files[kind].flush(sync);
    const { equity, returns, trades, orders } = this.#files;
    return { equity: equity.bytes, returns: returns.bytes, trades: trades.bytes, orders: orders.bytes };
  }

  close(): void {
    try {
      this.#files.equity.flush(false, this.#equity.take());
    } finally {
      for (const kind of KINDS) this.#files[kind].close();
    }
  }

  paths(): Record<RowKind, string> {
    const { equity, returns, trades, orders } = this.#files;
    return { equity: equity.path, returns: returns.path, trades: trades.path, orders: orders.path };
  }
}

/** The days of a `returns.csv` up to `bytes`: what a restart needs to know of before. */
export function readDays(
  folder: string,
  bytes: number,
  fs: FileCalls = REAL_FILES,
): [day: number, dayReturn: number][] {
  const text = fs.readFileSync(join(folder, 'returns.csv')).subarray(0, bytes).toString('utf8');
  return text
    .split('\n')
    .slice(1, -1)
    .map((line) => {
      const [date = '', value = ''] = line.split(',');
      return [Date.parse(date) / 86_400_000, Number(value)];
    });
}

/** The trades of a `trades.csv` up to `bytes`. */
export function readTrades(folder: string, bytes: number, fs: FileCalls = REAL_FILES): Trade[] {
  const text = fs.readFileSync(join(folder, 'trades.csv')).subarray(0, bytes).toString('utf8');
  return parseCsv(text).slice(1).map(toTrade);
}

function toTrade(cells: readonly string[]): Trade {
  const at = (place: number) => cells[place] ?? '';
  const risk = at(13);
  return {
    instrument: at(0) as Trade['instrument'],
    side: at(1) === 'long' ? 'long' : 'short',
    units: Number(at(2)),
    entryTime: Date.parse(at(3)),
    entryPrice: Number(at(4)),
    exitTime: Date.parse(at(5)),
    exitPrice: Number(at(6)),
    grossPnl: Number(at(7)),
    commission: Number(at(8)),
    financing: Number(at(9)),
    netPnl: Number(at(10)),
    entryReason: at(11),
    exitReason: at(12),
    initialRisk: risk === '' ? undefined : Number(risk),
  };
}

/** Cells of a csv text that this program wrote: quotes as in RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(cell);
      cell = '';
    } else if (char === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
    } else cell += char;
  }
  return rows;
}
