import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/base/rng.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import { carry } from '../../../src/core/strategies/carry.js';
import { carryLegs } from '../../../src/core/strategies/carry-ranking.js';
import type { Target } from '../../../src/core/strategies/strategy.js';
import { anInstrument, drive, type Slice } from '../../helpers/drive-strategy.js';

const G10 = ['AUD/USD', 'USD/CAD', 'USD/CHF', 'EUR/USD', 'GBP/USD', 'USD/JPY', 'USD/NOK', 'NZD/USD', 'USD/SEK'];
const RATES = { AUD: 4, CAD: 3, CHF: 0.5, EUR: 2, GBP: 4.5, JPY: 0.1, NOK: 3.5, NZD: 5, SEK: 1.5 };
const fractions = (rates: Record<string, number>) =>
  Object.fromEntries(Object.entries(rates).map(([code, percent]) => [code, percent / 100]));

/** Daily closes of a seeded walk, with month ends every 21 days and week ends every 5. */
function days(count: number, instruments = G10, rates: Record<string, number> = RATES, calmUntil = 0): Slice[] {
  const rng = seededRng(9);
  const prices = instruments.map(() => 1.5);
  return Array.from({ length: count }, (_, day) => {
    const ts = Date.UTC(2020, 0, 2 + day);
    const bars = instruments.map((id, i) => {
      const size = (i + 1) * (day < calmUntil ? 0.0002 : 0.002);
      const close = (prices[i] ?? 0) * (1 + (rng.next() - 0.5) * size);
      prices[i] = close;
      return { instrument: instrumentId(id), ts, open: close, high: close, low: close, close, volume: 1 };
    });
    const endsMonth = day % 21 === 20;
    return { ts, bars, rates: fractions(rates), endsDay: true, endsWeek: day % 5 === 4, endsMonth };
  });
}

function weights(slices: Slice[], params: Record<string, string | number | boolean> = {}, instruments = G10) {
  const { made } = drive(carry, { instruments, params, slices });
  const last = made.at(-1)?.slice;
  const targets = made.filter(({ slice }) => slice === last).map(({ wish }) => wish as Target);
  return { made, targets, of: Object.fromEntries(targets.map((t) => [t.instrument, t.weight])) };
}

const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
const inCurrency = (of: Record<string, number>) =>
  Object.entries(of).map(([id, w]) => (id.startsWith('USD/') ? -w : w));

describe('the legs', () => {
  const list = (rates: Record<string, number>) => Object.entries(rates).map(([currency, rate]) => ({ currency, rate }));
  it.each`
    given                               | rates                                    | legs | long          | short
    ${'different rates'}                | ${{ A: 3, B: 1, C: 2, D: 4 }}            | ${1} | ${['D']}      | ${['B']}
    ${'a tie at the top'}               | ${{ C: 4, B: 4, A: 4, D: 1, E: 2 }}      | ${2} | ${['A', 'B']} | ${['D', 'E']}
    ${'a tie at the bottom'}            | ${{ Z: 5, Y: 4, D: 1, C: 1, B: 1 }}      | ${2} | ${['Z', 'Y']} | ${['B', 'C']}
    ${'negative rates'}                 | ${{ A: -0.75, B: -0.1, C: 0, D: -0.75 }} | ${2} | ${['C', 'B']} | ${['A', 'D']}
    ${'fewer than twice the legs'}      | ${{ A: 3, B: 1, C: 2, D: 4, E: 0 }}      | ${3} | ${['D', 'A']} | ${['E', 'B']}
    ${'one currency'}                   | ${{ A: 3 }}                              | ${3} | ${[]}         | ${[]}
    ${'no currency'}                    | ${{}}                                    | ${3} | ${[]}         | ${[]}
    ${'equal rates, A–Z in both lists'} | ${{ D: 1, C: 1, B: 1, A: 1 }}            | ${1} | ${['A']}      | ${['A']}
  `('given $given, with $legs legs: long $long, short $short', ({ rates, legs, long, short }) => {
    const result = carryLegs(list(rates), legs);
    expect(result.long.map(({ currency }) => currency)).toEqual(long);
    expect(result.short.map(({ currency }) => currency)).toEqual(short);
  });
});

