import { type Seen, type VendorReply, type VendorStandIn, vendorStandIn } from './stand-in.js';

export const KEY = 'SECRET-KEY-123456';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface MadeBar {
  readonly begin: number;
  readonly o: number;
  readonly h: number;
  readonly l: number;
  readonly c: number;
}

/** Prices that follow from the time alone: every vendor tells the same, whatever stretch is asked for. */
export function madeBars(from: number, to: number, stepMs: number): MadeBar[] {
  const bars: MadeBar[] = [];
  for (let begin = Math.ceil(from / stepMs) * stepMs; begin <= to; begin += stepMs) {
    if (stepMs < DAY ? isShut(begin) : new Date(begin).getUTCDay() % 6 === 0) continue;
    const [o, c] = [levelAt(begin / stepMs), levelAt(begin / stepMs + 1)];
    bars.push({ begin, o, h: five(Math.max(o, c) + 0.0002), l: five(Math.min(o, c) - 0.0002), c });
  }
  return bars;
}

/** In winter: Friday 22:00 to Sunday 22:00. */
function isShut(ts: number): boolean {
  const hours = (ts / HOUR + 96) % 168;
  return hours >= 5 * 24 + 22 || hours < 22;
}

const five = (value: number): number => Math.round(value * 1e5) / 1e5;
const levelAt = (n: number): number => five(1.1 + ((n * 7) % 31) / 10_000);

/** What a vendor has, and how much of it it gives at once. */
interface Holdings {
  readonly bars?: typeof madeBars;
  readonly page?: number;
}

const denied: VendorReply = { status: 401, body: `{"error":"Unknown key ${KEY}"}` };
const json = (value: unknown): VendorReply => ({
  headers: { 'content-type': 'application/json', date: new Date(0).toUTCString() },
  body: JSON.stringify(value),
});

/** Massive: pages of two days, with a next_url at its own host. */
export function polygonStandIn({ bars: made = madeBars, page: size = 100 }: Holdings = {}): Promise<VendorStandIn> {
  return vendorStandIn(({ path, query, headers }) => {
    if (headers['authorization'] !== `Bearer ${KEY}`) return denied;
    const match = /^\/v2\/aggs\/ticker\/([^/]+)\/range\/(\d+)\/(minute|hour|day)\/(\d+)\/(\d+)$/.exec(
      decodeURIComponent(path),
    );
    if (match === null) return { status: 404, body: '{"status":"ERROR","error":"not found"}' };
    const [, ticker, count, span, from, to] = match;
    const step = Number(count) * { minute: MINUTE, hour: HOUR, day: DAY }[span as 'minute' | 'hour' | 'day'];
    const cursor = Number(query.get('cursor') ?? 0);
    const bars = made(Number(from), Number(to), step);
    const results = bars
      .slice(cursor, cursor + size)
      .map(({ begin, ...corners }) => ({ t: begin, ...corners, v: 10, vw: 1, n: 3 }));
    const more = cursor + size < bars.length;
    return json({
      ticker,
      status: 'OK',
      adjusted: true,
      queryCount: results.length,
      resultsCount: results.length,
      request_id: 'a',
      ...(results.length === 0 ? {} : { results }),
      ...(more ? { next_url: `https://api.massive.com${path}?cursor=${cursor + size}` } : {}),
    });
  });
}

export function tiingoStandIn({ bars: made = madeBars }: Holdings = {}): Promise<VendorStandIn> {
  const steps: Readonly<Record<string, number>> = { '1hour': HOUR, '1day': DAY, '1min': MINUTE };
  return vendorStandIn(({ path, query, headers }) => {
    if (headers['authorization'] !== `Token ${KEY}`) return denied;
    const ticker = /^\/tiingo\/fx\/([a-z]{6})\/prices$/.exec(path)?.[1];
    if (ticker === undefined) return { status: 404, body: '{"detail":"Not found."}' };
    const step = steps[query.get('resampleFreq') ?? ''] ?? 5 * MINUTE;
    const [from, to] = [Date.parse(query.get('startDate') ?? ''), Date.parse(query.get('endDate') ?? '') + DAY - 1];
    return json(
      made(from, to, step).map(({ begin, o, h, l, c }) => ({
        date: new Date(begin).toISOString(),
        ticker,
        open: o,
        high: h,
        low: l,
        close: c,
      })),
    );
  });
}

