import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FxError } from '../../../src/core/base/errors.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, newYorkHour } from '../../../src/core/model/calendar/calendar.js';
import { closeOfDate, isOpen } from '../../../src/core/model/calendar/sessions.js';
import { instrumentOf } from '../../../src/core/model/instruments.js';
import type { BarColumns } from '../../../src/core/model/market.js';
import type { BarSource } from '../../../src/core/ports/feed.js';
import { resample } from '../../../src/feeds/resample/resample.js';
import { type SimulatedMarketOptions, simulatedMarket, simulatedPairs } from '../../../src/feeds/simulated/market.js';

const utc = (text: string) => Date.parse(text);
const pair = (symbol: string) => instrumentOf(symbol, {}, 'USD');
const CORNERS = ['open', 'high', 'low', 'close'] as const;
const SIDES = ['price', 'bid', 'ask'] as const;

interface Row {
  readonly ts: number;
  readonly price: readonly number[];
  readonly bid: readonly number[];
  readonly ask: readonly number[];
}

function rowsOf(bars: BarColumns): Row[] {
  return Array.from({ length: bars.length }, (_, i) => {
    const side = (name: (typeof SIDES)[number]) => CORNERS.map((corner) => bars[name]?.[corner][i] ?? Number.NaN);
    return { ts: bars.ts[i] ?? 0, price: side('price'), bid: side('bid'), ask: side('ask') };
  });
}

async function read(source: BarSource | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  if (source === undefined) return rows;
  for await (const chunk of source.chunks(new AbortController().signal)) rows.push(...rowsOf(chunk));
  return rows;
}

const market = (options: Partial<SimulatedMarketOptions> = {}) =>
  simulatedMarket({
    seed: 1,
    from: utc('2023-01-01'),
    to: utc('2023-02-01'),
    timeframeMs: HOUR_MS,
    instruments: [pair('EUR/USD')],
    ...options,
  });

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

