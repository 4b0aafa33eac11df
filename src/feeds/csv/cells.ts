import { type Layout, Role } from './layout.js';

/**
 * Cells of a csv, read from bytes without making strings: numbers and times, and a whole line of them where the line is
 * plain. The readers of one cell leave the place after the last byte they took in `cellEnd`, so that the caller can check
 * that a delimiter follows.
 */

const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const MAX_SAFE = Number.MAX_SAFE_INTEGER;
const DAY_MS = 86_400_000;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const DOT = 0x2e;
const QUOTE = 0x22;
/** As many digits make a whole number that a double holds exactly. */
const MOST_DIGITS = 15;

/** Where the last cell read ended: the index of its first foreign byte. */
export let cellEnd = 0;
/** True when the last stamp had a time of day. */
export let stampHasTime = false;
/** True when the last stamp named its zone (`Z`, `+02:00`) or was an epoch: it is UTC, whatever the file's zone. */
export let stampHasZone = false;

/**
 * The decimal number that starts at `at`; NaN when there is none. Exact: equal to `Number(text)` for every text.
 * A mantissa below 2^53 over a power of ten up to 10^22 is one correctly rounded division (Clinger 1990); anything
 * longer goes through `Number`.
 */
export function readNumber(bytes: Uint8Array, at: number): number {
  let p = at;
  const sign = bytes[p] ?? 0;
  if (sign === 0x2d || sign === 0x2b) p++;
  let mantissa = digitRun(bytes, p);
  let digits = runLength;
  let decimals = 0;
  p += digits;
  if (bytes[p] === 0x2e) {
    const tail = digitRun(bytes, p + 1);
    decimals = runLength;
    digits += decimals;
    p += decimals + 1;
    // Beyond 22 decimals this is NaN, which no comparison below takes for exact.
    mantissa = mantissa * (POWERS[decimals] ?? Number.NaN) + tail;
  }
  cellEnd = p;
  if (digits === 0) return Number.NaN;
  const mark = bytes[p] ?? 0;
  if (!(mantissa <= MAX_SAFE) || mark === 0x65 || mark === 0x45) return slowNumber(bytes, at);
  const value = decimals === 0 ? mantissa : mantissa / (POWERS[decimals] ?? 1);
  return sign === 0x2d ? -value : value;
}

function slowNumber(bytes: Uint8Array, at: number): number {
  let p = at;
  let text = '';
  for (;;) {
    const char = String.fromCharCode(bytes[p] ?? 0);
    if (!/[0-9.eE+-]/.test(char)) break;
    text += char;
    p++;
  }
  cellEnd = p;
  return Number(text);
}

/** How many digits the last `digitRun` took. */
let runLength = 0;

/**
 * Digits from `at`: their value; their count in `runLength`. Nine digits fit a whole number of 31 bits, which the
 * processor multiplies several times as fast as a double; more go on in doubles.
 */
function digitRun(bytes: Uint8Array, at: number): number {
  let p = at;
  let head = 0;
  let digit = (bytes[p] ?? 0) - 0x30;
  while (digit >= 0 && digit <= 9 && p < at + 9) {
    head = (Math.imul(head, 10) + digit) | 0;
    digit = (bytes[++p] ?? 0) - 0x30;
  }
  let value = head;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = (bytes[++p] ?? 0) - 0x30;
  }
  runLength = p - at;
  return value;
}

/**
 * The time that starts at `at`, ms since 1970 on the clock of the text (add the zone yourself unless `stampHasZone`);
 * NaN when it is no time or an impossible date. Understood: ISO 8601 with `-`, `.` or `/` between year, month and day,
 * `yyyymmdd`, `dd.mm.yyyy`, each with ` ` or `T` and `HH:MM[:SS[.fff]]`, `HHMMSS[mmm]` or `HH-AM`, with or without a
 * zone; epoch seconds (9 to 11 digits, with or without a fraction), milliseconds (12 to 14), microseconds (15, 16).
 */
export function readStamp(bytes: Uint8Array, at: number): number {
  const head = digitRun(bytes, at);
  const length = runLength;
  stampHasTime = false;
  stampHasZone = false;
  cellEnd = at + length;
  if (length >= 9) return epoch(bytes, at, head, length);
  const day = readDate(bytes, at, head, length);
  if (Number.isNaN(day)) return day;
  const gap = bytes[cellEnd] ?? 0;
  if (gap !== 0x20 && gap !== 0x54) return day;
  const time = readTimeOfDay(bytes, cellEnd + 1);
  stampHasTime = true;
  return day + time;
}

function epoch(bytes: Uint8Array, at: number, head: number, length: number): number {
  stampHasTime = true;
  stampHasZone = true;
  if (length >= 17) return Number.NaN;
  if (length >= 15) return Math.floor(head / 1000);
  if (length >= 12) return bytes[cellEnd] === 0x2e ? Math.round(readNumber(bytes, at)) : head;
  return bytes[cellEnd] === 0x2e ? Math.round(readNumber(bytes, at) * 1000) : head * 1000;
}

