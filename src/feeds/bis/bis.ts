import { closeOfDate } from '../../core/model/calendar/sessions.js';
import type { EpochMs } from '../../core/model/ids.js';
import type { Observation, SeriesFeed } from '../../core/ports/price-feed.js';
import { VendorClient, type VendorParts } from '../network/client.js';
import { DECIMAL, dateOf, isMonth, MISSING, tableOf } from '../network/table.js';

export const BIS_HOST = 'https://stats.bis.org';

/** How often a value is given. */
export type BisFrequency = 'monthly' | 'daily';

/** Areas whose central bank has a policy rate today, by the codes of the BIS (`XM` is the euro area). */
export const BIS_AREAS: readonly string[] =
  'AR AU BR CA CH CL CN CO CZ DK GB HK HU ID IL IN IS JP KR KW MA MK MX MY NO NZ PE PH PL RO RS RU SA SE TH TR US XM ZA'.split(
    ' ',
  );

const DAY = 86_400_000;

/**
 * Policy rates of central banks (data set WS_CBPOL), one area a request. A rate is published by its central bank on the day
 * it is decided, so a month's value (that of its end) is known at the close of its last weekday and a day's at its close.
 */
export function bisFeed(
  parts: VendorParts,
  frequency: BisFrequency,
  currencyOf: (area: string, year: number) => string | undefined,
  areas: readonly string[] = BIS_AREAS,
): SeriesFeed {
  const client = new VendorClient('BIS', parts);
  const letter = frequency === 'monthly' ? 'M' : 'D';
  return {
    name: 'bis',
    series: areas,
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
    async read(area, from, to) {
      const body = await client.text({
        path: `/api/v2/data/dataflow/BIS/WS_CBPOL/1.0/${letter}.${encodeURIComponent(area)}`,
        query: {
          format: 'csv',
          startPeriod: periodOf(from, frequency),
          endPeriod: to === undefined ? undefined : periodOf(dayBefore(to), frequency),
        },
        headers: { accept: 'application/vnd.sdmx.data+csv, text/csv' },
        what: `the ${frequency} policy rate of ${area}`,
        page: `${letter}-${area}`,
        // What SDMX says where an area has no value in the period.
        empty: 404,
      });
      return body === '' ? [] : observationsOf(body, { area, letter, frequency }, client);
    },
    currencyOf: (area, period) => currencyOf(area, Number(period.slice(0, 4))),
    knownBy: (_area, period) => closeOfDate(frequency === 'daily' ? Date.parse(period) : lastWeekday(period), 'fx'),
    close: () => undefined,
  };
}

interface Wanted {
  readonly area: string;
  readonly letter: string;
  readonly frequency: BisFrequency;
}

/** The values of one area from the BIS's csv: of the data service or of the bulk download. */
export function observationsOf(body: string, wanted: Wanted, client: VendorClient): readonly Observation[] {
  const { names, rows } = tableOf(body);
  const column = (name: string) => {
    const at = names.indexOf(name);
    return (cells: readonly string[]): string => (cells[at] ?? '').split(':')[0]?.trim() ?? '';
  };
  const lacking = ['REF_AREA', 'TIME_PERIOD', 'OBS_VALUE'].find((name) => !names.includes(name));
  const malformed = (why: string) => client.malformed(`the policy rate of ${wanted.area}`, why);
  if (lacking !== undefined) throw malformed(`it is not the csv of the BIS: the column ${lacking} is missing`);
  const [area, period, value, often] = [column('REF_AREA'), column('TIME_PERIOD'), column('OBS_VALUE'), column('FREQ')];
  const found = new Map<string, Observation>();
  for (const cells of rows) {
    if (area(cells) !== wanted.area || !['', wanted.letter].includes(often(cells))) continue;
    const one = { period: period(cells), value: value(cells) };
    const why = troubleWith(one, wanted.frequency);
    if (why !== undefined) throw malformed(why);
    if (!MISSING.test(one.value)) found.set(one.period, one);
  }
  return [...found.values()].sort((a, b) => (a.period < b.period ? -1 : 1));
}

function troubleWith({ period, value }: Observation, frequency: BisFrequency): string | undefined {
  const isPeriod = frequency === 'monthly' ? isMonth(period) : dateOf(period) === period;
  if (!isPeriod) return `'${period.slice(0, 20)}' is no period`;
  const isRate = MISSING.test(value) || (DECIMAL.test(value) && Math.abs(Number(value)) <= 1e6);
  return isRate ? undefined : `'${value.slice(0, 20)}' of ${period} is no rate`;
}

function periodOf(date: string | undefined, frequency: BisFrequency): string | undefined {
  return frequency === 'monthly' ? date?.slice(0, 7) : date;
}

function dayBefore(date: string): string {
  return new Date(Date.parse(date) - DAY).toISOString().slice(0, 10);
}

function lastWeekday(month: string): EpochMs {
  let date = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1) - DAY;
  while (new Date(date).getUTCDay() % 6 === 0) date -= DAY;
  return date;
}
