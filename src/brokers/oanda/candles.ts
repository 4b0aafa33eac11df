import { FxError } from '../../core/base/errors.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, rollAfter } from '../../core/model/calendar/calendar.js';
import type { EpochMs, InstrumentId } from '../../core/model/ids.js';
import type { BarColumns, PriceColumns } from '../../core/model/market.js';
import { malformed, type OandaClient } from './client.js';
import { wireName } from './names.js';
import { candlesSchema, type WireCandle } from './schema.js';

const SECOND_MS = 1_000;
const GRANULARITIES: ReadonlyMap<number, string> = new Map([
  ...[5, 10, 15, 30].map((n) => [n * SECOND_MS, `S${n}`] as const),
  ...[1, 2, 4, 5, 10, 15, 30].map((n) => [n * MINUTE_MS, `M${n}`] as const),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => [n * HOUR_MS, `H${n}`] as const),
  [DAY_MS, 'D'],
]);

/** Bars the venue gives at once. */
const PAGE = 5_000;
const PAGES_MAX = 1_000;

type Sided = WireCandle & { readonly bid: Corners; readonly ask: Corners };
type Corners = NonNullable<WireCandle['bid']>;

/** When a bar that opened at `open` closes; a day ends at 17:00 New York and has 23 or 25 hours twice a year. */
export function closeOf(open: EpochMs, timeframeMs: number): EpochMs {
  return timeframeMs === DAY_MS ? rollAfter(open) : open + timeframeMs;
}

/** Closed bars with both sides whose close lies after `after` and not after `until`, oldest first; `price` is the mid. */
export async function readBars(
  client: OandaClient,
  id: InstrumentId,
  timeframeMs: number,
  after: EpochMs,
  until: EpochMs,
): Promise<BarColumns> {
  const granularity = GRANULARITIES.get(timeframeMs);
  if (granularity === undefined) {
    throw new FxError('BROKER.TIMEFRAME', {
      message: `OANDA has no bars of ${timeframeMs / SECOND_MS} s`,
      next: 'choose one of 1m, 5m, 15m, 30m, 1h, 4h, 1d',
      facts: { timeframeMs },
    });
  }
  const rows: Sided[] = [];
  // A bar may be open for longer than its name says: a Friday's for the whole weekend.
  let from = after - timeframeMs * (timeframeMs === DAY_MS ? 4 : 1);
  for (let page = 0; page < PAGES_MAX && from < until; page++) {
    const { candles } = await client.read(`/instruments/${wireName(id)}/candles`, candlesSchema, {
      price: 'BA',
      granularity,
      from: new Date(from).toISOString(),
      count: PAGE,
      includeFirst: page === 0 ? 'true' : 'false',
      dailyAlignment: 17,
      alignmentTimezone: 'America/New_York',
    });
    for (const candle of candles) {
      const close = closeOf(candle.time, timeframeMs);
      if (candle.complete && close > after && close <= until) rows.push(sided(candle, rows.at(-1)));
    }
    const last = candles.at(-1);
    if (last === undefined || candles.length < PAGE || last.time <= from) break;
    from = last.time;
  }
  return columnsOf(rows, timeframeMs);
}

function sided(candle: WireCandle, before: WireCandle | undefined): Sided {
  const { bid, ask } = candle;
  if (bid === undefined || ask === undefined) throw malformed('candles', 'a bar lacks a side');
  if (before !== undefined && candle.time <= before.time)
    throw malformed('candles', 'bars are not in the order of time');
  return { ...candle, bid, ask };
}

function columnsOf(rows: readonly Sided[], timeframeMs: number): BarColumns {
  const { length } = rows;
  const column = (value: (row: Sided) => number): Float64Array => Float64Array.from(rows, value);
  const prices = (corner: (row: Sided, key: 'o' | 'h' | 'l' | 'c') => number): PriceColumns => ({
    open: column((row) => corner(row, 'o')),
    high: column((row) => corner(row, 'h')),
    low: column((row) => corner(row, 'l')),
    close: column((row) => corner(row, 'c')),
  });
  return {
    length,
    ts: column((row) => closeOf(row.time, timeframeMs)),
    price: prices((row, key) => (row.bid[key] + row.ask[key]) / 2),
    volume: column((row) => row.volume),
    bid: prices((row, key) => row.bid[key]),
    ask: prices((row, key) => row.ask[key]),
  };
}
