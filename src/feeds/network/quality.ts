import { isOpen } from '../../core/model/calendar/sessions.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Instrument } from '../../core/model/instrument.js';
import type { BarColumns, PriceColumns } from '../../core/model/market.js';

/** A bar that was left out. */
export interface DroppedBar {
  readonly ts: EpochMs;
  readonly code: 'DATA.NUMBER' | 'DATA.CORNERS' | 'DATA.CROSSED' | 'DATA.DUPLICATE' | 'DATA.UNSORTED';
  readonly reason: string;
}

/** Closes in a row that are equal before prices count as stale. */
const STALE_BARS = 24;
/** A close this many times the usual step away from both its neighbors, and back, is a spike. */
const SPIKE_STEPS = 40;

/** The bars that can be used, and what was left out of them: nothing that cannot be a price reaches a strategy. */
export function cleanBars(bars: BarColumns): { readonly bars: BarColumns; readonly dropped: readonly DroppedBar[] } {
  const dropped: DroppedBar[] = [];
  const kept: number[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < bars.length; i++) {
    const ts = bars.ts[i] ?? Number.NaN;
    const trouble = orderTrouble(ts, last) ?? barTrouble(bars, i);
    if (trouble !== undefined) {
      dropped.push({ ts, ...trouble });
      continue;
    }
    last = ts;
    kept.push(i);
  }
  return { bars: dropped.length === 0 ? bars : pick(bars, kept), dropped };
}

type Trouble = Pick<DroppedBar, 'code' | 'reason'>;

function orderTrouble(ts: EpochMs, last: EpochMs): Trouble | undefined {
  if (ts === last) return { code: 'DATA.DUPLICATE', reason: 'a second bar of the same time' };
  if (!(ts > last)) return { code: 'DATA.UNSORTED', reason: 'before the bar before it' };
  return undefined;
}

function barTrouble({ price, bid, ask }: BarColumns, i: number): Trouble | undefined {
  for (const side of [price, bid, ask]) {
    if (side === undefined) continue;
    const [open, high, low, close] = cornersOf(side, i);
    if (![open, high, low, close].every((corner) => corner > 0 && Number.isFinite(corner))) {
      return { code: 'DATA.NUMBER', reason: 'a price is zero, negative or missing' };
    }
    if (high < Math.max(open, close) || low > Math.min(open, close)) {
      return { code: 'DATA.CORNERS', reason: 'the high or low is not the highest or lowest' };
    }
  }
  const isCrossed = bid !== undefined && ask !== undefined && (bid.close[i] ?? 0) > (ask.close[i] ?? 0);
  return isCrossed ? { code: 'DATA.CROSSED', reason: 'the bid is above the ask' } : undefined;
}

function cornersOf(side: PriceColumns, i: number): readonly [number, number, number, number] {
  const at = (column: Float64Array): number => column[i] ?? Number.NaN;
  return [at(side.open), at(side.high), at(side.low), at(side.close)];
}

/** Rows by their places, in that order. */
export function pick(bars: BarColumns, places: readonly number[]): BarColumns {
  const column = (from: Float64Array): Float64Array => Float64Array.from(places, (i) => from[i] ?? Number.NaN);
  const side = (from: PriceColumns): PriceColumns => ({
    open: column(from.open),
    high: column(from.high),
    low: column(from.low),
    close: column(from.close),
  });
  const { bid, ask } = bars;
  return {
    length: places.length,
    ts: column(bars.ts),
    price: side(bars.price),
    volume: column(bars.volume),
    ...(bid === undefined || ask === undefined ? {} : { bid: side(bid), ask: side(ask) }),
  };
}

/** What looks wrong and may be right: it is told and stays. */
export function suspicionsOf(bars: BarColumns, instrument: Instrument, timeframeMs: number): readonly string[] {
  const notes: string[] = [];
  const spikes = spikesOf(bars);
  const [first] = spikes;
  if (first !== undefined) {
    notes.push(
      `${spikes.length} closes that jump and come back at once, the first at ${new Date(first).toISOString()}`,
    );
  }
  const stale = longestRun(bars);
  if (stale >= STALE_BARS) notes.push(`${stale} bars in a row have the same close`);
  const shut = countShut(bars, instrument, timeframeMs);
  if (shut > 0) notes.push(`${shut} bars lie in hours in which the market is closed`);
  return notes;
}

function spikesOf({ length, ts, price }: BarColumns): readonly EpochMs[] {
  const close = (i: number): number => price.close[i] ?? Number.NaN;
  const steps = Array.from({ length: Math.max(0, length - 1) }, (_, i) => Math.abs(close(i + 1) / close(i) - 1));
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
  const found: EpochMs[] = [];
  if (usual === 0) return found;
  for (let i = 1; i + 1 < length; i++) {
    const far = Math.min(steps[i - 1] ?? 0, steps[i] ?? 0) > SPIKE_STEPS * usual;
    if (far && Math.abs(close(i + 1) / close(i - 1) - 1) < (steps[i] ?? 0) / 4) found.push(ts[i] ?? Number.NaN);
  }
  return found;
}

function longestRun({ length, price }: BarColumns): number {
  let [longest, run] = [Math.min(1, length), 1];
  for (let i = 1; i < length; i++) {
    run = price.close[i] === price.close[i - 1] ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

function countShut({ length, ts }: BarColumns, { hours }: Instrument, timeframeMs: number): number {
  if (timeframeMs >= 86_400_000) return 0;
  let shut = 0;
  for (let i = 0; i < length; i++) {
    const close = ts[i] ?? Number.NaN;
    // A bar that reaches into the session at either end is one of it.
    if (!isOpen(hours, close - 1) && !isOpen(hours, close - timeframeMs)) shut++;
  }
  return shut;
}
