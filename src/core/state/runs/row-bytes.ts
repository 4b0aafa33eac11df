import { roundHalfEven } from '../../base/num.js';
import type { EpochMs } from '../../model/ids.js';

const DAY_MS = 86_400_000;
/** No row of equity is longer: a time and three numbers of at most 25 characters. */
const LONGEST_ROW = 128;
const CAPACITY = 1 << 18;
/** Whole numbers below it have at most 15 digits, which a double holds exactly and tells apart from every neighbor. */
const MOST_UNITS = 1e15;
const [ZERO, COMMA, DASH, DOT, NEWLINE, COLON] = [0x30, 0x2c, 0x2d, 0x2e, 0x0a, 0x3a];

/**
 * Rows of `equity.csv` as bytes. A run with a row a bar writes millions of them, and making a string of each costs more
 * than all the rest of the row; the text is what `String` would make of each number.
 */
export class EquityRows {
  readonly #bytes = Buffer.alloc(CAPACITY);
  readonly #digits: number;
  #length = 0;
  #day = Number.NaN;
  /** `2020-01-31T22:00:00.000Z` of the newest row. */
  readonly #time = new Uint8Array(24);

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
    at = writeNumber(bytes, at, roundHalfEven(equity, this.#digits));
    bytes[at++] = COMMA;
    at = writeNumber(bytes, at, cash);
    bytes[at++] = COMMA;
    at = writeNumber(bytes, at, drawdown);
    bytes[at++] = NEWLINE;
    this.#length = at;
  }

  /** The rows since the last time; good until the next row is added. */
  take(): Uint8Array {
    const rows = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return rows;
  }

  #setTime(ts: EpochMs): void {
    const time = this.#time;
    const day = Math.floor(ts / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      time.set(Buffer.from(new Date(day * DAY_MS).toISOString(), 'latin1'));
    }
    const ms = (ts - day * DAY_MS) | 0;
    const seconds = (ms / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    writeTwo(time, 11, (minutes / 60) | 0);
    time[13] = COLON;
    writeTwo(time, 14, minutes % 60);
    writeTwo(time, 17, seconds % 60);
    const rest = ms - seconds * 1000;
    time[20] = ZERO + ((rest / 100) | 0);
    writeTwo(time, 21, rest % 100);
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
