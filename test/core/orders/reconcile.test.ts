import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientId, type InstrumentId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import type { LiveOrder, LiveState } from '../../../src/core/orders/live-orders.js';
import { findBreaks, type OurSide, type TheirSide } from '../../../src/core/orders/reconcile.js';
import type { VenueOrder } from '../../../src/core/ports/venue.js';

const EURUSD = instrumentId('EUR/USD');
const USDJPY = instrumentId('USD/JPY');
const GRID = { lotStep: (id: InstrumentId) => (id === EURUSD ? 1 : 0), cashDigits: 2 };

function mine(client: string, state: LiveState, venueId?: string): LiveOrder {
  return {
    id: orderId(`o-${client}`),
    clientId: clientId(client),
    createdAt: 0,
    recordedAt: 0,
    parentId: undefined,
    intent: {
      instrument: EURUSD,
      side: 'buy',
      units: 1,
      type: 'limit',
      price: 1,
      timeInForce: 'GTC',
      reduceOnly: false,
      reason: 'test',
    },
    state,
    venueId,
    attemptedAt: 1,
    cursor: '1',
    filledUnits: 0,
    cancelRequestedAt: undefined,
    why: '',
  };
}

function theirs(venueId: string, client?: string): VenueOrder {
  return {
    venueId,
    clientId: client === undefined ? undefined : clientId(client),
    instrument: EURUSD,
    side: 'buy',
    units: 1,
    filledUnits: 0,
    type: 'limit',
    timeInForce: 'GTC',
    reduceOnly: false,
    createdAt: 0,
  };
}

const position = (instrument: InstrumentId, units: number) => ({
  instrument,
  units,
  averagePrice: 1,
  unrealizedPnl: 0,
});

const ours = (change: Partial<OurSide> = {}): OurSide => ({ cash: 0, positions: new Map(), orders: [], ...change });
const there = (change: Partial<TheirSide> = {}): TheirSide => ({ cash: 0, positions: [], orders: [], ...change });

describe('positions', () => {
  it.each([
    ['the same', 1000, 1000, false],
    ['less than half a lot apart', 1000, 1000.4, false],
    ['half a lot apart', 1000, 1000.5, true],
    ['only with us', 1000, 0, true],
    ['only there', 0, 1000, true],
    ['turned around', 1000, -1000, true],
  ])('%s', (_, us, them, isBreak) => {
    const found = findBreaks(
      ours({ positions: us === 0 ? new Map() : new Map([[EURUSD, us]]) }),
      there({ positions: them === 0 ? [] : [position(EURUSD, them)] }),
      GRID,
    );
    const expected = {
      id: 'b1',
      kind: 'position',
      instrument: EURUSD,
      ours: us,
      theirs: them,
      message: `EUR/USD: our fills add up to ${us} units, the account holds ${them}`,
    };
    expect(found).toEqual(isBreak ? [expected] : []);
  });

  it('of something whose lots nobody knows, agree when they are equal and not otherwise', () => {
    const at = (units: number) => findBreaks(ours(), there({ positions: [position(USDJPY, units)] }), GRID);
    expect(at(0)).toEqual([]);
    expect(at(0.001)).toMatchObject([{ kind: 'position', instrument: USDJPY }]);
  });
});

describe('cash', () => {
  it.each([
    [100, 100.004, 2, false],
    [100, 100.01, 2, true],
    [100.01, 100, 2, true],
    // Where the venue books whole units, what is finer is ours alone.
    [100.4, 100, 0, false],
    [100.4, 101, 0, true],
    // Where it books finer than a cent, a difference below half a cent is nobody's money.
    [100.0049, 100, 4, false],
    [100.0051, 100, 4, true],
    [Number.NaN, 100, 2, true],
  ])('%s with us and %s there, booked in %s digits', (us, them, cashDigits, isBreak) => {
    const found = findBreaks(ours({ cash: us }), there({ cash: them }), { ...GRID, cashDigits });
    expect(found.map(({ kind, instrument }) => [kind, instrument])).toEqual(isBreak ? [['cash', undefined]] : []);
  });

  it('that differs is named as booked', () => {
    expect(findBreaks(ours({ cash: 100.006 }), there({ cash: 99 }), GRID)).toEqual([
      {
        id: 'b1',
        kind: 'cash',
        instrument: undefined,
        ours: 100.01,
        theirs: 99,
        message: 'cash: we count 100.01, the account says 99',
      },
    ]);
  });
});

