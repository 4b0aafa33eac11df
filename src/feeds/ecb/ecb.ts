import type { FxError } from '../../core/base/errors.js';
import { VendorClient, type VendorParts } from '../network/client.js';
import { download } from '../network/download.js';
import { DECIMAL, dateOf, MISSING, tableOf } from '../network/table.js';
import { onlyFileOf } from '../network/zip.js';

export const ECB_HOST = 'https://www.ecb.europa.eu';
const FOLDER = '/stats/eurofxref';
const ZIP_CAP = 32 * 1024 * 1024;
const CSV_CAP = 256 * 1024 * 1024;

/** Reference rates: units of each currency for one euro, by date, newest first as the bank has them. */
export interface FixingTable {
  /** In the order of the file. */
  readonly currencies: readonly string[];
  /** Date to currency to the digits of the bank; a currency without a value on a date is left out. */
  readonly days: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * Euro foreign exchange reference rates. They are measured at 14:10 Frankfurt and published around 16:00; a row counts as
 * known at 17:00 New York of its date, which is later the whole year round.
 */
export interface EcbFeed {
  /** Every date since 1999. */
  history(onProgress?: (done: number, total: number) => void): Promise<FixingTable>;
  /** The newest date alone. */
  latest(): Promise<FixingTable>;
  readonly clockOffsetMs: number | undefined;
}

export function ecbFeed(parts: VendorParts): EcbFeed {
  const client = new VendorClient('ECB', parts);
  const read = async (name: string, what: string, onProgress?: (done: number, total: number) => void) => {
    const file = { path: `${FOLDER}/${name}.zip`, what, page: name, cap: ZIP_CAP };
    const zip = await download(client, file, parts.pages, onProgress);
    const csv = onlyFileOf(zip, CSV_CAP);
    if (csv === undefined) throw client.malformed(what, 'it is not a zip of one csv file, or it is damaged');
    return fixingsOf(csv.toString('utf8'), (why) => client.malformed(what, why));
  };
  return {
    history: (onProgress) => read('eurofxref-hist', 'the history of reference rates', onProgress),
    latest: () => read('eurofxref', 'the newest reference rates'),
    get clockOffsetMs() {
      return client.clockOffsetMs;
    },
  };
}

/** The table of a csv of reference rates, of the history and of the daily file alike. */
export function fixingsOf(csv: string, malformed: (why: string) => FxError): FixingTable {
  const { names, rows } = tableOf(csv);
  const codes = names.slice(1).filter((name) => name !== '');
  if (names[0]?.toLowerCase() !== 'date' || codes.length === 0 || !codes.every((code) => /^[A-Z]{3}$/.test(code))) {
    throw malformed('it does not begin with Date and currencies');
  }
  if (rows.length === 0) throw malformed('it has no row');
  const days = new Map<string, ReadonlyMap<string, string>>();
  for (const cells of rows) {
    const date = dateOf(cells[0] ?? '');
    if (date === undefined) throw malformed(`'${(cells[0] ?? '').slice(0, 20)}' is no date`);
    if (days.has(date)) throw malformed(`it has ${date} twice`);
    days.set(
      date,
      dayOf(cells, names, (why) => malformed(`${date}: ${why}`)),
    );
  }
  return { currencies: codes, days };
}

function dayOf(
  cells: readonly string[],
  names: readonly string[],
  malformed: (why: string) => FxError,
): ReadonlyMap<string, string> {
  const day = new Map<string, string>();
  for (const [i, name] of names.entries()) {
    const text = cells[i] ?? '';
    if (i === 0 || name === '' || MISSING.test(text)) continue;
    if (!DECIMAL.test(text) || !(Number(text) > 0)) throw malformed(`'${text.slice(0, 20)}' is no rate of ${name}`);
    day.set(name, text);
  }
  return day;
}

/** A value that the bank changed after it was published first. */
export interface FixingRevision {
  readonly currency: string;
  readonly date: string;
  /** What was known first and stays in the file. */
  readonly was: string;
  readonly now: string;
}

/**
 * Both tables as one. A date that is known keeps the values it was published with: nobody could trade on what was
 * corrected later. What differs is told.
 */
export function mergeFixings(
  known: FixingTable | undefined,
  fresh: FixingTable,
): { readonly table: FixingTable; readonly added: number; readonly revised: readonly FixingRevision[] } {
  const days = new Map(known?.days);
  const revised: FixingRevision[] = [];
  let added = 0;
  for (const [date, day] of fresh.days) {
    const before = days.get(date);
    if (before === undefined) {
      days.set(date, day);
      added++;
      continue;
    }
    for (const [currency, now] of day) {
      const was = before.get(currency);
      if (was !== undefined && Number(was) !== Number(now)) revised.push({ currency, date, was, now });
    }
  }
  const currencies = [...new Set([...fresh.currencies, ...(known?.currencies ?? [])])];
  const sorted = [...days].sort(([a], [b]) => (a < b ? 1 : -1));
  return { table: { currencies, days: new Map(sorted) }, added, revised };
}

/** The table as the bank writes its history: newest first, `N/A` where there is no value. */
export function fixingsText({ currencies, days }: FixingTable): string {
  const lines = [`Date,${currencies.join(',')},`];
  for (const [date, day] of days) lines.push(`${date},${currencies.map((code) => day.get(code) ?? 'N/A').join(',')},`);
  return `${lines.join('\n')}\n`;
}
