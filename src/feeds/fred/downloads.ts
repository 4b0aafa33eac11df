import type { Observation } from '../../core/ports/price-feed.js';
import { VendorClient, type VendorParts } from '../network/client.js';
import { DECIMAL, dateOf, MISSING, tableOf } from '../network/table.js';
import { dayBefore, type FredReader, requireSeries } from './series.js';

export const FRED_DOWNLOAD_HOST = 'https://fred.stlouisfed.org';

/** The csv of a chart, which needs no key and knows only the newest revision. */
export function fredDownloads(parts: VendorParts): FredReader {
  const client = new VendorClient('FRED', parts);
  return {
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async read(series, from, to) {
      const id = requireSeries(series);
      const what = `series ${id}`;
      const body = await client.text({
        path: '/graph/fredgraph.csv',
        query: { id, cosd: from, coed: to === undefined ? undefined : dayBefore(to) },
        headers: { accept: 'text/csv' },
        what,
        page: `csv-${id}`,
      });
      return observationsOf(body, id, (why) => client.malformed(what, why));
    },
  };
}

/** The values of a csv with a date and one series; an empty cell and `.` are missing values. */
export function observationsOf(
  body: string,
  series: string,
  malformed: (why: string) => Error,
): readonly Observation[] {
  const { names, rows } = tableOf(body);
  const [date = '', name = ''] = names;
  if (names.length !== 2 || !/^(observation_)?date$/i.test(date) || name.toUpperCase() !== series) {
    throw malformed(`it is not the csv of ${series}: its header is '${names.join(',').slice(0, 60)}'`);
  }
  const found: Observation[] = [];
  for (const cells of rows) {
    const [when = '', value = ''] = cells;
    if (dateOf(when) !== when) throw malformed(`'${when.slice(0, 20)}' is no date`);
    if (MISSING.test(value)) continue;
    if (!DECIMAL.test(value)) throw malformed(`'${value.slice(0, 20)}' of ${when} is no number`);
    const before = found.at(-1);
    if (before !== undefined && before.period >= when) throw malformed(`${when} does not come after ${before.period}`);
    found.push({ period: when, value });
  }
  return found;
}