function readDate(bytes: Uint8Array, at: number, head: number, length: number): number {
  if (length === 8) return dayOf(Math.floor(head / 10_000), Math.floor(head / 100) % 100, head % 100);
  const mark = bytes[at + length] ?? 0;
  const yearFirst = length === 4;
  if (!yearFirst && (length > 2 || length === 0)) return Number.NaN;
  if (mark !== 0x2e && !(yearFirst && (mark === 0x2d || mark === 0x2f))) return Number.NaN;
  const month = digitRun(bytes, at + length + 1);
  const middle = at + length + 1 + runLength;
  if (runLength === 0 || runLength > 2) return Number.NaN;
  if (bytes[middle] === mark) return restOfDate(bytes, middle + 1, head, month, yearFirst);
  return yearFirst ? monthOnly(bytes, middle, head, month, mark) : Number.NaN;
}

/** The day after a year and month, or the year after a day and month. */
function restOfDate(bytes: Uint8Array, at: number, head: number, month: number, yearFirst: boolean): number {
  const third = digitRun(bytes, at);
  cellEnd = at + runLength;
  if (yearFirst) return runLength === 1 || runLength === 2 ? dayOf(head, month, third) : Number.NaN;
  return runLength === 4 ? dayOf(third, month, head) : Number.NaN;
}

/** `2018-12`: the first of the month. Such cells are months of monthly files. */
function monthOnly(bytes: Uint8Array, end: number, year: number, month: number, mark: number): number {
  const next = bytes[end] ?? 0;
  if (mark !== 0x2d || (next >= 0x30 && next <= 0x39)) return Number.NaN;
  cellEnd = end;
  return dayOf(year, month, 1);
}

/**
 * Time of day at `at` in ms, NaN when there is none or it is not on a clock; a zone after it is taken into account and
 * sets `stampHasZone`. 24:00 is refused.
 */
export function readTimeOfDay(bytes: Uint8Array, at: number): number {
  const head = digitRun(bytes, at);
  const p = at + runLength;
  if (runLength === 0 || runLength === 3) return Number.NaN;
  const mark = bytes[p] ?? 0;
  if (runLength <= 2 && mark === 0x2d) return twelveHours(bytes, p, head);
  let ms: number;
  if (runLength > 2) {
    cellEnd = p;
    ms = packedTime(head, runLength);
  } else {
    if (mark !== 0x3a) return Number.NaN;
    ms = minutesAndSeconds(bytes, p + 1, head);
  }
  if (bytes[cellEnd] === 0x2e) ms += fraction(bytes, cellEnd);
  return readZone(bytes, ms);
}

/** `MM` or `MM:SS` after the hour. */
function minutesAndSeconds(bytes: Uint8Array, at: number, hour: number): number {
  const minute = digitRun(bytes, at);
  if (runLength !== 2 || hour > 23 || minute > 59) return Number.NaN;
  cellEnd = at + 2;
  if (bytes[cellEnd] !== 0x3a) return (hour * 60 + minute) * 60_000;
  const second = digitRun(bytes, at + 3);
  cellEnd = at + 5;
  return runLength !== 2 || second > 59 ? Number.NaN : (hour * 3600 + minute * 60 + second) * 1000;
}

/** `.295000` in ms, cut to whole ms. */
function fraction(bytes: Uint8Array, p: number): number {
  const value = digitRun(bytes, p + 1);
  if (runLength === 0 || runLength > 9) return Number.NaN;
  cellEnd = p + 1 + runLength;
  return runLength < 3 ? value * (POWERS[3 - runLength] ?? 1) : Math.floor(value / (POWERS[runLength - 3] ?? 1));
}

function packedTime(value: number, length: number): number {
  let rest = value;
  let ms = 0;
  if (length === 9) {
    ms = rest % 1000;
    rest = Math.floor(rest / 1000);
  } else if (length === 4) rest *= 100;
  else if (length !== 6) return Number.NaN;
  const second = rest % 100;
  const minute = Math.floor(rest / 100) % 100;
  const hour = Math.floor(rest / 10_000);
  return hour > 23 || minute > 59 || second > 59 ? Number.NaN : (hour * 3600 + minute * 60 + second) * 1000 + ms;
}

/** `04-AM`, as older CryptoDataDownload files write the hour. */
function twelveHours(bytes: Uint8Array, p: number, hour: number): number {
  const half = (bytes[p + 1] ?? 0) | 0x20;
  const m = (bytes[p + 2] ?? 0) | 0x20;
  if (m !== 0x6d || (half !== 0x61 && half !== 0x70) || hour < 1 || hour > 12) return Number.NaN;
  cellEnd = p + 3;
  return ((hour % 12) + (half === 0x70 ? 12 : 0)) * 3_600_000;
}