export function alpacaStandIn({ bars: made = madeBars, page: size = 50 }: Holdings = {}): Promise<VendorStandIn> {
  return vendorStandIn(({ path, query, headers }) => {
    if (headers['apca-api-key-id'] !== KEY || headers['apca-api-secret-key'] !== KEY) return denied;
    if (!['/v2/stocks/bars', '/v1beta3/crypto/us/bars'].includes(path))
      return { status: 404, body: '{"message":"no"}' };
    const step =
      { '1Min': MINUTE, '5Min': 5 * MINUTE, '1Hour': HOUR, '1Day': DAY }[query.get('timeframe') ?? ''] ?? DAY;
    const [from, to] = [Date.parse(query.get('start') ?? ''), Date.parse(query.get('end') ?? '')];
    const bars = made(from, to, step);
    const at = Number(query.get('page_token') ?? 0);
    const page = bars.slice(at, at + size).map(({ begin, o, h, l, c }) => {
      const t = new Date(begin + (path.includes('stocks') && step === DAY ? 5 * HOUR : 0)).toISOString();
      return { t, o, h, l, c, v: 10, n: 1, vw: c };
    });
    const next_page_token = at + size < bars.length ? String(at + size) : null;
    return json({ bars: { [query.get('symbols') ?? '']: page }, next_page_token });
  });
}

/** Alpha Vantage: everything with status 200, newest first, complaints among the data. */
export async function alphaVantageStandIn(now: number): Promise<VendorStandIn & { complaints: string[] }> {
  const complaints: string[] = [];
  const steps: Readonly<Record<string, number>> = { '1min': MINUTE, '5min': 5 * MINUTE, '60min': HOUR };
  const answer = ({ path, query }: Seen): VendorReply => {
    if (path !== '/query') return { status: 404, body: 'no' };
    const complaint = complaints.shift();
    if (complaint !== undefined) return json({ Information: complaint });
    if (query.get('apikey') !== KEY) {
      return json({ 'Error Message': `the parameter apikey is invalid or missing: ${query.get('apikey')}` });
    }
    const called = query.get('function') ?? '';
    if (called === 'FEDERAL_FUNDS_RATE' || called === 'TREASURY_YIELD') {
      const data = [
        { date: '2024-01-04', value: '5.33' },
        { date: '2024-01-03', value: '.' },
        { date: '2024-01-02', value: '5.33' },
      ];
      return json({ name: called, interval: 'daily', unit: 'percent', data });
    }
    const isDaily = called === 'FX_DAILY';
    if (!isDaily && called !== 'FX_INTRADAY') return json({ 'Error Message': 'This API function does not exist.' });
    const interval = query.get('interval') ?? '';
    const step = isDaily ? DAY : (steps[interval] ?? HOUR);
    const rows = query.get('outputsize') === 'full' ? 5_000 : 100;
    const bars = madeBars(now - rows * step, now, step).reverse();
    const series = bars.map(({ begin, o, h, l, c }) => {
      const stamp = new Date(begin).toISOString();
      const key = isDaily ? stamp.slice(0, 10) : stamp.slice(0, 19).replace('T', ' ');
      return [
        key,
        { '1. open': o.toFixed(5), '2. high': h.toFixed(5), '3. low': l.toFixed(5), '4. close': c.toFixed(5) },
      ];
    });
    const meta = { '2. From Symbol': query.get('from_symbol'), '3. To Symbol': query.get('to_symbol') };
    const name = isDaily ? 'Time Series FX (Daily)' : `Time Series FX (${interval})`;
    return json({ 'Meta Data': { '1. Information': 'Forex', ...meta }, [name]: Object.fromEntries(series) });
  };
  return Object.assign(await vendorStandIn(answer), { complaints });
}

export interface FredRow {
  readonly date: string;
  readonly value: string;
  readonly realtime_start: string;
}

/** FRED's service with the archive of one series. */
export function fredApiStandIn(archive: readonly FredRow[], page = 100_000): Promise<VendorStandIn> {
  return vendorStandIn(({ path, query }) => {
    if (path !== '/fred/series/observations') return { status: 404, body: 'no' };
    if (query.get('api_key') !== KEY) {
      return {
        status: 400,
        body: `{"error_code":400,"error_message":"Bad Request.  The value for variable api_key is not registered: ${query.get('api_key')}"}`,
      };
    }
    const offset = Number(query.get('offset') ?? 0);
    const observations = archive.slice(offset, offset + page).map((row) => ({ ...row, realtime_end: '9999-12-31' }));
    return json({ count: archive.length, offset, limit: page, observations });
  });
}
