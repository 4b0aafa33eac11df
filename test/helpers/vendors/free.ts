import { type Seen, type VendorReply, type VendorStandIn, vendorStandIn } from './stand-in.js';
import { zipOf } from './zip.js';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** The ECB with a history that may be changed while it stands; files are given in pieces to whoever asks. */
export async function ecbStandIn(history: string): Promise<VendorStandIn & { bank: { history: string } }> {
  const bank = { history };
  const answer = (seen: Seen): VendorReply => {
    if (seen.path === '/stats/eurofxref/eurofxref-hist.zip')
      return piece(zipOf('eurofxref-hist.csv', bank.history), seen);
    if (seen.path === '/stats/eurofxref/eurofxref.zip') return piece(zipOf('eurofxref.csv', dayOf(bank.history)), seen);
    return { status: 404, body: 'not found' };
  };
  return Object.assign(await vendorStandIn(answer), { bank });
}

/** The newest row as the bank writes its daily file: `Date, USD, …` and `31 December 2018, 1.145, …`. */
function dayOf(history: string): string {
  const [head = '', first = ''] = history.split('\n');
  const [date = '', ...values] = first.split(',');
  const [year, month, day] = date.split('-');
  const written = `${day} ${MONTHS[Number(month) - 1]} ${year}`;
  return `${head.split(',').join(', ')}\n${[written, ...values].join(', ')}\n`;
}

function piece(file: Buffer, { headers }: Seen): VendorReply {
  const etag = `"${file.length}-${file.reduce((sum, byte) => (sum * 31 + byte) % 1_000_003, 7)}"`;
  const range = /^bytes=(\d+)-(\d+)$/.exec(String(headers['range'] ?? ''));
  const changed = headers['if-range'] !== undefined && headers['if-range'] !== etag;
  if (range === null || changed) return { headers: { etag }, body: file };
  const first = Number(range[1]);
  const last = Math.min(Number(range[2]), file.length - 1);
  return {
    status: 206,
    headers: { etag, 'content-range': `bytes ${first}-${last}/${file.length}` },
    body: file.subarray(first, last + 1),
  };
}

/** The BIS with monthly rates from lines of `iso2,month,policy_rate_pct`; each area in the BIS's own csv. */
export async function bisStandIn(lines: string): Promise<VendorStandIn & { bank: { lines: string } }> {
  const bank = { lines };
  const answer = ({ path, query }: Seen): VendorReply => {
    const [, letter, area] = /^\/api\/v2\/data\/dataflow\/BIS\/WS_CBPOL\/1\.0\/([MD])\.([A-Z]{2})$/.exec(path) ?? [];
    if (area === undefined || query.get('format') !== 'csv') return { status: 404, body: 'NoRecordsFound' };
    const [start, end] = [query.get('startPeriod') ?? '0', query.get('endPeriod') ?? '9'];
    const rows = bank.lines.split('\n').flatMap((line) => {
      const [iso = '', period = '', value = ''] = line.trim().split(',');
      if (iso !== area || period < start || period > end) return [];
      return [
        `dataflow,BIS:WS_CBPOL(1.0),I,${letter},"${area}",368,0,,,,"Central bank, policy rate",${period},${value},A,F,`,
      ];
    });
    if (rows.length === 0) return { status: 404, body: 'NoRecordsFound' };
    const names =
      'STRUCTURE,STRUCTURE_ID,ACTION,FREQ:Frequency,REF_AREA:Reference area,UNIT_MEASURE,UNIT_MULT,TIME_FORMAT,COMPILATION,SOURCE_REF,TITLE,TIME_PERIOD:Time period,OBS_VALUE:Value,OBS_STATUS,OBS_CONF,OBS_PRE_BREAK';
    return {
      headers: { 'content-type': 'application/vnd.sdmx.data+csv' },
      body: `${[names, ...rows].join('\r\n')}\r\n`,
    };
  };
  return Object.assign(await vendorStandIn(answer), { bank });
}

/** FRED's downloads, with the csv of each series as the files have it. */
export async function fredStandIn(series: Readonly<Record<string, string>>): Promise<VendorStandIn> {
  return vendorStandIn(({ path, query }) => {
    const id = query.get('id') ?? '';
    const text = path === '/graph/fredgraph.csv' ? series[id] : undefined;
    if (text === undefined) return { status: 404, body: '<html>not found</html>' };
    const [start, end] = [query.get('cosd') ?? '0', query.get('coed') ?? '9'];
    const rows = text
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .filter((row) => row.slice(0, 10) >= start && row.slice(0, 10) <= end);
    return { headers: { 'content-type': 'text/csv' }, body: `${[`observation_date,${id}`, ...rows].join('\n')}\n` };
  });
}
