import fc from 'fast-check';
import ti from 'technicalindicators';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import { Ema, Sma } from '../../../src/core/indicators/average.js';
import { Bollinger, EwmaVolatility, RollingSd } from '../../../src/core/indicators/dispersion.js';
import type { Indicator, PriceIndicator } from '../../../src/core/indicators/indicator.js';
import { Rsi } from '../../../src/core/indicators/oscillator.js';
import { Atr, RollingMax, RollingMin } from '../../../src/core/indicators/range.js';

/** A walk of prices with five digits, as quotes have. */
function walk(length: number, seed: number): number[] {
  const rng = seededRng(seed);
  let ticks = 110_000;
  return Array.from({ length }, () => {
    ticks += Math.floor(rng.next() * 41) - 20;
    return ticks / 100_000;
  });
}

interface Case {
  readonly name: string;
  readonly warmUp: number;
  make(): Indicator & { feed(x: number): number };
}

function fed<T extends Indicator>(indicator: T, feed: (indicator: T, x: number) => number) {
  return {
    save: () => indicator.save(),
    load: (state: unknown) => indicator.load(state),
    feed: (x: number) => feed(indicator, x),
  };
}

const cases: Case[] = [
  { name: 'Sma', warmUp: 6, make: () => fed(new Sma(7), (i, x) => i.update(x)) },
  { name: 'Ema', warmUp: 6, make: () => fed(new Ema(7), (i, x) => i.update(x)) },
  { name: 'Rsi', warmUp: 7, make: () => fed(new Rsi(7), (i, x) => i.update(x)) },
  { name: 'Atr', warmUp: 7, make: () => fed(new Atr(7), (i, x) => i.update(x + 0.001, x - 0.002, x)) },
  { name: 'RollingSd', warmUp: 6, make: () => fed(new RollingSd(7), (i, x) => i.update(x)) },
  { name: 'RollingMax', warmUp: 6, make: () => fed(new RollingMax(7), (i, x) => i.update(x)) },
  { name: 'RollingMin', warmUp: 6, make: () => fed(new RollingMin(7), (i, x) => i.update(x)) },
  { name: 'EwmaVolatility', warmUp: 6, make: () => fed(new EwmaVolatility(0.94, 7), (i, x) => i.update(x - 1.1)) },
  {
    name: 'Bollinger',
    warmUp: 6,
    make: () => fed(new Bollinger(7), (i, x) => i.update(x)?.lower ?? Number.NaN),
  },
];

const prices = fc.array(fc.integer({ min: 90_000, max: 130_000 }), { minLength: 1, maxLength: 60 });

describe.each(cases)('$name', ({ make, warmUp }) => {
  it('given too few values, has no answer; from then on has one at every value', () => {
    const indicator = make();
    walk(40, 3).forEach((x, i) => {
      expect(Number.isNaN(indicator.feed(x)), `value ${i}`).toBe(i < warmUp);
    });
  });

  it('given the future is cut off, the past stays as it was', () => {
    fc.assert(
      fc.property(prices, fc.nat(59), (ticks, cut) => {
        const whole = make();
        const prefix = make();
        const all = ticks.map((x) => whole.feed(x / 1e5));
        expect(ticks.slice(0, cut).map((x) => prefix.feed(x / 1e5))).toEqual(all.slice(0, cut));
      }),
    );
  });

  it('given it is saved as JSON and loaded at any point, it goes on with the same bits', () => {
    fc.assert(
      fc.property(prices, fc.nat(59), (ticks, cut) => {
        const whole = make();
        const all = ticks.map((x) => whole.feed(x / 1e5));
        const before = make();
        for (const x of ticks.slice(0, cut)) before.feed(x / 1e5);
        const after = make();
        after.load(JSON.parse(JSON.stringify(before.save())));
        expect(ticks.slice(cut).map((x) => after.feed(x / 1e5))).toEqual(all.slice(cut));
      }),
    );
  });

  it('given a state that is not its own, refuses it', () => {
    expect(() => make().load([1, 2, null])).toThrow('saved indicator');
    expect(() => make().load('nothing')).toThrow('found string');
  });
});

describe('a split', () => {
  type Fed = readonly [PriceIndicator, (x: number) => number];
  const bar = <T extends PriceIndicator>(one: T, feed: (one: T, x: number) => number): Fed => [
    one,
    (x) => feed(one, x),
  ];
  // Every number that is given grows with x, and so does every answer but the index.
  it.each<[string, number, () => Fed]>([
    ['Sma', 1, () => bar(new Sma(5), (i, x) => i.update(x))],
    ['Ema', 1, () => bar(new Ema(5), (i, x) => i.update(x))],
    ['Rsi', 0, () => bar(new Rsi(5), (i, x) => i.update(x))],
    ['Atr', 1, () => bar(new Atr(5), (i, x) => i.update(x * 1.25, x * 0.75, x))],
    ['RollingSd', 1, () => bar(new RollingSd(5), (i, x) => i.update(x))],
    ['Bollinger', 1, () => bar(new Bollinger(5), (i, x) => i.update(x)?.lower ?? Number.NaN)],
    ['RollingMax', 1, () => bar(new RollingMax(5), (i, x) => i.update(x))],
    ['RollingMin', 1, () => bar(new RollingMin(5), (i, x) => i.update(x))],
  ])('leaves %s as if prices had always been in the new units', (_, power, make) => {
    fc.assert(
      fc.property(prices, fc.nat(59), fc.constantFrom(4, 3, 0.1), (ticks, cut, ratio) => {
        const [, feed] = make();
        const [indicator, feedSplit] = make();
        ticks.forEach((x, i) => {
          if (i === cut) indicator.split(ratio);
          const wanted = feed(x);
          const got = feedSplit(i < cut ? x : x / ratio);
          if (Number.isNaN(wanted)) expect(got).toBeNaN();
          else expect(i < cut || power === 0 ? got : got * ratio).toBeCloseTo(wanted, 6);
        });
      }),
    );
  });
});