describe('the simulated market', () => {
  it('is the same to the bit on every machine: a year of four pairs, and the rates', async () => {
    const made = market({
      to: utc('2024-01-01'),
      instruments: ['EUR/USD', 'USD/JPY', 'AUD/NZD', 'USD/NOK'].map(pair),
    });
    const hashes: string[] = [];
    for (const source of made.sources) hashes.push(digest(await read(source)));
    hashes.push(digest(made.rates.map((series) => [series.currency, [...series.knownAt], [...series.rate]])));
    expect(hashes).toMatchInlineSnapshot(`
      [
        "71e5fdac34b09e09",
        "69b171457efd3206",
        "ee38de490a6c730a",
        "5638df5b27833107",
        "b9d428f1fe5cf572",
      ]
    `);
  });

  it('another seed is another market', async () => {
    expect(digest(await read(market().sources[0]))).not.toBe(digest(await read(market({ seed: 2 }).sources[0])));
  });

  it('has no bar while the market is shut and misses none while it is open, over both changes of the clock', async () => {
    const from = utc('2023-01-01');
    const to = utc('2024-01-01');
    const rows = await read(market({ from, to }).sources[0]);
    const expected: number[] = [];
    for (let ts = from + HOUR_MS; ts <= to; ts += HOUR_MS) if (isOpen('fx', ts - 1)) expected.push(ts);
    expect(rows.map((row) => row.ts)).toEqual(expected);
  });

  it('ends its days at 17:00 New York, Monday to Friday', async () => {
    const rows = await read(market({ to: utc('2024-01-01'), timeframeMs: DAY_MS }).sources[0]);
    expect(rows).toHaveLength(260);
    for (const { ts } of rows) expect(newYorkHour(ts)).toBe(17);
  });

  it('does not depend on the stretch that is asked for, nor on the other pairs', async () => {
    const whole = await read(market({ from: utc('2022-06-01'), to: utc('2023-06-01') }).sources[0]);
    const part = market({
      from: utc('2022-11-09T13:00Z'),
      to: utc('2023-02-02T05:00Z'),
      instruments: [pair('GBP/JPY'), pair('EUR/USD')],
    });
    const inside = whole.filter((row) => row.ts > utc('2022-11-09T13:00Z') && row.ts <= utc('2023-02-02T05:00Z'));
    expect(await read(part.sources[1])).toEqual(inside);
  });

  it.each([5, 15, 60, 240, 1440])('bars of %i minutes are those of one minute put together', async (length) => {
    const options = { from: utc('2023-03-05'), to: utc('2023-03-25'), instruments: [pair('AUD/JPY')] };
    const minutes = market({ ...options, timeframeMs: MINUTE_MS }).sources[0];
    const long = market({ ...options, timeframeMs: length * MINUTE_MS }).sources[0];
    if (minutes === undefined) expect.fail('a source');
    const built = await read(resample(minutes, length * MINUTE_MS, { assetClass: 'fx', closeOfDate }));
    expect(await read(long)).toEqual(built.filter((row) => row.ts <= options.to));
  });

  it('a session that asks as time goes by gets the bars of the backtest', async () => {
    const made = market({ timeframeMs: 15 * MINUTE_MS });
    const whole = await read(made.sources[0]);
    const seen: Row[] = [];
    let last = utc('2023-01-01');
    for (let now = last; now <= utc('2023-02-01'); now += 7 * HOUR_MS + 3 * MINUTE_MS) {
      const news = rowsOf(made.barsAfter(0, last, now));
      seen.push(...news);
      last = news.at(-1)?.ts ?? last;
    }
    expect(seen).toEqual(whole.filter((row) => row.ts <= last));
    expect(rowsOf(made.barsAfter(0, last, last))).toEqual([]);
    const later = utc('2023-05-05T12:00Z');
    expect(rowsOf(made.barsAfter(0, later - HOUR_MS, later))).toHaveLength(4);
  });

  it('keeps every price on the grid, bid below ask, and the corners in order', async () => {
    for (const symbol of ['EUR/USD', 'USD/JPY', 'USD/SEK']) {
      const instrument = pair(symbol);
      for (const row of await read(market({ instruments: [instrument], timeframeMs: 15 * MINUTE_MS }).sources[0])) {
        for (const side of [row.bid, row.ask]) {
          const [open = 0, high = 0, low = 0, close = 0] = side;
          for (const price of side) {
            const steps = price / instrument.tick;
            expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
          }
          expect(high).toBeGreaterThanOrEqual(Math.max(open, close));
          expect(low).toBeLessThanOrEqual(Math.min(open, close));
        }
        row.bid.forEach((bid, i) => {
          expect(bid).toBeLessThan(row.ask[i] ?? 0);
          expect(row.price[i]).toBe((bid + (row.ask[i] ?? 0)) / 2);
        });
      }
    }
  });

  it('lets no chain of three conversions earn', async () => {
    const made = market({ instruments: simulatedPairs.map(pair) });
    const closes = new Map<string, Row[]>();
    for (const source of made.sources) closes.set(source.info.instrument, await read(source));
    const codes = ['USD', 'EUR', 'JPY', 'GBP', 'CHF', 'AUD', 'NZD', 'CAD'];
    const count = closes.get('EUR/USD')?.length ?? 0;
    const convert = (amount: number, from: string, to: string, i: number): number => {
      const sold = closes.get(`${from}/${to}`)?.[i];
      if (sold !== undefined) return amount * (sold.bid[3] ?? Number.NaN);
      return amount / (closes.get(`${to}/${from}`)?.[i]?.ask[3] ?? Number.NaN);
    };
    const three = fc.shuffledSubarray(codes, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(three, fc.nat({ max: count - 1 }), ([a = '', b = '', c = ''], i) => {
        const back = convert(convert(convert(1, a, b, i), b, c, i), c, a, i);
        expect(back).toBeLessThan(1);
        expect(back).toBeGreaterThan(0.97);
      }),
      { numRuns: 2_000 },
    );
  });

  it('quotes wider in the hour after 17:00 New York', async () => {
    const rows = await read(market().sources[0]);
    const mean = (hours: readonly number[]) => {
      const found = rows.filter((row) => hours.includes(newYorkHour(row.ts - 1)));
      return found.reduce((sum, row) => sum + (row.ask[3] ?? 0) - (row.bid[3] ?? 0), 0) / found.length;
    };
    expect(mean([17])).toBeGreaterThan(2.5 * mean([8, 9, 10]));
  });

  it('moves as currencies do: volatility of 6 to 16 % a year with fat tails, in three seeds', async () => {
    for (const seed of [1, 2, 3]) {
      const rows = await read(
        market({ seed, from: utc('2005-01-01'), to: utc('2025-01-01'), timeframeMs: DAY_MS }).sources[0],
      );
      const returns = rows.slice(1).map((row, i) => (row.price[3] ?? 0) / (rows[i]?.price[3] ?? 1) - 1);
      const variance = returns.reduce((sum, r) => sum + r * r, 0) / returns.length;
      const fourth = returns.reduce((sum, r) => sum + r ** 4, 0) / returns.length;
      expect(Math.sqrt(variance * 260)).toBeGreaterThan(0.06);
      expect(Math.sqrt(variance * 260)).toBeLessThan(0.16);
      expect(fourth / variance ** 2).toBeGreaterThan(4);
    }
  });
});

