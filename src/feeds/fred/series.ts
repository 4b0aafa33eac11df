import { FxError } from '../../core/base/errors.js';
import { closeOfDate } from '../../core/model/calendar/sessions.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Observation, SeriesFeed } from '../../core/ports/price-feed.js';

/** One of the two ways to read a series. */
export interface FredReader {
  read(series: string, from: string | undefined, to: string | undefined): Promise<readonly Observation[]>;
  readonly clockOffsetMs: number | undefined;
}

/** Three-month interbank rates (OECD) of the currencies that a carry trade ranks, one series a currency. */
export const FRED_DEFAULT_SERIES: readonly string[] = 'US EZ JP GB CH AU NZ CA NO SE'
  .split(' ')
  .map((area) => `IR3TIB01${area}M156N`);

const DAY = 86_400_000;

/** Series by either reader, with what is known of when their values are published. */
export function fredFeed(
  reader: FredReader,
  currencyOf: (series: string, year: number) => string | undefined,
  series: readonly string[] = FRED_DEFAULT_SERIES,
): SeriesFeed {
  return {
    name: 'fred',
    series,
    get clockOffsetMs() {
      return reader.clockOffsetMs;
    },
    read: (id, from, to) => reader.read(id, from, to),
    currencyOf: (id, period) => currencyOf(id, Number(period.slice(0, 4))),
    knownBy: usuallyKnown,
    close: () => undefined,
  };
}

/**
 * A monthly average is known when its month is over; a day's value at the close of the next weekday, when it was published
 * the day after. Months are told by the name of the series, and where it says nothing taken for days: later is safe.
 */
export function usuallyKnown(series: string, period: string): EpochMs {
  const date = new Date(period);
  if (isMonthly(series)) return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
  let next = date.getTime() + DAY;
  while (new Date(next).getUTCDay() % 6 === 0) next += DAY;
  return closeOfDate(next, 'fx');
}

function isMonthly(series: string): boolean {
  return (
    /^(IR[A-Z0-9]{4}\d{2}|INTDSR|INTGST)[A-Z]{2}M\d/.test(series) || /^(FEDFUNDS|GS\d+|TB\dMS|EX[A-Z]{4})$/.test(series)
  );
}

/** A name as FRED has them: it goes into an address and into a file's name. */
export function requireSeries(series: string): string {
  const id = series.toUpperCase();
  if (/^[A-Z0-9_]{1,40}$/.test(id)) return id;
  throw new FxError('USAGE.BAD_VALUE', {
    message: `${JSON.stringify(series)} is no series of FRED`,
    next: 'give names such as DFF,DGS2,IR3TIB01USM156N',
    facts: { series },
  });
}

export function dayBefore(date: string): string {
  return new Date(Date.parse(date) - DAY).toISOString().slice(0, 10);
}
