import { expect, it } from 'vitest';
import { eventLine } from '../../../src/commands/ui/event-line.js';

const instrument = 'EUR/USD';

it.each([
  ['financing', { instrument, cost: 12.5, days: 3 }, 'EUR/USD paid 12.50 for 3 days'],
  ['financing', { instrument, cost: -1234.5, days: 1 }, 'EUR/USD earned 1,234.50 for 1 day'],
  ['dividend', { instrument: 'XYZ', cost: -40 }, 'XYZ earned 40.00'],
  ['split', { instrument: 'XYZ', ratio: 4, price: 25 }, 'XYZ at 25 4 for 1'],
  ['trailed', { orderId: 'o1', stopPrice: 1.0825 }, 'stop 1.0825 o1'],
  ['transfer', { amount: -500 }, '-500.00'],
  ['margin-call', { equity: 90, marginUsed: 200 }, 'equity 90.00, margin used 200.00'],
  ['order', { instrument, side: 'buy', units: 1000, reason: 'up' }, 'EUR/USD buy 1000 up'],
  ['fill', { instrument, units: 5, price: 1.1, orderId: 'o2' }, 'EUR/USD 5 at 1.1 o2'],
  [
    'refused',
    {
      orderId: 'o-1',
      intent: { instrument, side: 'sell', units: 9 },
      failures: [{ message: 'too large' }, { message: 'too many' }],
    },
    'EUR/USD sell 9 o-1 too large; too many',
  ],
  ['preflight', { line: 'clock', ok: true, detail: '3 ms away' }, 'ok  clock: 3 ms away'],
  ['start', { book: 'default', finished: false }, 'book default, finished false'],
])('%s of %j reads %s', (kind, fields, line) => {
  expect(eventLine(kind, fields)).toBe(line);
});
