import { describe, expect, it } from 'vitest';
import { closeOfDate } from '../../../src/core/model/calendar/sessions.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { AssetClass } from '../../../src/core/model/instrument.js';
import type { BarColumns } from '../../../src/core/model/market.js';
import type { BarSource } from '../../../src/core/ports/feed.js';
import { resample } from '../../../src/feeds/resample/resample.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Bars that rise by one, closing at the given times; each its own chunk when `alone`. */
function aSource(times: readonly string[], timeframeMs: number, alone = false): BarSource {
  const column = (values: readonly number[]) => Float64Array.from(values);
  const chunk = (from: number, to: number): BarColumns => {
    const index = Array.from({ length: to - from }, (_, i) => from + i);
    const side = (shift: number) => ({
      open: column(index.map((i) => i + 10 + shift)),
      high: column(index.map((i) => i + 12 + shift)),
      low: column(index.map((i) => i + 9 + shift)),
      close: column(index.map((i) => i + 11 + shift)),
    });
    const ts = column(index.map((i) => Date.parse(times[i]!)));
    return {
      length: index.length,
      ts,
      volume: column(index.map(() => 2)),
      price: side(0),
      bid: side(-1),
      ask: side(1),
    };
  };
  return {
    info: { instrument: instrumentId('EUR/USD'), side: 'both', timeframeMs, simulated: false },
    async *chunks() {
      if (!alone) yield chunk(0, times.length);
      else for (let i = 0; i < times.length; i++) yield chunk(i, i + 1);
    },
  };
}

async function bars(source: BarSource, timeframeMs: number, assetClass: AssetClass = 'fx') {
  const out: unknown[] = [];
  const made = resample(source, timeframeMs, { assetClass, closeOfDate });
  for await (const { length, ts, price, volume, bid, ask } of made.chunks(new AbortController().signal)) {
    for (let i = 0; i < length; i++) {
      const time = new Date(ts[i]!).toISOString().slice(0, 16);
      out.push([
        time,
        price.open[i],
        price.high[i],
        price.low[i],
        price.close[i],
        volume[i],
        bid?.low[i],
        ask?.high[i],
      ]);
    }
  }
  return out;
}

describe('longer bars', () => {
  const times = ['2020-01-06T10:01Z', '2020-01-06T10:02Z', '2020-01-06T10:05Z', '2020-01-06T10:06Z'];

  it.each([true, false])(
    'first open, highest high, lowest low, last close, volumes added; chunks alone: %s',
    async (alone) => {
      expect(await bars(aSource(times, MINUTE, alone), 5 * MINUTE)).toEqual([
        ['2020-01-06T10:05', 10, 14, 9, 13, 6, 8, 15],
        ['2020-01-06T10:10', 13, 15, 12, 14, 2, 11, 16],
      ]);
    },
  );

  it('a tick on the hour opens the next bar, a bar that ends on the hour belongs to the last', async () => {
    const onTheHour = ['2020-01-06T10:00Z', '2020-01-06T10:30Z'];
    expect((await bars(aSource(onTheHour, 0), HOUR)).length).toBe(1);
    expect((await bars(aSource(onTheHour, 30 * MINUTE), HOUR)).length).toBe(2);
  });

  it.each`
    assetClass  | ends
    ${'fx'}     | ${['2020-01-10T22:00', '2020-01-13T22:00', '2020-01-14T22:00']}
    ${'stock'}  | ${['2020-01-10T21:00', '2020-01-13T21:00', '2020-01-14T21:00']}
    ${'crypto'} | ${['2020-01-11T00:00', '2020-01-13T00:00', '2020-01-14T00:00']}
  `('a day of $assetClass ends $ends', async ({ assetClass, ends }) => {
    const hours = ['2020-01-10T20:00Z', '2020-01-12T23:00Z', '2020-01-13T20:00Z', '2020-01-13T23:00Z'];
    const made = await bars(aSource(hours, HOUR), DAY, assetClass);
    expect(made.map((bar) => (bar as string[])[0])).toEqual(ends);
  });

  it('the same timeframe is the same source', () => {
    const source = aSource(times, MINUTE);
    expect(resample(source, MINUTE, { assetClass: 'fx', closeOfDate })).toBe(source);
  });

  it.each`
    from    | to             | message
    ${HOUR} | ${MINUTE}      | ${'bars of 1m cannot be made from bars of 1h'}
    ${HOUR} | ${90 * MINUTE} | ${'bars of 90m cannot be made from bars of 1h'}
    ${DAY}  | ${7 * DAY}     | ${'bars of 7d cannot be made from bars of 1d'}
  `('$message', ({ from, to, message }) => {
    expect(() => resample(aSource(times, from), to, { assetClass: 'fx', closeOfDate })).toThrow(message);
  });
});
