import { z } from 'zod';
import type { EpochMs } from '../../core/model/ids.js';
import type { BarColumns, PriceColumns } from '../../core/model/market.js';

/** A bar as a vendor gave it, in our words. */
export interface VendorBar {
  /** Close time. */
  readonly ts: EpochMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Units of base; left out where the vendor has none. */
  readonly volume?: number;
}

/** A decimal in a string: plain digits, nothing that `Number` alone would let through. */
export const decimalText = z
  .string()
  .regex(/^-?\d{1,15}(\.\d{1,20})?$/)
  .transform(Number);
/** A number of JSON: `1e400` and the like are none. */
export const price = z.number().positive().max(1e12);
export const priceText = decimalText.refine((value) => value > 0, 'must be positive');

/** Bars whose close lies after `after` and not after `until`, oldest first, as columns. */
export function columnsOf(bars: readonly VendorBar[], after: EpochMs, until: EpochMs): BarColumns {
  const rows = bars.filter(({ ts }) => ts > after && ts <= until).sort((a, b) => a.ts - b.ts);
  const column = (value: (row: VendorBar) => number): Float64Array => Float64Array.from(rows, value);
  const prices: PriceColumns = {
    open: column((row) => row.open),
    high: column((row) => row.high),
    low: column((row) => row.low),
    close: column((row) => row.close),
  };
  return {
    length: rows.length,
    ts: column(({ ts }) => ts),
    price: prices,
    volume: column((row) => row.volume ?? Number.NaN),
  };
}

/** `2024-01-31` of an instant, UTC. */
export function dayOf(ts: EpochMs): string {
  return new Date(ts).toISOString().slice(0, 10);
}
