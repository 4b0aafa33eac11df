import { describe, expect, it } from 'vitest';
import { closeOf } from '../../../src/brokers/oanda/candles.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { aVenue, fakeHttp } from '../../helpers/oanda-wire.js';

const DAY = 86_400_000;
const MINUTE = 60_000;
const EUR = instrumentId('EUR/USD');
const GRID = {
  name: 'EUR_USD',
  type: 'CURRENCY',
  pipLocation: -4,
  displayPrecision: 5,
  tradeUnitsPrecision: 0,
  minimumTradeSize: '1',
  marginRate: '0.03',
};

const candle = (time: number, more: object = {}) => {
  const corners = { o: '1.10000', h: '1.10100', l: '1.09900', c: '1.10050' };
  return { time: new Date(time).toISOString(), volume: 1, complete: true, bid: corners, ask: corners, ...more };
};

/** A venue with these bars, given page by page as OANDA does. */
function venueWith(bars: readonly ReturnType<typeof candle>[]) {
  const http = fakeHttp((request) => {
    const url = new URL(request.url);
    if (url.pathname.endsWith('/instruments')) {
      return { status: 200, headers: {}, body: JSON.stringify({ instruments: [GRID] }) };
    }
    const from = Date.parse(url.searchParams.get('from') ?? '');
    const first = url.searchParams.get('includeFirst') === 'true';
    const found = bars.filter((bar) => (first ? Date.parse(bar.time) >= from : Date.parse(bar.time) > from));
    const candles = found.slice(0, Number(url.searchParams.get('count')));
    return { status: 200, headers: {}, body: JSON.stringify({ instrument: 'EUR_USD', granularity: 'M1', candles }) };
  });
  return { venue: aVenue(http), http };
}

describe('the close of a bar', () => {
  it.each`
    bar                                     | open                      | close
    ${'a day in winter'}                    | ${'2024-01-09T22:00:00Z'} | ${'2024-01-10T22:00:00Z'}
    ${'a day in summer'}                    | ${'2024-07-09T21:00:00Z'} | ${'2024-07-10T21:00:00Z'}
    ${'a Friday'}                           | ${'2024-01-11T22:00:00Z'} | ${'2024-01-12T22:00:00Z'}
    ${'the Monday after clocks went on'}    | ${'2024-03-10T21:00:00Z'} | ${'2024-03-11T21:00:00Z'}
    ${'the Friday before clocks went back'} | ${'2024-10-31T21:00:00Z'} | ${'2024-11-01T21:00:00Z'}
    ${'the Monday after clocks went back'}  | ${'2024-11-03T22:00:00Z'} | ${'2024-11-04T22:00:00Z'}
  `('$bar is at 17:00 New York', ({ open, close }) => {
    expect(closeOf(Date.parse(open), DAY)).toBe(Date.parse(close));
  });
});

describe('bars', () => {
  const start = Date.UTC(2024, 0, 10);

  it('of many pages come once each, in order', async () => {
    const { venue, http } = venueWith(Array.from({ length: 12_345 }, (_, i) => candle(start + i * MINUTE)));
    const bars = await venue.bars(EUR, MINUTE, start, start + 12_000 * MINUTE);
    expect(bars.length).toBe(12_000);
    expect(bars.ts[0]).toBe(start + MINUTE);
    expect(bars.ts[11_999]).toBe(start + 12_000 * MINUTE);
    expect(http.seen.filter((request) => request.url.includes('candles'))).toHaveLength(3);
  });

  it('that are not over are left out', async () => {
    const { venue } = venueWith([candle(start), candle(start + MINUTE, { complete: false })]);
    expect((await venue.bars(EUR, MINUTE, start, start + 10 * MINUTE)).length).toBe(1);
  });

  it.each([
    ['a side is missing', [candle(start), candle(start + MINUTE, { ask: undefined })]],
    ['they are not in order', [candle(start + MINUTE), candle(start)]],
    ['a price is no number', [candle(start, { bid: { o: 'NaN', h: '1', l: '1', c: '1' } })]],
  ])('are refused when %s', async (_, bars) => {
    const { venue } = venueWith(bars);
    await expect(venue.bars(EUR, MINUTE, start - MINUTE, start + 10 * MINUTE)).rejects.toMatchObject({
      code: 'BROKER.MALFORMED',
    });
  });
});
