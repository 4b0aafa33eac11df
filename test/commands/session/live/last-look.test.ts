import { describe, expect, it } from 'vitest';
import { INTENT_LIFE_MS, lastLook, type Outlook } from '../../../../src/commands/session/live/last-look.js';
import { instrumentId } from '../../../../src/core/model/ids.js';
import type { OrderIntent } from '../../../../src/core/model/order.js';
import { noLimits } from '../../../../src/core/risk/presets.js';

const EUR_USD = instrumentId('EUR/USD');
const NOW = Date.UTC(2026, 0, 6, 10);
const ENTRY: OrderIntent = {
  instrument: EUR_USD,
  side: 'buy',
  units: 1_000,
  type: 'market',
  timeInForce: 'FOK',
  reduceOnly: false,
  reason: 'test',
};
const LIMITS = {
  ...noLimits,
  maxQuoteAgeMs: { ...noLimits.maxQuoteAgeMs, market: 2_000, limit: 5_000 },
  maxSpreadBps: 10,
  priceCollarBps: 50,
};
const QUOTE = { bid: 1.1, ask: 1.1002, tradeable: true, venueTs: NOW, receivedMono: 9_000, isDoubted: false };
const HALT = { id: 'h', time: 'now', who: 'w', reason: 'a drill', scope: 'all', mode: 'all' } as const;

const outlook = (change: Partial<Outlook> = {}): Outlook => ({
  now: NOW,
  mono: 10_000,
  limits: LIMITS,
  halts: [],
  breaks: [],
  shadow: false,
  decidedPrice: 1.1001,
  quote: () => QUOTE,
  ...change,
});
const quoted = (change: Partial<typeof QUOTE>): Partial<Outlook> => ({ quote: () => ({ ...QUOTE, ...change }) });

describe('the last look', () => {
  it('lets an order go that nothing is against', () => {
    expect(lastLook(ENTRY, NOW - INTENT_LIFE_MS, outlook())).toBeUndefined();
    expect(lastLook(ENTRY, NOW, outlook({ second: () => undefined, room: undefined }))).toBeUndefined();
  });

  it.each<[string, Partial<Outlook>, Partial<OrderIntent>, number]>([
    ['unreconciled: b1 differs', { breaks: [breakOf(undefined)] }, {}, 0],
    ['unreconciled: b1 differs', { breaks: [breakOf('EUR/USD')] }, {}, 0],
    ['1 MiB are free', { room: '1 MiB are free' }, {}, 0],
    [`decided ${INTENT_LIFE_MS + 1} ms ago, limit is ${INTENT_LIFE_MS} ms`, {}, {}, INTENT_LIFE_MS + 1],
    ['its time limit has passed', {}, { timeInForce: 'GTD', expiresAt: NOW }, 0],
    ['no quote of EUR/USD, so its age is unknown', { quote: () => undefined }, {}, 0],
    ['the quote of EUR/USD is 2001 ms old, limit is 2000 ms', quoted({ receivedMono: 7_999 }), {}, 0],
    [
      'the quote of EUR/USD is 5001 ms old, limit is 5000 ms',
      quoted({ receivedMono: 4_999 }),
      { type: 'limit', price: 1 },
      0,
    ],
    ['tiingo says otherwise', { second: (id) => (id === EUR_USD ? 'tiingo says otherwise' : undefined) }, {}, 0],
    ['the price of EUR/USD jumped, and nothing has confirmed it yet', quoted({ isDoubted: true }), {}, 0],
    ['decided 2001 ms from now, by a clock that was set back since', {}, {}, -2_001],
    ['the spread of EUR/USD is 18.2 bps, limit is 10 bps', quoted({ ask: 1.102 }), {}, 0],
    ['EUR/USD moved 100.1 bps since it was decided, limit is 50 bps', { decidedPrice: 1.089_2 }, {}, 0],
  ])('says %s, and lets what reduces go', (why, world, change, ageMs) => {
    const intent = { ...ENTRY, ...change };
    expect(lastLook(intent, NOW - ageMs, outlook(world))).toBe(why);
    expect(lastLook({ ...intent, reduceOnly: true }, NOW - ageMs, outlook(world))).toBeUndefined();
  });

  it('stops what reduces only for a halt of everything, a shadow session, and a closed market', () => {
    const exit = { ...ENTRY, reduceOnly: true };
    const entries = { ...HALT, mode: 'reduce-only' } as const;
    expect(lastLook(exit, NOW, outlook({ halts: [HALT] }))).toBe('halted: a drill (all, now)');
    expect(lastLook(exit, NOW, outlook({ halts: [entries] }))).toBeUndefined();
    expect(lastLook(ENTRY, NOW, outlook({ halts: [entries] }))).toBe('halted: a drill (all, now)');
    expect(lastLook(exit, NOW, outlook({ shadow: true }))).toBe('shadow: nothing is sent');
    expect(lastLook(exit, NOW, outlook(quoted({ tradeable: false })))).toBe('EUR/USD cannot be traded now');
    expect(lastLook(exit, NOW, outlook({ quote: () => undefined }))).toBeUndefined();
  });

  it('is not concerned with another instrument', () => {
    const other = { ...HALT, scope: 'instrument:GBP/USD' } as const;
    expect(lastLook(ENTRY, NOW, outlook({ halts: [other], breaks: [breakOf('GBP/USD')] }))).toBeUndefined();
  });

  it('asks for nothing where no limit is set', () => {
    const free = { limits: noLimits, decidedPrice: 2 };
    expect(lastLook(ENTRY, NOW, outlook({ ...free, quote: () => undefined }))).toBeUndefined();
    expect(lastLook(ENTRY, NOW, outlook({ ...free, ...quoted({ ask: 2, receivedMono: -1e9 }) }))).toBeUndefined();
  });

  it('looks at the price also where its age has no limit', () => {
    const limits = { ...LIMITS, maxQuoteAgeMs: noLimits.maxQuoteAgeMs };
    expect(lastLook(ENTRY, NOW, outlook({ limits, decidedPrice: 1.2 }))).toContain('moved');
    expect(lastLook(ENTRY, NOW, outlook({ limits, quote: () => undefined }))).toBeUndefined();
  });
});

function breakOf(symbol: string | undefined): Outlook['breaks'][number] {
  const instrument = symbol === undefined ? undefined : instrumentId(symbol);
  return { id: 'b1', kind: 'position', instrument, message: 'b1 differs' } as Outlook['breaks'][number];
}
