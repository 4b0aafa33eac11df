import { roundHalfEven } from '../../base/num.js';
import type { EpochMs } from '../../model/ids.js';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** No row of equity is longer: a time and three numbers of at most 25 characters. */
const LONGEST_ROW = 128;
const CAPACITY = 1 << 18;
/** Whole numbers below it have at most 15 digits, which a double holds exactly and tells apart from every neighbor. */
const MOST_UNITS = 1e15;
const ZERO = 0x30;
const COMMA = 0x2c;
const DASH = 0x2d;
const DOT = 0x2e;
const NEWLINE = 0x0a;

/**
 * Rows of `equity.csv` as bytes. A run with a row a bar writes millions of them, and making a string of each costs more
 * than all the rest of the row; the text is what `String` would make of each number.
 */
export class EquityRows {
  readonly #bytes = Buffer.alloc(CAPACITY);
  readonly #digits: number;
  #length = 0;
  #day = Number.NaN;
  /** Ms of the newest row within its minute: most bars close on whole ones. */
  #rest = 0;
  /** `2020-01-31T22:00:00.000Z` of the newest row. */
  readonly #time = new Uint8Array(24);
  readonly #equity = new Cell();
  readonly #cash = new Cell();
  readonly #drawdown = new Cell();

  /** `digits`: decimals of equity. */
  constructor(digits: number) {
    this.#digits = digits;
  }

  /** True when there is no room for another row: `take` first. */
  get isFull(): boolean {
    return this.#length > CAPACITY - LONGEST_ROW;
  }

  add(ts: EpochMs, equity: number, cash: number, drawdown: number): void {
    const bytes = this.#bytes;
    this.#setTime(ts);
    const time = this.#time;
    let at = this.#length;
    for (let i = 0; i < time.length; i++) bytes[at++] = time[i] ?? 0;
    bytes[at++] = COMMA;
    at = this.#equity.write(bytes, at, roundHalfEven(equity, this.#digits));
    bytes[at++] = COMMA;
    at = this.#cash.write(bytes, at, cash);
    bytes[at++] = COMMA;
    at = this.#drawdown.write(bytes, at, drawdown);
    bytes[at++] = NEWLINE;
    this.#length = at;
  }

  /** The rows since the last time; good until the next row is added. */
  take(): Uint8Array {
    const rows = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    for (const cell of [this.#equity, this.#cash, this.#drawdown]) cell.forget();
    return rows;
  }

  #setTime(ts: EpochMs): void {
    const time = this.#time;
    const day = Math.floor(ts / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#rest = 0;
      time.set(Buffer.from(new Date(day * DAY_MS).toISOString(), 'latin1'));
    }
    const ms = (ts - day * DAY_MS) | 0;
    const minutes = (ms / MINUTE_MS) | 0;
    const rest = ms - minutes * MINUTE_MS;
    writeTwo(time, 11, (minutes / 60) | 0);
    writeTwo(time, 14, minutes % 60);
    if (rest === 0 && this.#rest === 0) return;
    this.#rest = rest;
    const seconds = (rest / 1000) | 0;
    writeTwo(time, 17, seconds);
    time[20] = ZERO + (((rest - seconds * 1000) / 100) | 0);
    writeTwo(time, 21, rest % 100);
  }
}

/** A column of the newest row. Cash and, without a position, everything stays the same from row to row: it is copied. */
class Cell {
  #value = Number.NaN;
  #start = 0;
  #end = 0;

  write(bytes: Uint8Array, at: number, value: number): number {
    const start = this.#start;
    const kept = value === this.#value;
    const end = kept ? at + this.#end - start : writeNumber(bytes, at, value);
    if (kept) for (let i = at, j = start; i < end; i++, j++) bytes[i] = bytes[j] ?? 0;
    this.#value = value;
    this.#start = at;
    this.#end = end;
    return end;
  }

  /** The bytes are used anew: nothing is there to copy. */
  forget(): void {
    this.#value = Number.NaN;
  }
}

/**
 * Writes `String(value)` at `at` and returns where it ends. Whole cents below 10^13 are written digit by digit: a decimal
 * of at most 15 digits is the shortest that reads back as its double. Everything else is left to `String`.
 */
export function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  const cents = Math.round(value * 100);
  if (cents / 100 !== value || Math.abs(cents) >= MOST_UNITS) return writeText(bytes, at, String(value));
  let p = at;
  if (cents < 0) bytes[p++] = DASH;
  const size = Math.abs(cents);
  const whole = Math.floor(size / 100);
  const rest = size - whole * 100;
  p = writeWhole(bytes, p, whole);
  if (rest === 0) return p;
  bytes[p++] = DOT;
  writeTwo(bytes, p, rest);
  return rest % 10 === 0 ? p + 1 : p + 2;
}

/** Digits of a whole number below 10^13, in two halves that fit 31 bits. */
function writeWhole(bytes: Uint8Array, at: number, value: number): number {
  const high = Math.floor(value / 1e7);
  const low = value - high * 1e7;
  if (high === 0) return writeDigits(bytes, at, low, digitsOf(low));
  return writeDigits(bytes, writeDigits(bytes, at, high, digitsOf(high)), low, 7);
}

function writeDigits(bytes: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0;
  for (let p = at + digits - 1; p >= at; p--) {
    const next = (rest / 10) | 0;
    bytes[p] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + digits;
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits++;
  return digits;
}

function writeTwo(bytes: Uint8Array, at: number, value: number): void {
  const tens = (value / 10) | 0;
  bytes[at] = ZERO + tens;
  bytes[at + 1] = ZERO + value - tens * 10;
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
