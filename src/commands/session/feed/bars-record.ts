import type { EpochMs } from '../../../core/model/ids.js';
import type { BarColumns } from '../../../core/model/market.js';
import { columnsOfBars } from '../../../feeds/live/asker.js';
import type { LiveBar } from '../../../feeds/live/bar-maker.js';

/**
 * Bars as a journal keeps them, a list an instrument: close time, volume, four corners of the mid, then those of bid and ask
 * where both are known. A vendor may tell another story tomorrow.
 */
export type BarsRecord = readonly (readonly (readonly (number | null)[])[])[];

export function toRecord(bars: readonly (readonly LiveBar[])[]): BarsRecord {
  return bars.map((list) =>
    list.map(({ ts, volume, price, bid, ask }) => [
      ts,
      Number.isNaN(volume) ? null : volume,
      ...price,
      ...(bid === undefined || ask === undefined ? [] : [...bid, ...ask]),
    ]),
  );
}

export function fromRecord(record: BarsRecord): readonly BarColumns[] {
  return record.map((list) => columnsOfBars(list.map(barOf)));
}

function barOf(row: readonly (number | null)[]): LiveBar {
  const at = (place: number): number => row[place] ?? Number.NaN;
  const corners = (from: number) => [at(from), at(from + 1), at(from + 2), at(from + 3)] as const;
  const bar = { ts: at(0), volume: at(1), price: corners(2) };
  return row.length < 14 ? bar : { ...bar, bid: corners(6), ask: corners(10) };
}

/** The newest close of all, or `after` when there is no bar. */
export function newestOf(bars: readonly (readonly LiveBar[])[], after: EpochMs): EpochMs {
  return bars.reduce((newest, list) => Math.max(newest, list.at(-1)?.ts ?? after), after);
}