/** `Z`, `UTC`, `GMT`, `+01:00`, ` GMT+0100` after a time: `ms` moved to UTC. */
function readZone(bytes: Uint8Array, ms: number): number {
  let p = cellEnd;
  if (bytes[p] === 0x20) p++;
  const byte = bytes[p] ?? 0;
  if (byte === 0x5a || byte === 0x7a) {
    stampHasZone = true;
    cellEnd = p + 1;
    return ms;
  }
  const third = bytes[p + 2];
  if ((byte === 0x47 && third === 0x54) || (byte === 0x55 && third === 0x43)) {
    stampHasZone = true;
    p += 3;
    cellEnd = p;
  }
  const sign = bytes[p] ?? 0;
  if (sign !== 0x2b && sign !== 0x2d) return ms;
  const minutes = offsetMinutes(bytes, p + 1);
  stampHasZone = true;
  return ms - (sign === 0x2d ? -minutes : minutes) * 60_000;
}

/** `01:00`, `0100` or `01` in minutes. */
function offsetMinutes(bytes: Uint8Array, at: number): number {
  const head = digitRun(bytes, at);
  cellEnd = at + runLength;
  if (runLength === 4) return Math.floor(head / 100) * 60 + (head % 100);
  if (runLength !== 1 && runLength !== 2) return Number.NaN;
  if (bytes[cellEnd] !== 0x3a) return head * 60;
  const minutes = digitRun(bytes, cellEnd + 1);
  cellEnd += 1 + runLength;
  return head * 60 + minutes;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
let lastKey = -1;
let lastDay = 0;

/** 00:00 of a date in ms; NaN for a date that no calendar has or a year outside 1900 to 2100. Rows repeat their date. */
function dayOf(year: number, month: number, day: number): number {
  const key = year * 10_000 + month * 100 + day;
  if (key === lastKey) return lastDay;
  if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (MONTH_DAYS[month - 1] ?? 0) + (leap && month === 2 ? 1 : 0)) return Number.NaN;
  lastKey = key;
  lastDay = daysFromCivil(year, month, day) * DAY_MS;
  return lastDay;
}

/** Days since 1970-01-01 in the Gregorian calendar (Hinnant's arithmetic: years start in March). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Roles whose cell is a plain number, beside the time. */
const NUMBERS: ReadonlySet<number> = new Set([
  ...[Role.open, Role.high, Role.low, Role.close, Role.volume],
  ...Array.from({ length: 8 }, (_, i) => Role.bid + i),
]);

/** True when the short way can read lines of this layout: one column of time, numbers, and nothing else that counts. */
export function isPlain({ roles, dayStart }: Layout): boolean {
  if (dayStart !== undefined || roles.filter((role) => role === Role.time).length !== 1) return false;
  return roles.every((role) => role === Role.time || role === Role.skip || NUMBERS.has(role));
}

/** True when the time of the last line read names its zone or is an epoch. */
export let lineHasZone = false;

/**
 * The short way through the line at `at`, for the cells that most lines have: digits, at most one point, the delimiter.
 * Fills `cells` by role and returns where the next line starts; -1 for anything else (a sign, a quote, a space, an empty
 * cell), and the line is then read the long way, which also knows what is wrong with it. Both give the same numbers.
 */
export function readPlainLine(
  work: Uint8Array,
  at: number,
  roles: Int8Array,
  delimiter: number,
  cells: Float64Array,
): number {
  const last = roles.length - 1;
  let p = at;
  for (let column = 0; ; column++) {
    const role = roles[column] ?? 0;
    if (role === Role.time) p = readTime(work, p, cells);
    else if (role === Role.skip) p = skipPlain(work, p, delimiter);
    else p = readPlainNumber(work, p, role, cells);
    if (p < 0) return -1;
    const mark = work[p];
    if (column === last) return lineEnd(work, p, mark, delimiter);
    if (mark !== delimiter) return -1;
    p++;
  }
}

/** A number without a sign or an exponent; at most 15 digits over a power of ten are one correctly rounded division. */
function readPlainNumber(work: Uint8Array, at: number, role: number, cells: Float64Array): number {
  const whole = digitRun(work, at);
  const digits = runLength;
  const end = at + digits;
  if (digits === 0) return -1;
  if (work[end] !== DOT) {
    cells[role] = whole;
    return digits > MOST_DIGITS ? -1 : end;
  }
  const tail = digitRun(work, end + 1);
  const scale = POWERS[runLength] ?? Number.NaN;
  cells[role] = (whole * scale + tail) / scale;
  return digits + runLength > MOST_DIGITS ? -1 : end + 1 + runLength;
}

/** Where the next line starts, after the last cell that counts. */
function lineEnd(work: Uint8Array, at: number, mark: number | undefined, delimiter: number): number {
  if (mark === NEWLINE) return at + 1;
  if (mark === RETURN && work[at + 1] === NEWLINE) return at + 2;
  return mark === delimiter ? work.indexOf(NEWLINE, at) + 1 : -1;
}

function skipPlain(work: Uint8Array, at: number, delimiter: number): number {
  let p = at;
  let byte = work[p] ?? 0;
  while (byte !== delimiter) {
    if (byte === QUOTE || byte === NEWLINE) return -1;
    byte = work[++p] ?? 0;
  }
  return p;
}

function readTime(work: Uint8Array, at: number, cells: Float64Array): number {
  const time = readStamp(work, at);
  if (Number.isNaN(time)) return -1;
  cells[Role.time] = time;
  lineHasZone = stampHasZone;
  return cellEnd;
}
