import { describe, expect, it } from 'vitest';
import { clientId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import type { LiveOrder } from '../../../src/core/orders/live-orders.js';
import { pauseBefore, resolveAbsent } from '../../../src/core/orders/resolve.js';
import type { VenueRules } from '../../../src/core/ports/venue.js';

const WINDOW = 10_000;
const CREATED = 1_000_000;

function anOrder(change: Partial<OrderIntent> = {}, attemptedAt: number | undefined = CREATED + 500): LiveOrder {
  return {
    id: orderId('o-1'),
    clientId: clientId('fxlvAAAA'),
    createdAt: CREATED,
    recordedAt: CREATED,
    parentId: undefined,
    intent: {
      instrument: instrumentId('EUR/USD'),
      side: 'buy',
      units: 1,
      type: 'market',
      timeInForce: 'FOK',
      reduceOnly: false,
      reason: 'test',
      ...change,
    },
    state: 'unresolved',
    venueId: undefined,
    attemptedAt,
    cursor: '1',
    filledUnits: 0,
    cancelRequestedAt: undefined,
    why: '',
  };
}

function rules(lateRequestsExpire: boolean): VenueRules {
  return {
    clientIds: 'unique-for-ever',
    settleWindowMs: WINDOW,
    lateRequestsExpire,
    cashDigits: 2,
    reduceOnly: true,
    inFlightWindowMs: 1000,
  };
}

describe('the looks for an order without an answer', () => {
  it('come after 250 ms, then after twice as long each time, at last every 8 s', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 99].map(pauseBefore)).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
  });
});

describe('an order that the venue does not know', () => {
  it.each([
    ['before the window is over', WINDOW - 1, 5, 'ask'],
    ['never seen absent after it', WINDOW + 1, 0, 'ask'],
    ['seen absent once after it', WINDOW + 1, 1, 'ask'],
    ['seen absent twice, at the very end of the window', WINDOW, 2, 'never-arrived'],
    ['seen absent twice after it', WINDOW + 1, 2, 'never-arrived'],
  ])('%s, where late requests expire', (_, elapsedMs, absentAfterWindow, kind) => {
    expect(resolveAbsent(anOrder(), rules(true), { elapsedMs, absentAfterWindow }).kind).toBe(kind);
  });

  it('is closed with the venue’s own rule as the proof', () => {
    expect(resolveAbsent(anOrder(), rules(true), { elapsedMs: WINDOW, absentAfterWindow: 2 })).toEqual({
      kind: 'never-arrived',
      proof: 'the venue refuses what comes later than 10000 ms',
    });
  });

  it.each([
    ['no time limit', {}, 1e9, 'person'],
    ['a day order', { timeInForce: 'DAY' as const }, 1e9, 'person'],
    // An end without GTD binds no venue.
    ['an end that its kind does not use', { timeInForce: 'GTC' as const, expiresAt: CREATED + 1 }, 1e9, 'person'],
    ['GTD without an end', { timeInForce: 'GTD' as const }, 1e9, 'person'],
  ])('given %s and late requests that may come, a person says', (_, change, elapsedMs, kind) => {
    expect(resolveAbsent(anOrder(change), rules(false), { elapsedMs, absentAfterWindow: 9 }).kind).toBe(kind);
  });

  it.each([
    // Sent half a second after it was made: 59.5 s of life, and the window on top.
    ['right at its end and the window', 69_500, 'person'],
    ['a moment later', 69_501, 'never-arrived'],
  ])('given a time limit of its own, %s', (_, elapsedMs, kind) => {
    const order = anOrder({ timeInForce: 'GTD', expiresAt: CREATED + 60_000 });
    expect(resolveAbsent(order, rules(false), { elapsedMs, absentAfterWindow: 2 }).kind).toBe(kind);
  });

  it('names the time limit that has passed', () => {
    const order = anOrder({ timeInForce: 'GTD', expiresAt: CREATED + 60_000 });
    expect(resolveAbsent(order, rules(false), { elapsedMs: 1e6, absentAfterWindow: 2 })).toEqual({
      kind: 'never-arrived',
      proof: 'its time limit 1970-01-01T00:17:40.000Z has passed',
    });
  });

  it('of which nobody noted when it left, counts its life from when it was made', () => {
    const order = { ...anOrder({ timeInForce: 'GTD', expiresAt: CREATED + 60_000 }), attemptedAt: undefined };
    const at = (elapsedMs: number) => resolveAbsent(order, rules(false), { elapsedMs, absentAfterWindow: 2 }).kind;
    expect([at(70_000), at(70_001)]).toEqual(['person', 'never-arrived']);
  });
});
