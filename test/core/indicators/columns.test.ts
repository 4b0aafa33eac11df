import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import {
  adx,
  cci,
  macd,
  obv,
  rateOfChange,
  stochastic,
  weightedAverage,
  williamsR,
} from '../../../src/core/indicators/columns.js';

interface Bars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

function bars(length: number): Bars {
  const rng = seededRng(5);
  const close = new Float64Array(length);
  let price = 1.1;
  for (let i = 0; i < length; i++) {
    price += (rng.next() - 0.5) / 500;
    close[i] = price;
  }
  return {
    close,
    high: close.map((x) => x + rng.next() / 1000),
    low: close.map((x) => x - rng.next() / 1000),
    volume: close.map(() => Math.floor(rng.next() * 1000)),
  };
}

const columns: { name: string; first: number; of: (b: Bars) => Float64Array }[] = [
  { name: 'macd', first: 25, of: (b) => macd(b.close).macd },
  { name: 'macd signal', first: 33, of: (b) => macd(b.close).signal },
  { name: 'macd histogram', first: 33, of: (b) => macd(b.close).histogram },
  { name: 'adx', first: 27, of: (b) => adx(b).adx },
  { name: 'adx plus', first: 27, of: (b) => adx(b).plus },
  { name: 'adx minus', first: 27, of: (b) => adx(b).minus },
  { name: 'stochastic k', first: 13, of: (b) => stochastic(b).k },
  { name: 'stochastic d', first: 15, of: (b) => stochastic(b).d },
  { name: 'cci', first: 19, of: (b) => cci(b) },
  { name: 'williamsR', first: 13, of: (b) => williamsR(b) },
  { name: 'obv', first: 1, of: (b) => obv(b) },
  { name: 'rateOfChange', first: 12, of: (b) => rateOfChange(b.close) },
  { name: 'weightedAverage', first: 19, of: (b) => weightedAverage(b.close) },
];

describe.each(columns)('$name', ({ of, first }) => {
  const whole = bars(120);

  it('has a value at every bar from its first on, and none before', () => {
    const result = of(whole);
    expect(result).toHaveLength(120);
    expect(result.findIndex((x) => !Number.isNaN(x))).toBe(first);
    expect(result.subarray(first).every((x) => Number.isFinite(x))).toBe(true);
  });

  it('given the future is cut off, the past stays as it was', () => {
    const result = of(whole);
    for (const cut of [0, 1, 5, first, first + 1, 40, 90, 119]) {
      const prefix = {
        high: whole.high.slice(0, cut),
        low: whole.low.slice(0, cut),
        close: whole.close.slice(0, cut),
        volume: whole.volume.slice(0, cut),
      };
      expect(of(prefix), `cut at ${cut}`).toEqual(result.slice(0, cut));
    }
  });

  it('given a hole, refuses the column and names the bar', () => {
    const holed = { ...whole, close: whole.close.with(7, Number.NaN) };
    expect(() => of(holed)).toThrow('close has none at bar 7');
  });
});

describe('values a trader can check', () => {
  const close = Float64Array.of(1, 2, 3, 2, 4);

  it('rate of change over 2 bars is a fraction', () => {
    expect([...rateOfChange(close, 2)].slice(2)).toEqual([2, 0, 1 / 3].map((x) => expect.closeTo(x, 12)));
  });

  it('the weighted mean of 1, 2, 3 is 14 / 6', () => {
    expect(weightedAverage(close, 3)[2]).toBeCloseTo(14 / 6, 12);
  });

  it('on-balance volume adds on a rise and takes off on a fall', () => {
    const volume = Float64Array.of(10, 20, 30, 40, 50);
    expect([...obv({ close, volume })].slice(1)).toEqual([20, 50, 10, 60]);
  });

  it('a close at the high is Williams 0, at the low −100', () => {
    const range = { high: Float64Array.of(3, 4, 5), low: Float64Array.of(1, 1, 1), close: Float64Array.of(2, 2, 5) };
    expect(williamsR(range, 3)[2]).toBeCloseTo(0, 12);
    expect(williamsR({ ...range, close: Float64Array.of(2, 2, 1) }, 3)[2]).toBe(-100);
  });

  it('given columns of different length, refuses them', () => {
    expect(() => obv({ close, volume: Float64Array.of(1) })).toThrow('volume has none at bar 1');
  });
});