describe('the textbook trade', () => {
  it('buys the three highest rates and sells the three lowest, a third of equity each, pairs turned where needed', () => {
    const { of } = weights(days(21));
    const third = 1 / 3;
    expect(of).toEqual({
      'AUD/USD': third,
      'USD/CAD': 0,
      'USD/CHF': third,
      'EUR/USD': 0,
      'GBP/USD': third,
      'USD/JPY': third,
      'USD/NOK': 0,
      'NZD/USD': third,
      'USD/SEK': third,
    });
  });

  it('decides at month ends alone, for every pair of the universe each time', () => {
    const { made } = weights(days(64));
    expect([...new Set(made.map(({ slice }) => slice))]).toEqual([20, 41, 62]);
    expect(made).toHaveLength(27);
  });

  it.each`
    rebalance      | slices
    ${'weekly'}    | ${[4, 9]}
    ${'daily'}     | ${[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}
    ${'month-end'} | ${[]}
  `('given rebalance $rebalance, decides at $slices of eleven days', ({ rebalance, slices }) => {
    const { made } = weights(days(11), { rebalance });
    expect([...new Set(made.map(({ slice }) => slice))]).toEqual(slices);
  });

  it('tells what it rests on', () => {
    const { targets } = weights(days(21));
    expect(targets[0]).toMatchObject({
      reason: 'carry AUD: bought: highest rate number 3 of 3',
      inputs: { currency: 'AUD', rate: 0.04, ranked: 9, weight: 1 / 3, scale: 1 },
    });
    expect(targets[1]?.reason).toBe('carry CAD: rate neither among the highest nor the lowest');
  });

  it('given currencies without a rate, leaves them out and says so', () => {
    const { AUD, CAD, CHF, EUR, GBP } = RATES;
    const { targets, of } = weights(days(21, G10, { AUD, CAD, CHF, EUR, GBP }));
    expect(of).toMatchObject({ 'GBP/USD': 1 / 3, 'AUD/USD': 1 / 3, 'USD/CHF': 1 / 3, 'EUR/USD': -1 / 3, 'USD/JPY': 0 });
    expect(targets[0]?.reason).toContain('2 instead of 3 a side, as only 5 currencies have a rate');
    expect(targets[5]?.reason).toContain('no rate is known');
  });

  it('given one rate for all, the same codes are bought and sold and come to nothing', () => {
    const { of } = weights(days(21, ['AUD/USD', 'EUR/USD'], { AUD: 1, EUR: 1 }), { legs: 1 }, ['AUD/USD', 'EUR/USD']);
    expect(of).toEqual({ 'AUD/USD': 0, 'EUR/USD': 0 });
  });

  it('given another numeraire, trades each currency through its pair with that', () => {
    const pairs = ['EUR/USD', 'EUR/GBP', 'EUR/JPY'];
    const { of } = weights(days(21, pairs, { USD: 5, GBP: 4, JPY: 0 }), { legs: 1, numeraire: 'EUR' }, pairs);
    expect(of).toEqual({ 'EUR/USD': -1, 'EUR/GBP': 0, 'EUR/JPY': 1 });
  });

  it.each([[['EUR/USD', 'EUR/GBP']], [['EUR/USD', 'USD/EUR']], [['AAPL/GBP']]])('refuses %s', (pairs) => {
    const create = () =>
      carry.create({
        params: { ...defaults, numeraire: 'USD' },
        instruments: pairs.map(anInstrument),
        currency: 'USD',
      });
    expect(create).toThrow('carry trades each currency through its one pair');
  });
  const defaults = {
    legs: 3,
    weighting: 'equal',
    rebalance: 'month-end',
    numeraire: '',
    ranking: 'policy',
    volTargetBps: 0,
    maxScale: 2,
    regimeFilter: false,
    covWindow: 120,
    covariance: 'sample',
    turnoverPenaltyBps: 0,
  };
});

