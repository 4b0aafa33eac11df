import { FxError } from '../../core/base/errors.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { AssetClass } from '../../core/model/instrument.js';
import type { BarColumns, CorporateAction, PriceColumns, SeriesInfo } from '../../core/model/market.js';
import type { BarSource } from '../../core/ports/feed.js';

const DAY = 86_400_000;
const CHUNK_ROWS = 8192;

export interface ResampleOptions {
  readonly assetClass: AssetClass;
  /** Close of the market on a date (`dateUtcMs` is its 00:00 UTC): ends a day's bar of FX and of stocks. */
  readonly closeOfDate: (dateUtcMs: number, assetClass: AssetClass) => EpochMs;
}

/**
 * The same prices in longer bars: first open, highest high, lowest low, last close, volumes added, each side for
 * itself. Bars of less than a day are aligned to UTC; a day ends at 17:00 New York (FX), at the session's end (stocks)
 * or at midnight UTC (all others); what FX trades on a weekend counts for Monday. A bar is stamped with the end of its
 * time, also the last one. Throws DATA.TIMEFRAME when the source cannot be cut that way.
 */
export function resample(source: BarSource, timeframeMs: number, options: ResampleOptions): BarSource {
  const { info } = source;
  const from = info.timeframeMs;
  if (from === timeframeMs) return source;
  refuseUneven(info, timeframeMs);
  // A tick at 10:00 opens the bar from 10:00; a bar that closed at 10:00 ends the one before.
  const nudge = from === 0 ? 1 : 0;
  const endOf =
    timeframeMs === DAY ? dayEnd(options) : (ts: EpochMs): EpochMs => Math.ceil(ts / timeframeMs) * timeframeMs;
  return {
    info: { ...info, timeframeMs },
    async *chunks(signal) {
      const out = new Bucket(info.side === 'both');
      for await (const chunk of source.chunks(signal)) {
        out.addActions(chunk.actions);
        for (let i = out.fill(chunk, 0, nudge, endOf); i < chunk.length; i = out.fill(chunk, i, nudge, endOf)) {
          yield out.take();
        }
      }
      if (out.length > 0) yield out.take();
    },
  };
}

function refuseUneven({ timeframeMs: from, instrument }: SeriesInfo, timeframeMs: number): void {
  const whole = from === 0 || timeframeMs % from === 0;
  if (whole && from < timeframeMs && timeframeMs <= DAY && DAY % timeframeMs === 0) return;
  const shorter = from > timeframeMs;
  throw new FxError('DATA.TIMEFRAME', {
    message: `bars of ${minutes(timeframeMs)} cannot be made from ${from === 0 ? 'ticks' : `bars of ${minutes(from)}`} of ${instrument}`,
    next: shorter
      ? `use --timeframe ${minutes(from)} or longer, or finer data`
      : 'use a timeframe that whole bars of the file fill: 1m, 5m, 15m, 1h, 4h or 1d',
    facts: { instrument, fileTimeframeMs: from, timeframeMs },
  });
}

function minutes(ms: number): string {
  if (ms % DAY === 0) return `${ms / DAY}d`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
}

function dayEnd({ assetClass, closeOfDate }: ResampleOptions): (ts: EpochMs) => EpochMs {
  if (assetClass !== 'fx' && assetClass !== 'stock') return (ts) => Math.ceil(ts / DAY) * DAY;
  return (ts) => {
    let date = Math.floor(ts / DAY) * DAY - DAY;
    while (closeOfDate(date, assetClass) < ts || isWeekend(date)) date += DAY;
    return closeOfDate(date, assetClass);
  };
}

function isWeekend(date: EpochMs): boolean {
  const weekday = new Date(date).getUTCDay();
  return weekday === 0 || weekday === 6;
}

function fourColumns(): PriceColumns {
  return {
    open: new Float64Array(CHUNK_ROWS),
    high: new Float64Array(CHUNK_ROWS),
    low: new Float64Array(CHUNK_ROWS),
    close: new Float64Array(CHUNK_ROWS),
  };
}

/** Longer bars in the making; the last one still grows. */
class Bucket {
  length = 0;
  private end = Number.NEGATIVE_INFINITY;
  private readonly ts = new Float64Array(CHUNK_ROWS);
  private readonly volume = new Float64Array(CHUNK_ROWS);
  private readonly price = fourColumns();
  private readonly bid: PriceColumns | undefined;
  private readonly ask: PriceColumns | undefined;
  private actions: CorporateAction[] = [];

  constructor(both: boolean) {
    this.bid = both ? fourColumns() : undefined;
    this.ask = both ? fourColumns() : undefined;
  }

  addActions(actions: readonly CorporateAction[] | undefined): void {
    if (actions !== undefined) this.actions.push(...actions);
  }

  /** Takes rows from `from` on; returns the first row it had no room for, or the chunk's length. */
  fill(chunk: BarColumns, from: number, nudge: number, endOf: (ts: EpochMs) => EpochMs): number {
    for (let i = from; i < chunk.length; i++) {
      const ts = (chunk.ts[i] ?? Number.NaN) + nudge;
      if (ts <= this.end) this.widen(chunk, i);
      else if (this.length === CHUNK_ROWS) return i;
      else {
        this.end = endOf(ts);
        this.open(chunk, i, this.end);
      }
    }
    return chunk.length;
  }

  private open(chunk: BarColumns, from: number, ts: EpochMs): void {
    const at = this.length++;
    this.ts[at] = ts;
    this.volume[at] = chunk.volume[from] ?? Number.NaN;
    copyRow(chunk.price, from, this.price, at);
    if (this.bid !== undefined) copyRow(chunk.bid, from, this.bid, at);
    if (this.ask !== undefined) copyRow(chunk.ask, from, this.ask, at);
  }

  private widen(chunk: BarColumns, from: number): void {
    const at = this.length - 1;
    const more = chunk.volume[from] ?? Number.NaN;
    const sum = this.volume[at] ?? Number.NaN;
    if (!Number.isNaN(more)) this.volume[at] = Number.isNaN(sum) ? more : sum + more;
    widenRow(chunk.price, from, this.price, at);
    if (this.bid !== undefined) widenRow(chunk.bid, from, this.bid, at);
    if (this.ask !== undefined) widenRow(chunk.ask, from, this.ask, at);
  }

  /** The finished bars; the columns are used again after the next `open`. */
  take(): BarColumns {
    const { length, ts, volume, price, bid, ask, actions } = this;
    const due = actions.filter((action) => action.ts <= (ts[length - 1] ?? Number.NEGATIVE_INFINITY));
    this.actions = actions.slice(due.length);
    this.length = 0;
    const sides = bid === undefined || ask === undefined ? {} : { bid, ask };
    return { length, ts, volume, price, ...sides, ...(due.length > 0 ? { actions: due } : {}) };
  }
}

function copyRow(from: PriceColumns | undefined, i: number, to: PriceColumns, at: number): void {
  to.open[at] = from?.open[i] ?? Number.NaN;
  to.high[at] = from?.high[i] ?? Number.NaN;
  to.low[at] = from?.low[i] ?? Number.NaN;
  to.close[at] = from?.close[i] ?? Number.NaN;
}

function widenRow(from: PriceColumns | undefined, i: number, to: PriceColumns, at: number): void {
  const high = from?.high[i] ?? Number.NaN;
  const low = from?.low[i] ?? Number.NaN;
  if (high > (to.high[at] ?? Number.NaN)) to.high[at] = high;
  if (low < (to.low[at] ?? Number.NaN)) to.low[at] = low;
  to.close[at] = from?.close[i] ?? Number.NaN;
}
