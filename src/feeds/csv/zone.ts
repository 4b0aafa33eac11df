import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';

/** A clock on a wall somewhere: turns its local times into UTC. */
export interface ZoneClock {
  readonly name: string;
  /**
   * UTC of a local time. NaN when the clock skipped it (the spring hour). In the autumn hour that happens twice, the
   * first one that comes after `previous` is meant (`newestFirst`: the last one before it): rows are in order.
   */
  toUtc(local: number, previous: EpochMs, newestFirst: boolean): EpochMs;
  /** Local time of an instant. */
  toLocal(utc: EpochMs): number;
}

interface Span {
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly offset: number;
}

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

/** The clock of an IANA zone (`America/New_York`), `UTC`, or a fixed offset (`+02:00`, `UTC+2`). */
export function zoneClock(zone: string): ZoneClock {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) {
    return { name: zone, toUtc: (local) => local - fixed, toLocal: (utc) => utc + fixed };
  }
  const spans = spanSource(zone);
  let current = spans(0);
  const find = (utc: EpochMs): Span => {
    if (utc < current.start || utc >= current.end) current = spans(utc);
    return current;
  };
  return {
    name: zone,
    toLocal: (utc) => utc + find(utc).offset,
    toUtc(local, previous, newestFirst) {
      const guess = local - current.offset;
      // Two days from any change of the clock no local time is missing or double.
      if (guess - current.start > 48 * HOUR && current.end - guess > 48 * HOUR) return guess;
      return nearChange(local, find(local - 26 * HOUR), find(local + 26 * HOUR), previous, newestFirst);
    },
  };
}

/** UTC of a local time that may be skipped or double: `before` and `after` are the spans a day to either side. */
function nearChange(local: number, before: Span, after: Span, previous: EpochMs, newestFirst: boolean): EpochMs {
  const early = local - before.offset;
  const late = local - after.offset;
  const earlyFits = early < before.end;
  const lateFits = late >= after.start;
  if (!earlyFits) return lateFits ? late : Number.NaN;
  if (!lateFits) return early;
  if (newestFirst) return late >= previous ? early : late;
  return early <= previous ? late : early;
}

function fixedOffset(zone: string): number | undefined {
  if (/^(utc|gmt|z|etc\/utc)$/i.test(zone)) return 0;
  const match = /^(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(zone);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

/** Spans of one offset, found a year at a time by halving between weekly looks at `Intl`, and kept. */
function spanSource(zone: string): (utc: EpochMs) => Span {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new FxError('USAGE.TIME_ZONE', {
      message: `'${zone}' is not a time zone`,
      next: 'use an IANA name such as America/New_York or Europe/Athens, UTC, or an offset such as +02:00',
      facts: { timeZone: zone },
    });
  }
  const offsetAt = (utc: EpochMs): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(utc)) part[type] = Number(value);
    const local = Date.UTC(
      part['year'] ?? 0,
      (part['month'] ?? 1) - 1,
      part['day'] ?? 1,
      part['hour'] ?? 0,
      part['minute'] ?? 0,
      part['second'] ?? 0,
    );
    return local - Math.floor(utc / 1000) * 1000;
  };
  const kept = new Map<number, readonly Span[]>();
  return (utc) => {
    const year = new Date(utc).getUTCFullYear();
    const spans = kept.get(year) ?? yearOfSpans(year, offsetAt);
    kept.set(year, spans);
    return spans.find((span) => utc >= span.start && utc < span.end) ?? { start: utc, end: utc, offset: offsetAt(utc) };
  };
}

/** Spans of the year with a margin of a month on both sides, so that the span around New Year is whole. */
function yearOfSpans(year: number, offsetAt: (utc: EpochMs) => number): Span[] {
  const from = Date.UTC(year - 1, 11, 1);
  const to = Date.UTC(year + 1, 1, 1);
  const spans: Span[] = [];
  let start = from;
  let offset = offsetAt(from);
  for (let t = from; t < to; t += WEEK) {
    const nextOffset = offsetAt(t + WEEK);
    if (nextOffset === offset) continue;
    const change = halve(t, t + WEEK, offset, offsetAt);
    spans.push({ start, end: change, offset });
    start = change;
    offset = nextOffset;
  }
  spans.push({ start, end: to, offset });
  return spans;
}

/** First second at which the offset is no longer `offset`. */
function halve(from: EpochMs, to: EpochMs, offset: number, offsetAt: (utc: EpochMs) => number): EpochMs {
  let low = from;
  let high = to;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetAt(middle) === offset) low = middle;
    else high = middle;
  }
  return high;
}
