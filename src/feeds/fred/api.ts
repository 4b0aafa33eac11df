import { z } from 'zod';
import { FxError } from '../../core/base/errors.js';
import { closeOfDate } from '../../core/model/calendar/sessions.js';
import type { Observation } from '../../core/ports/price-feed.js';
import { type Query, VendorClient, type VendorParts } from '../network/client.js';
import { DECIMAL, dateOf, MISSING } from '../network/table.js';
import { dayBefore, type FredReader, requireSeries } from './series.js';

export const FRED_HOST = 'https://api.stlouisfed.org';

const LIMIT = 100_000;
const PAGES_MAX = 100;
/** The vendor's words for the beginning and end of time. */
const [EVER, NEVER] = ['1776-07-04', '9999-12-31'];

const day = z.string().refine((text) => dateOf(text) === text, 'must be a date');
export const observationsSchema = z.looseObject({
  count: z.number().int().nonnegative(),
  offset: z.number().int().nonnegative(),
  observations: z.array(
    z.looseObject({
      realtime_start: day,
      date: day,
      value: z.string().refine((text) => MISSING.test(text) || DECIMAL.test(text), 'must be a number or .'),
    }),
  ),
});
type Row = z.infer<typeof observationsSchema>['observations'][number];

/**
 * Series with their whole past: every value from the day on which it was published. The archive of a series begins at some
 * day; what it held on that day was published before, nobody knows when, and is dated by the usual delay.
 */
export function fredApi(parts: VendorParts, key: string): FredReader {
  const client = new VendorClient('FRED', parts);
  const pagesOf = async (id: string, range: Query): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    const kind = range['realtime_start'] === undefined ? 'now' : 'all';
    for (let page = 0; page < PAGES_MAX; page++) {
      const offset = rows.length === 0 ? undefined : rows.length;
      const fixed = { series_id: id, api_key: key, file_type: 'json', sort_order: 'asc', limit: LIMIT };
      const answer = await client.json(
        {
          path: '/fred/series/observations',
          query: { ...fixed, ...range, offset },
          what: `series ${id}`,
          key: 'FRED_API_KEY',
          page: `api-${id}-${kind}-${page}`,
        },
        observationsSchema,
      );
      rows.push(...answer.observations);
      if (rows.length >= answer.count || answer.observations.length === 0) break;
    }
    return rows;
  };
  return {
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async read(series, from, to) {
      const id = requireSeries(series);
      const range = {
        observation_start: from,
        observation_end: to === undefined ? undefined : dayBefore(to),
      };
      try {
        return vintagesOf(await pagesOf(id, { ...range, realtime_start: EVER, realtime_end: NEVER }));
      } catch (error) {
        // Daily series have more days of publication than the vendor tells at once: then only today's values are had.
        if (!(error instanceof FxError && error.code === 'FEED.REFUSED' && /vintage/i.test(error.message))) throw error;
        return vintagesOf(await pagesOf(id, range));
      }
    },
  };
}

/** Known at the close of the day on which a value was published; the first day of the archive says nothing. */
export function vintagesOf(rows: readonly Row[]): readonly Observation[] {
  const first = rows.map((row) => row.realtime_start).sort()[0] ?? '';
  return rows
    .filter(({ value }) => !MISSING.test(value))
    .map(({ date, value, realtime_start }) => {
      if (realtime_start === first) return { period: date, value };
      return { period: date, value, knownAt: closeOfDate(Date.parse(realtime_start), 'fx') };
    })
    .sort((a, b) => (a.period < b.period ? -1 : Number(a.period > b.period)) || (a.knownAt ?? 0) - (b.knownAt ?? 0));
}
