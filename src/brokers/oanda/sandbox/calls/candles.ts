import {
  DAY_MS,
  dateOf,
  dayNumber,
  HOUR_MS,
  MINUTE_MS,
  newYorkDay,
  newYorkTime,
  rollAfter,
  weekdayOf,
} from '../../../../core/model/calendar/calendar.js';
import type { EpochMs } from '../../../../core/model/ids.js';
import { decimal, type Json, parseTime, stamp } from '../desk/text.js';
import type { Corners, SandboxBar, SandboxHistory } from '../message.js';
import { type Answer, failed, ok } from './reply.js';

const S = 1000;
/** Lengths; a week and a month count days from 17:00 New York. */
const LENGTHS: Readonly<Record<string, number>> = {
  S5: 5 * S,
  S10: 10 * S,
  S15: 15 * S,
  S30: 30 * S,
  M1: MINUTE_MS,
  M2: 2 * MINUTE_MS,
  M4: 4 * MINUTE_MS,
  M5: 5 * MINUTE_MS,
  M10: 10 * MINUTE_MS,
  M15: 15 * MINUTE_MS,
  M30: 30 * MINUTE_MS,
  H1: HOUR_MS,
  H2: 2 * HOUR_MS,
  H3: 3 * HOUR_MS,
  H4: 4 * HOUR_MS,
  H6: 6 * HOUR_MS,
  H8: 8 * HOUR_MS,
  H12: 12 * HOUR_MS,
  D: DAY_MS,
  W: 7 * DAY_MS,
  M: 31 * DAY_MS,
};
const CLOSE_MS = 17 * HOUR_MS;
const KEPT = 100_000;

interface Open {
  start: EpochMs;
  bid: { o: number; h: number; l: number; c: number };
  ask: { o: number; h: number; l: number; c: number };
  volume: number;
}

/** The price history of the venue: what it was given, and what it has seen since, in bars of five seconds. */
export class Candles {
  readonly #seen = new Map<string, Open[]>();
  readonly #history: SandboxHistory | undefined;

  constructor(history: SandboxHistory | undefined) {
    this.#history = history;
  }

  see(instrument: string, bid: number, ask: number, at: EpochMs): void {
    const start = Math.floor(at / (5 * S)) * 5 * S;
    let bars = this.#seen.get(instrument);
    if (bars === undefined) {
      bars = [];
      this.#seen.set(instrument, bars);
    }
    const last = bars.at(-1);
    if (last === undefined || last.start < start) {
      bars.push({ start, bid: point(bid), ask: point(ask), volume: 1 });
      if (bars.length > KEPT) bars.splice(0, KEPT / 10);
    } else {
      extend(last.bid, point(bid));
      extend(last.ask, point(ask));
      last.volume++;
    }
  }

  /** Bars of any length in `[from, to)`, oldest first. */
  *#bars(instrument: string, granularityMs: number, from: EpochMs, to: EpochMs): Generator<SandboxBar> {
    const seen = this.#seen.get(instrument) ?? [];
    const live = seen[0]?.start ?? Number.POSITIVE_INFINITY;
    if (this.#history !== undefined && from < live) {
      for (const bar of this.#history(instrument, granularityMs, from, Math.min(to, live))) {
        if (bar.start >= from && bar.start < Math.min(to, live)) yield bar;
      }
    }
    for (const bar of seen) if (bar.start >= from && bar.start < to) yield bar;
  }

  /** Candles of a granularity whose open lies in `[from, to)`. */
  candles(instrument: string, periods: Periods, from: EpochMs, to: EpochMs): readonly SandboxBar[] {
    const out: Open[] = [];
    for (const bar of this.#bars(instrument, periods.lengthMs, from, to)) {
      const start = periods.startOf(bar.start);
      const last = out.at(-1);
      if (last === undefined || last.start !== start) {
        out.push({ start, bid: { ...bar.bid }, ask: { ...bar.ask }, volume: bar.volume });
      } else {
        extend(last.bid, bar.bid);
        extend(last.ask, bar.ask);
        last.volume += bar.volume;
      }
    }
    return out;
  }
}

const point = (price: number): Corners => ({ o: price, h: price, l: price, c: price });

function extend(bar: Open['bid'], more: Corners): void {
  bar.h = Math.max(bar.h, more.h);
  bar.l = Math.min(bar.l, more.l);
  bar.c = more.c;
}

/** How a granularity cuts time. */
interface Periods {
  readonly lengthMs: number;
  startOf(at: EpochMs): EpochMs;
  endOf(start: EpochMs): EpochMs;
}

/** `dailyAlignment` is the hour at which a day begins, in UTC or in New York. */
function periodsOf(granularity: string, hour: number, utc: boolean): Periods | undefined {
  const lengthMs = LENGTHS[granularity];
  if (lengthMs === undefined) return undefined;
  if (lengthMs <= HOUR_MS) return fixed(lengthMs);
  const day = (at: EpochMs): EpochMs => dayStart(at, hour, utc);
  if (lengthMs <= DAY_MS) {
    const startOf = (at: EpochMs): EpochMs => day(at) + Math.floor((at - day(at)) / lengthMs) * lengthMs;
    return { lengthMs, startOf, endOf: (start) => Math.min(start + lengthMs, day(start + DAY_MS + HOUR_MS)) };
  }
  const startOf = granularity === 'W' ? (at: EpochMs) => weekStart(at) : (at: EpochMs) => monthStart(at);
  return { lengthMs, startOf, endOf: (start) => startOf(start + lengthMs + DAY_MS) };
}

const fixed = (lengthMs: number): Periods => ({
  lengthMs,
  startOf: (at) => Math.floor(at / lengthMs) * lengthMs,
  endOf: (start) => start + lengthMs,
});