describe('policy rates of the simulated market', () => {
  const rates = market({ to: utc('2025-01-01') }).rates;

  it('are those of ten currencies, in steps of 25 basis points, never older than six weeks', () => {
    expect(
      rates
        .map((series) => series.currency)
        .sort()
        .join(' '),
    ).toBe('AUD CAD CHF EUR GBP JPY NOK NZD SEK USD');
    for (const { knownAt, rate } of rates) {
      for (let i = 0; i < rate.length; i++) {
        const steps = (rate[i] ?? Number.NaN) * 400;
        expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-9);
        if (i === 0) continue;
        expect(knownAt[i]).toBeGreaterThan(knownAt[i - 1] ?? 0);
        expect((knownAt[i] ?? 0) - (knownAt[i - 1] ?? 0)).toBeLessThan(42 * DAY_MS);
        expect(Math.abs((rate[i] ?? 0) - (rate[i - 1] ?? 0))).toBeLessThanOrEqual(0.0075 + 1e-12);
      }
    }
  });

  it('differ by currency, so that there is a carry to earn', () => {
    const mean = (code: string) => {
      const values = rates.find((series) => series.currency === code)?.rate ?? new Float64Array();
      return values.reduce((sum, rate) => sum + rate, 0) / values.length;
    };
    expect(mean('NZD')).toBeGreaterThan(mean('JPY') + 0.01);
    expect(mean('AUD')).toBeGreaterThan(mean('CHF') + 0.01);
  });

  it('known at an earlier time are the beginning of those known later', () => {
    const made = market();
    const later = made.ratesUntil(utc('2024-01-01'));
    made.rates.forEach((series, i) => {
      const all = later[i];
      expect(series.knownAt.at(-1)).toBeLessThan(utc('2023-02-01'));
      expect([...series.rate]).toEqual([...(all?.rate ?? [])].slice(0, series.rate.length));
      expect(all?.rate.length).toBeGreaterThan(series.rate.length);
    });
  });
});

it.each`
  options                                               | code
  ${{ timeframeMs: 7 * MINUTE_MS }}                     | ${'DATA.TIMEFRAME'}
  ${{ timeframeMs: 7 * DAY_MS }}                        | ${'DATA.TIMEFRAME'}
  ${{ timeframeMs: 0 }}                                 | ${'DATA.TIMEFRAME'}
  ${{ instruments: [pair('USD/TRY')] }}                 | ${'DATA.UNKNOWN_INSTRUMENT'}
  ${{ from: utc('1990-01-01'), to: utc('1999-01-01') }} | ${'DATA.RANGE'}
  ${{ from: utc('2023-01-02'), to: utc('2023-01-01') }} | ${'DATA.RANGE'}
  ${{ from: Number.NaN }}                               | ${'DATA.RANGE'}
  ${{ from: utc('2090-01-01'), to: utc('2101-01-01') }} | ${'DATA.RANGE'}
`('what it does not have is refused with $code', ({ options, code }) => {
  let found: unknown;
  try {
    market(options);
  } catch (error) {
    found = error instanceof FxError ? error.code : error;
  }
  expect(found).toBe(code);
});
