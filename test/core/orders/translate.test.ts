import { describe, expect, it } from 'vitest';
import { clientId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import type { Change, Filled, LiveOrder, LiveState } from '../../../src/core/orders/live-orders.js';
import { type EngineKnowledge, engineEvents } from '../../../src/core/orders/translate.js';
import type { VenueEvent } from '../../../src/core/ports/venue.js';

const EURUSD = instrumentId('EUR/USD');
const ENTRY = orderId('o-1');
const STOP = orderId('o-1.sl');
/** When we learnt of it; the venue's own time is 1. */
const LEARNT = 50;

const KNOWS: EngineKnowledge = { hasOrder: () => true, trades: () => true };
const FORGOT: EngineKnowledge = { hasOrder: () => false, trades: () => true };
const TRADES_ELSE: EngineKnowledge = { hasOrder: () => true, trades: () => false };

function anOrder(state: LiveState, change: Partial<LiveOrder> = {}): LiveOrder {
  return {
    id: ENTRY,
    clientId: clientId('fxlvAAAA'),
    createdAt: 0,
    recordedAt: 0,
    parentId: undefined,
    intent: {
      instrument: EURUSD,
      side: 'buy',
      units: 1000,
      type: 'market',
      timeInForce: 'FOK',
      reduceOnly: false,
      reason: 'trend',
    },
    state,
    venueId: '7',
    attemptedAt: 1,
    cursor: '1',
    filledUnits: 0,
    cancelRequestedAt: undefined,
    why: 'because',
    ...change,
  };
}

function aFill(change: Partial<Filled> = {}): Filled {
  return {
    kind: 'filled',
    id: '12',
    ts: 1,
    venueId: '7',
    clientId: clientId('fxlvAAAA'),
    instrument: EURUSD,
    side: 'buy',
    units: 400,
    price: 1.1,
    realizedPnl: 9,
    commission: 2,
    financing: 3,
    spreadCost: 0.5,
    cash: 1000,
    last: false,
    reason: 'MARKET_ORDER',
    ...change,
  };
}

const FILL = {
  orderId: ENTRY,
  executionId: '12',
  instrument: EURUSD,
  side: 'buy',
  units: 400,
  price: 1.1,
  ts: LEARNT,
  commission: 2,
  realizedPnl: 9,
  financing: 3,
  spreadCost: 0.5,
  slippageCost: 0,
  impactCost: 0,
  reason: 'trend',
};

const moved = (order: LiveOrder, was: LiveState): Change => ({ kind: 'order', order, was });
const tell = (change: Change, engine: EngineKnowledge = KNOWS) => engineEvents(change, LEARNT, engine);

it('the engine hears nothing of what changed nothing', () => {
  expect(tell({ kind: 'none' })).toEqual([]);
});

it('a change of a kind that nobody knows is a bug', () => {
  expect(() => tell({ kind: 'moved' } as unknown as Change)).toThrow();
});

describe('an order that moved', () => {
  it.each<[LiveState, string | undefined]>([
    ['cancelled', 'cancelled'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
    ['abandoned', 'rejected'],
    ['never-arrived', 'rejected'],
    ['intended', undefined],
    ['attempted', undefined],
    ['unresolved', undefined],
    ['working', undefined],
    ['filled', undefined],
  ])('to %s is told as %s', (state, kind) => {
    const told = kind === undefined ? [] : [{ kind, ts: LEARNT, orderId: ENTRY, reason: 'because' }];
    expect(tell(moved(anOrder(state), 'attempted'))).toEqual(told);
  });

  it('to where it was already, or that the engine has ended, is not told', () => {
    expect(tell(moved(anOrder('cancelled'), 'cancelled'))).toEqual([]);
    expect(tell(moved(anOrder('cancelled'), 'working'), FORGOT)).toEqual([]);
  });

  it('from dormant to working is a child that was born, whether or not the engine has heard of it', () => {
    const stop = anOrder('working', { id: STOP, parentId: ENTRY });
    const { id, clientId: client, intent } = stop;
    const born = [{ kind: 'child', ts: LEARNT, parentId: ENTRY, order: { id, clientId: client, intent } }];
    expect(tell(moved(stop, 'dormant'))).toEqual(born);
    expect(tell(moved(stop, 'dormant'), FORGOT)).toEqual(born);
    expect(tell(moved(stop, 'unresolved'))).toEqual([]);
    expect(tell(moved(anOrder('working'), 'dormant'))).toEqual([]);
  });

  it('from dormant to its end never lived', () => {
    const stop = anOrder('cancelled', { id: STOP, parentId: ENTRY });
    expect(tell(moved(stop, 'dormant'), FORGOT)).toEqual([]);
    expect(tell(moved(stop, 'dormant'))).toMatchObject([{ kind: 'cancelled', orderId: STOP }]);
  });
});

describe('a fill', () => {
  it('of an order that the engine has is told with the venue’s figures and our time', () => {
    const order = anOrder('working', { filledUnits: 400 });
    expect(tell({ kind: 'fill', order, event: aFill() })).toEqual([{ kind: 'fill', ts: LEARNT, fill: FILL }]);
  });

  it('of an order that the engine has ended is late, and counts', () => {
    const order = anOrder('filled', { filledUnits: 400 });
    expect(tell({ kind: 'fill', order, event: aFill() }, FORGOT)).toEqual([
      { kind: 'late-fill', ts: LEARNT, fill: FILL },
    ]);
  });

  it('of a stop that nobody said works brings the stop first; a later one of it is late', () => {
    const stop = anOrder('working', { id: STOP, parentId: ENTRY, filledUnits: 400 });
    const { id, clientId: client, intent } = stop;
    const fill = { ...FILL, orderId: STOP };
    expect(tell({ kind: 'fill', order: stop, event: aFill() }, FORGOT)).toEqual([
      { kind: 'child', ts: LEARNT, parentId: ENTRY, order: { id, clientId: client, intent } },
      { kind: 'fill', ts: LEARNT, fill },
    ]);
    const second = { ...stop, filledUnits: 1000 };
    expect(tell({ kind: 'fill', order: second, event: aFill() }, FORGOT)).toEqual([
      { kind: 'late-fill', ts: LEARNT, fill },
    ]);
  });

  it('of nobody’s order is left to the comparison with the account', () => {
    expect(tell({ kind: 'fill', order: undefined, event: aFill() })).toEqual([]);
  });

  it('in what the engine does not trade moves cash alone: profit less commission and interest', () => {
    const order = anOrder('filled');
    expect(tell({ kind: 'fill', order, event: aFill() }, TRADES_ELSE)).toEqual([
      { kind: 'transfer', ts: LEARNT, amount: 4 },
    ]);
    const even = aFill({ realizedPnl: 5 });
    expect(tell({ kind: 'fill', order, event: even }, TRADES_ELSE)).toEqual([]);
  });
});

describe('what happens to the account', () => {
  const told = (event: VenueEvent, engine = KNOWS) => tell({ kind: 'account', event }, engine);
  const financing: VenueEvent = { kind: 'financing', id: '1', ts: 1, instrument: EURUSD, cost: 3, cash: 9 };

  it('is told where it is money', () => {
    expect(told({ kind: 'transfer', id: '1', ts: 1, amount: -20, cash: 9, reason: 'x' })).toEqual([
      { kind: 'transfer', ts: LEARNT, amount: -20 },
    ]);
    expect(told(financing)).toEqual([{ kind: 'financing', ts: LEARNT, instrument: EURUSD, cost: 3, days: 1 }]);
    expect(told(financing, TRADES_ELSE)).toEqual([{ kind: 'transfer', ts: LEARNT, amount: -3 }]);
  });

  it.each<VenueEvent>([
    { kind: 'other', id: '1', ts: 1, type: 'NEWS' },
    { kind: 'accepted', id: '1', ts: 1, venueId: '30', clientId: undefined },
    { kind: 'refused', id: '1', ts: 1, clientId: undefined, reason: 'x' },
  ])('is not told where it is none: %o', (event) => {
    expect(told(event)).toEqual([]);
  });
});