function dayStart(at: EpochMs, hour: number, utc: boolean): EpochMs {
  if (utc) return Math.floor((at - hour * HOUR_MS) / DAY_MS) * DAY_MS + hour * HOUR_MS;
  const today = newYorkTime(newYorkDay(at), hour * HOUR_MS);
  return today <= at ? today : newYorkTime(newYorkDay(at) - 1, hour * HOUR_MS);
}

/** Friday 17:00 New York. */
function weekStart(at: EpochMs): EpochMs {
  let day = newYorkDay(at);
  while (weekdayOf(day) !== 5 || newYorkTime(day, CLOSE_MS) > at) day--;
  return newYorkTime(day, CLOSE_MS);
}

/** 17:00 New York of the last day of the month before. */
function monthStart(at: EpochMs): EpochMs {
  const { year, month } = dateOf(newYorkDay(rollAfter(at)));
  return newYorkTime(dayNumber(year, month, 1) - 1, CLOSE_MS);
}

interface CandlesAsked {
  readonly candles: Candles;
  readonly instrument: string;
  readonly digits: number;
  readonly query: URLSearchParams;
  readonly now: EpochMs;
}

/** `GET …/candles`: the newest `count`, or those of a span; the one that is not over yet is marked so. */
export function listCandles({ candles, instrument, digits, query, now }: CandlesAsked): Answer {
  const granularity = query.get('granularity') ?? 'S5';
  const alignment = Number(query.get('dailyAlignment') ?? 17);
  const zone = query.get('alignmentTimezone') ?? 'America/New_York';
  const periods = periodsOf(granularity, alignment, zone !== 'America/New_York');
  const price = query.get('price') ?? 'M';
  if (periods === undefined) return failed(400, "Invalid value specified for 'granularity'");
  if (!/^[MBA]+$/.test(price)) return failed(400, "Invalid value specified for 'price'");
  const span = spanOf(query);
  if (typeof span === 'string') return failed(400, span);
  const found = select(candles, instrument, periods, span, now);
  if (found === undefined) return failed(400, "Maximum value for 'count' exceeded");
  return ok({
    instrument,
    granularity,
    candles: found.map((bar) => candleView(bar, price, digits, periods.endOf(bar.start) <= now)),
  });
}

/** What part of the history is asked for, or what is wrong with the question. */
function spanOf(query: URLSearchParams): Span | string {
  const count = query.get('count') === null ? undefined : Number(query.get('count'));
  const from = timeOf(query.get('from'));
  const to = timeOf(query.get('to'));
  if (from === null) return "Invalid value specified for 'from'";
  if (to === null) return "Invalid value specified for 'to'";
  if (count !== undefined && !(Number.isInteger(count) && count >= 1)) return "Invalid value specified for 'count'";
  if ((count ?? 0) > COUNT_MAX) return "Maximum value for 'count' exceeded";
  if (count !== undefined && from !== undefined && to !== undefined) {
    return "'count' cannot be specified when 'to' and 'from' are set";
  }
  return { from, to, count: count ?? 500, includeFirst: query.get('includeFirst') !== 'false' };
}

const COUNT_MAX = 5000;

/** Undefined where nothing was given, null where it is no time. */
function timeOf(text: string | null): EpochMs | null | undefined {
  return text === null ? undefined : (parseTime(text) ?? null);
}

interface Span {
  readonly from: EpochMs | undefined;
  readonly to: EpochMs | undefined;
  readonly count: number;
  readonly includeFirst: boolean;
}

const LONGEST_MS = 20 * 366 * DAY_MS;

/** Candles whose open lies in the span; `to` itself is outside. Undefined when they are too many. */
function select(candles: Candles, name: string, periods: Periods, span: Span, now: EpochMs) {
  const until = span.to !== undefined && span.to <= now ? span.to : now + 1;
  // A candle that begins before the end is whole, as far as the venue has it.
  const last = Math.min(now + 1, periods.endOf(periods.startOf(until - 1)));
  const since = (first: EpochMs): readonly SandboxBar[] => candles.candles(name, periods, first, last);
  if (span.from !== undefined) {
    const covered = periods.startOf(span.from);
    const bars = since(span.includeFirst ? covered : periods.endOf(covered));
    if (span.to === undefined) return bars.slice(0, span.count);
    return bars.length > COUNT_MAX ? undefined : bars;
  }
  let reach = span.count * periods.lengthMs * 1.6 + 4 * DAY_MS;
  let bars = since(periods.startOf(until - reach));
  while (bars.length < span.count && reach < LONGEST_MS) {
    reach *= 4;
    const wider = since(periods.startOf(until - reach));
    if (wider.length === bars.length) break;
    bars = wider;
  }
  return bars.slice(-span.count);
}

function candleView(bar: SandboxBar, price: string, digits: number, complete: boolean): Json {
  const side = ({ o, h, l, c }: Corners): Json => ({
    o: decimal(o, digits),
    h: decimal(h, digits),
    l: decimal(l, digits),
    c: decimal(c, digits),
  });
  const mid = {
    o: (bar.bid.o + bar.ask.o) / 2,
    h: (bar.bid.h + bar.ask.h) / 2,
    l: (bar.bid.l + bar.ask.l) / 2,
    c: (bar.bid.c + bar.ask.c) / 2,
  };
  return {
    complete,
    volume: bar.volume,
    time: stamp(bar.start),
    bid: price.includes('B') ? side(bar.bid) : undefined,
    mid: price.includes('M') ? side(mid) : undefined,
    ask: price.includes('A') ? side(bar.ask) : undefined,
  };
}