describe('against the package', () => {
  const close = walk(2_000, 11);
  const high = close.map((x, i) => x + ((i * 7) % 11) / 1e5);
  const low = close.map((x, i) => x - ((i * 5) % 13) / 1e5);
  const tail = <T>(answers: T[], expected: readonly unknown[]): T[] => answers.slice(answers.length - expected.length);
  const near = (ours: number[], theirs: readonly number[], relative: number): void => {
    const compared = tail(ours, theirs);
    expect(theirs.length).toBeGreaterThan(1_900);
    compared.forEach((x, i) => {
      expect(Math.abs(x - (theirs[i] ?? Number.NaN))).toBeLessThanOrEqual(relative * Math.abs(x));
    });
  };

  it.each([2, 5, 16, 20])('Sma, Ema, Atr and Bollinger of %i bars agree to the last digits', (window) => {
    const sma = new Sma(window);
    const ema = new Ema(window);
    const atr = new Atr(window);
    const bands = new Bollinger(window, 2);
    near(
      close.map((x) => sma.update(x)),
      ti.sma({ values: close, period: window }),
      1e-13,
    );
    near(
      close.map((x) => ema.update(x)),
      ti.ema({ values: close, period: window }),
      1e-13,
    );
    near(
      close.map((x, i) => atr.update(high[i] ?? 0, low[i] ?? 0, x)),
      ti.atr({ high, low, close, period: window }),
      1e-10,
    );
    const band = close.map((x) => bands.update(x)?.upper ?? Number.NaN);
    near(
      band,
      ti.bollingerbands({ values: close, period: window, stdDev: 2 }).map((b) => b.upper),
      1e-10,
    );
  });

  it('Rsi agrees within the two decimals the package rounds to', () => {
    const rsi = new Rsi(14);
    const ours = close.map((x) => rsi.update(x));
    const theirs = ti.rsi({ values: close, period: 14 });
    tail(ours, theirs).forEach((x, i) => {
      expect(Math.abs(x - (theirs[i] ?? Number.NaN))).toBeLessThanOrEqual(0.005 + 1e-9);
    });
  });

  it('RollingMax and RollingMin agree with a look at the whole window', () => {
    const most = new RollingMax(9);
    const least = new RollingMin(9);
    close.forEach((x, i) => {
      const window = close.slice(Math.max(0, i - 8), i + 1);
      const [top, bottom] = [most.update(x), least.update(x)];
      if (i < 8) return;
      expect(top).toBe(Math.max(...window));
      expect(bottom).toBe(Math.min(...window));
    });
  });
});

describe('definitions', () => {
  it('given integers and windows of powers of two, a mean is exact after a million values', () => {
    const fast = new Sma(16);
    const ticks: number[] = [];
    let s = 7;
    for (let i = 0; i < 1_000_000; i++) {
      s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
      ticks.push(110_000 + (s >>> 20));
      const mean = fast.update(ticks[i] ?? 0);
      if (i % 99_991 !== 0 || i < 16) continue;
      const sum = ticks.slice(i - 15).reduce((a, b) => a + b, 0);
      expect(mean).toBe(sum / 16);
    }
  });

  it('given prices that stand still after a move, the deviation is exactly zero', () => {
    const sd = new RollingSd(5);
    let last = Number.NaN;
    for (const x of [1.07, 1.19, 1.4, 0.1, 0.1, 0.1, 0.1, 0.1]) last = sd.update(x);
    expect(last).toBe(0);
  });

  it.each`
    values              | rsi
    ${[1, 2, 3, 4]}     | ${100}
    ${[4, 3, 2, 1]}     | ${0}
    ${[2, 2, 2, 2]}     | ${50}
    ${[10, 11, 10, 12]} | ${75}
  `('Rsi(3) of $values is $rsi', ({ values, rsi }) => {
    const indicator = new Rsi(3);
    expect(values.map((x: number) => indicator.update(x)).at(-1)).toBeCloseTo(rsi, 12);
  });

  it('RollingSd divides by n − 1: of 1, 2, 3, 4 it is 1.2910', () => {
    const sd = new RollingSd(4);
    expect([1, 2, 3, 4].map((x) => sd.update(x)).at(-1)).toBeCloseTo(Math.sqrt(5 / 3), 14);
  });

  it('EwmaVolatility starts at the root mean square and then weighs the newest with 1 − λ', () => {
    const volatility = new EwmaVolatility(0.94, 2);
    volatility.update(0.01);
    expect(volatility.update(-0.01)).toBeCloseTo(0.01, 15);
    expect(volatility.update(0.03)).toBeCloseTo(Math.sqrt(0.94 * 0.0001 + 0.06 * 0.0009), 15);
  });

  it.each([0, -1, 1.5, Number.NaN])('given a window of %d, says so', (window) => {
    expect(() => new Sma(window)).toThrow('whole number');
  });
});
