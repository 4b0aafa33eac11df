import { expect, it } from 'vitest';
import { ABSENT, age, bps, decimal, money, percent, price, time, units } from '../../../src/commands/ui/format.js';

it.each([
  [1234.5, 'USD', '1,234.50 USD'],
  [-0.001, 'USD', '0.00 USD'],
  [-20, 'JPY', '-20 JPY'],
  [2.345, 'EUR', '2.34 EUR'],
  [0.12345678, 'BTC', '0.12345678 BTC'],
  [12.5, 'USDT', '12.50 USDT'],
])('%d %s is shown as %s', (amount, currency, shown) => {
  expect(money(amount, currency)).toBe(shown);
});

it.each([null, undefined, Number.NaN, Number.POSITIVE_INFINITY])(
  '%s is shown as absent, never as a number',
  (value) => {
    expect([
      money(value, 'USD'),
      percent(value),
      bps(value),
      units(value),
      price(value),
      age(value),
      decimal(value, 2),
    ]).toEqual(Array(7).fill(ABSENT));
    expect(time(value === Number.POSITIVE_INFINITY ? null : value)).toBe(ABSENT);
  },
);

it('the other forms', () => {
  expect(percent(0.0512)).toBe('5.12 %');
  expect(bps(25)).toBe('25 bps');
  expect(units(100_000)).toBe('100,000');
  expect(units(0.25)).toBe('0.25');
  expect(price(1.1, 5)).toBe('1.10000');
  expect(price(0.1 + 0.2)).toBe('0.30000000000000004');
  expect(time(0)).toBe('1970-01-01T00:00:00Z');
  expect(age(95_000)).toBe('1m 35s');
  expect(age(340)).toBe('340ms');
});