describe('orders', () => {
  it('are the same by the venue’s number or by our id', () => {
    const orders = [mine('fxa', 'working', '7'), mine('fxb', 'working')];
    expect(findBreaks(ours({ orders }), there({ orders: [theirs('7'), theirs('8', 'fxb')] }), GRID)).toEqual([]);
  });

  it.each<[LiveState, boolean]>([
    ['working', true],
    ['attempted', false],
    ['unresolved', false],
    ['dormant', false],
    ['intended', false],
    ['cancelled', false],
  ])('of ours that are %s and not there: a difference is %s', (state, isBreak) => {
    const found = findBreaks(ours({ orders: [mine('fxa', state)] }), there(), GRID);
    const expected = {
      id: 'b1',
      kind: 'missing-order',
      instrument: EURUSD,
      ours: 'fxa',
      theirs: null,
      message: 'o-fxa (fxa) works in our book and not at the venue',
    };
    expect(found).toEqual(isBreak ? [expected] : []);
  });

  it.each<[LiveState, boolean]>([
    ['abandoned', true],
    ['cancelled', true],
    ['expired', true],
    ['never-arrived', true],
    ['filled', true],
    ['working', false],
    ['unresolved', false],
  ])('that work there and are %s here: a difference is %s', (state, isBreak) => {
    const orders = [mine('fxa', state, '7')];
    const expected = {
      id: 'b1',
      kind: 'unknown-order',
      instrument: EURUSD,
      ours: 'fxa',
      theirs: '7',
      message: `o-fxa (fxa) works at the venue as order 7 and is ${state} in our book`,
    };
    expect(findBreaks(ours({ orders }), there({ orders: [theirs('7')] }), GRID)).toEqual(isBreak ? [expected] : []);
  });

  it('that only reduce may have a twin of what the venue itself has ended', () => {
    const exit = (state: LiveState): LiveOrder => {
      const made = mine('fxa', state, '7');
      return { ...made, intent: { ...made.intent, reduceOnly: true } };
    };
    const breaksOf = (order: LiveOrder) =>
      findBreaks(ours({ orders: [order] }), there({ orders: [theirs('7')] }), GRID);
    const states = ['cancelled', 'expired', 'abandoned', 'never-arrived', 'filled', 'rejected'] as const;
    expect(states.map((state) => breaksOf(exit(state)).length)).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it('that were given up for dead, and work, are a difference where they can grow a position', () => {
    const lost: LiveOrder = { ...mine('fxa', 'working', '7'), revived: true };
    const exit: LiveOrder = { ...lost, intent: { ...lost.intent, reduceOnly: true } };
    const breaksOf = (order: LiveOrder) =>
      findBreaks(ours({ orders: [order] }), there({ orders: [theirs('7')] }), GRID);
    expect(breaksOf(lost)).toMatchObject([
      {
        kind: 'unknown-order',
        message: 'o-fxa (fxa) works at the venue as order 7 and was given up for dead in our book',
      },
    ]);
    expect(breaksOf(exit)).toEqual([]);
    expect(findBreaks(ours({ orders: [{ ...lost, state: 'cancelled' }] }), there(), GRID)).toEqual([]);
  });

  it('that are there and in no book of ours are told apart by our mark', () => {
    const orders = [theirs('7', 'fxold'), theirs('8', 'other'), theirs('9')];
    expect(findBreaks(ours(), there({ orders }), GRID)).toEqual([
      {
        id: 'b1',
        kind: 'unknown-order',
        instrument: EURUSD,
        ours: null,
        theirs: '7',
        message: 'order 7 in EUR/USD carries our mark fxold and is in no journal of this book',
      },
      {
        id: 'b2',
        kind: 'foreign-order',
        instrument: EURUSD,
        ours: null,
        theirs: '8',
        message: 'order 8 in EUR/USD is not ours',
      },
      expect.objectContaining({ id: 'b3', kind: 'foreign-order', theirs: '9' }),
    ]);
  });
});

it('the same sides give the same breaks however their lists are ordered', () => {
  const positions: (readonly [InstrumentId, number])[] = [
    [EURUSD, 5],
    [USDJPY, 6],
    [instrumentId('AUD/USD'), 7],
  ];
  const known = [mine('fxc', 'working'), mine('fxa', 'working'), mine('fxb', 'working')];
  const listed = [theirs('3'), theirs('1', 'x'), theirs('2', 'fxz')];
  const expected = [
    'position AUD/USD',
    'position EUR/USD',
    'position USD/JPY',
    'cash',
    'foreign-order 1',
    'unknown-order 2',
    'foreign-order 3',
    'missing-order fxa',
    'missing-order fxb',
    'missing-order fxc',
  ];
  const shuffled = <T>(items: readonly T[]) => fc.shuffledSubarray([...items], { minLength: items.length });
  fc.assert(
    fc.property(shuffled(positions), shuffled(known), shuffled(listed), (held, orders, open) => {
      const breaks = findBreaks(ours({ positions: new Map(held), orders, cash: 1 }), there({ orders: open }), GRID);
      const said = breaks.map(({ kind, instrument, ours: us, theirs: them }) => {
        if (kind === 'position') return `${kind} ${instrument}`;
        return kind === 'cash' ? kind : `${kind} ${us ?? them}`;
      });
      expect(said).toEqual(expected);
      expect(breaks.map(({ id }) => id)).toEqual(expected.map((_, index) => `b${index + 1}`));
    }),
  );
});