describe('weighted books', () => {
  const slices = days(84);
  it.each(['equal', 'rank', 'inverse-vol', 'min-variance', 'risk-parity', 'max-sharpe'])(
    '%s: each side adds up to one, with no leg against its side',
    (weighting) => {
      for (const covariance of ['sample', 'ewma', 'ledoit-wolf']) {
        const { of, targets } = weights(slices, { weighting, covariance });
        const signed = inCurrency(of);
        expect(sum(signed.filter((w) => w > 0))).toBeCloseTo(1, 9);
        expect(sum(signed.filter((w) => w < 0))).toBeCloseTo(-1, 9);
        expect(targets.some(({ reason }) => reason.includes('no history'))).toBe(false);
      }
    },
  );

  it('rank gives the best leg three shares of six', () => {
    const { of } = weights(slices, { weighting: 'rank' });
    expect(of).toMatchObject({ 'NZD/USD': 3 / 6, 'GBP/USD': 2 / 6, 'AUD/USD': 1 / 6, 'USD/JPY': 3 / 6 });
  });

  it('inverse-vol gives the calmest leg the largest share', () => {
    const { of } = weights(slices, { weighting: 'inverse-vol' });
    expect(of['AUD/USD']).toBeGreaterThan(of['GBP/USD'] ?? 0);
    expect(of['GBP/USD']).toBeGreaterThan(of['NZD/USD'] ?? 0);
  });

  it('given fewer than 20 daily returns, shares are equal and the reason says so', () => {
    const { of, targets } = weights(days(10), { weighting: 'risk-parity', rebalance: 'weekly' });
    expect(of['NZD/USD']).toBe(1 / 3);
    expect(targets[0]?.reason).toContain('equal shares, as risk-parity has no history to stand on');
  });
});

describe('scale', () => {
  it('given a volatility target below that of the book, all legs shrink alike', () => {
    const { of, targets } = weights(days(84), { volTargetBps: 10 });
    const scale = targets[0]?.inputs?.['scale'] as number;
    expect(scale).toBeGreaterThan(0);
    expect(scale).toBeLessThan(1);
    expect(of['NZD/USD']).toBeCloseTo(scale / 3, 12);
    expect(targets[0]?.inputs?.['bookVolatility']).toBeCloseTo(0.001 / scale, 12);
  });

  it('given a target far above, the book stops at maxScale', () => {
    expect(weights(days(84), { volTargetBps: 10_000, maxScale: 1.5 }).of['NZD/USD']).toBeCloseTo(0.5, 12);
  });

  it('given no history yet, stays out and says so', () => {
    const { of, targets } = weights(days(5), { volTargetBps: 1000, rebalance: 'weekly' });
    expect(of['NZD/USD']).toBe(0);
    expect(targets[0]?.reason).toContain('volatility is not known yet');
  });

  it('given the filter and a market that has become nervous, halves the book', () => {
    const calmThenWild = days(210, G10, RATES, 170);
    expect(weights(calmThenWild, { regimeFilter: true }).of['NZD/USD']).toBeCloseTo(1 / 6, 12);
    expect(weights(calmThenWild, { regimeFilter: false }).of['NZD/USD']).toBeCloseTo(1 / 3, 12);
  });

  it('given a turnover penalty, a leg that would hardly move gets no wish, and others still do', () => {
    const { made } = weights(days(64), { turnoverPenaltyBps: 10 });
    const second = made.filter(({ slice }) => slice === 41).map(({ wish }) => wish.instrument);
    expect(second).toEqual(['USD/CAD', 'EUR/USD', 'USD/NOK']);
  });
});
