import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childClientId, clientId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { isFinal, LiveOrders, type LiveState } from '../../../src/core/orders/live-orders.js';
import { isOrderRecord, type OrderRecord } from '../../../src/core/orders/records.js';
import type { VenueEvent } from '../../../src/core/ports/venue.js';

const EURUSD = instrumentId('EUR/USD');
const CLIENT = clientId('fxlvAAAAAAAAAAAAAAAA');
const STOP = childClientId(CLIENT, 'sl');
const intent: OrderIntent = {
  instrument: EURUSD,
  side: 'buy',
  units: 1000,
  type: 'market',
  timeInForce: 'FOK',
  reduceOnly: false,
  stopLoss: 1.05,
  reason: 'test',
};
const order = { id: orderId('o-1'), clientId: CLIENT, createdAt: 0, intent };

const submit: OrderRecord = { type: 'submit', order };
const attempt: OrderRecord = { type: 'attempt', clientId: CLIENT, cursor: '10' };
const accepted: OrderRecord = { type: 'accepted', clientId: CLIENT, venueId: '11' };

function filled(id: string, units: number, last: boolean, venueId = '11', client = CLIENT): OrderRecord {
  return {
    type: 'venue',
    event: {
      kind: 'filled',
      id,
      ts: 1,
      venueId,
      clientId: client,
      instrument: EURUSD,
      side: client === CLIENT ? 'buy' : 'sell',
      units,
      price: 1.1,
      realizedPnl: 0,
      commission: 0,
      financing: 0,
      spreadCost: 0,
      cash: 1000,
      last,
      reason: 'MARKET_ORDER',
    },
  };
}

const event = (one: VenueEvent): OrderRecord => ({ type: 'venue', event: one });
const toldAccepted = event({ kind: 'accepted', id: '11', ts: 1, venueId: '11', clientId: CLIENT });
/** The venue's word on the entry's end. */
const told = (kind: 'cancelled' | 'expired' | 'refused'): OrderRecord =>
  event({ kind, id: `t-${kind}`, ts: 1, venueId: '11', clientId: CLIENT, reason: 'told' });
const stopOf = (id: string) => ({ id, ts: 1, venueId: '14', clientId: STOP });
const toldStop = event({
  ...stopOf('14'),
  kind: 'protected',
  parentVenueId: '11',
  role: 'stop',
  price: 1.05,
  trailDistance: undefined,
});
const stopCancelled = event({ kind: 'cancelled', id: '15', ts: 2, venueId: '14', clientId: STOP, reason: 'LINKED' });

function play(records: readonly OrderRecord[]): LiveOrders {
  const orders = new LiveOrders();
  for (const [index, record] of records.entries()) orders.apply(record, index);
  return orders;
}

/** What matters of the end, without times. */
function endOf(orders: LiveOrders) {
  return [...orders.values()].map(({ id, state, filledUnits, venueId }) => ({ id, state, filledUnits, venueId }));
}

describe('the life of an order at a venue', () => {
  it('is in doubt from the attempt until an outcome is known', () => {
    const states = [submit, attempt, accepted, filled('12', 1000, true)].map(
      (_, index, all) => play(all.slice(0, index + 1)).find(CLIENT)?.state,
    );
    expect(states).toEqual(['intended', 'attempted', 'working', 'filled']);
    expect(play([submit, attempt]).inDoubt()).toHaveLength(1);
    expect(play([submit, attempt, { type: 'unresolved', clientId: CLIENT, why: 'timeout' }]).inDoubt()).toHaveLength(1);
    expect(play([submit, attempt, accepted]).inDoubt()).toHaveLength(0);
  });

  it('ends the same in every order in which a venue may tell it, each event told once or twice', () => {
    const life = [accepted, toldAccepted, filled('12', 400, false), filled('13', 600, true), toldStop, stopCancelled];
    const whole = endOf(play([submit, attempt, ...life]));
    let orders = 0;
    for (const told of permutations([...life.keys()])) {
      // A cancel of the stop told before the stop itself leaves the stop ended in both orders.
      const records = told.map((index) => life[index] ?? accepted);
      expect(endOf(play([submit, attempt, ...records, ...records])), told.join()).toEqual(whole);
      orders++;
    }
    expect(orders).toBe(720);
  });

  it('a fill counts also after the order was taken for cancelled, refused or lost', () => {
    const late = filled('12', 1000, true);
    const ends: readonly OrderRecord[] = [
      event({ kind: 'cancelled', id: '20', ts: 1, venueId: '11', clientId: CLIENT, reason: 'x' }),
      { type: 'refusal', clientId: CLIENT, code: 'X', reason: 'y' },
      { type: 'never-arrived', clientId: CLIENT, proof: 'z' },
    ];
    for (const end of ends) {
      const found = play([submit, attempt, end, late]).find(CLIENT);
      expect(found).toMatchObject({ state: 'filled', filledUnits: 1000 });
    }
  });

  it('a partly filled order that was thought lost lives again; one cancelled in part stays cancelled', () => {
    const part = filled('12', 400, false);
    const lost: OrderRecord = { type: 'never-arrived', clientId: CLIENT, proof: 'z' };
    expect(play([submit, attempt, lost, part]).find(CLIENT)?.state).toBe('working');
    const cancelled = event({ kind: 'cancelled', id: '20', ts: 1, venueId: '11', clientId: CLIENT, reason: 'x' });
    expect(play([submit, attempt, accepted, cancelled, part]).find(CLIENT)).toMatchObject({
      state: 'cancelled',
      filledUnits: 400,
    });
  });

  it('a timeout that is told after the order was found changes nothing', () => {
    const unresolved: OrderRecord = { type: 'unresolved', clientId: CLIENT, why: 'timeout' };
    expect(play([submit, attempt, accepted, unresolved]).find(CLIENT)?.state).toBe('working');
    expect(play([submit, attempt, filled('12', 1000, true), unresolved]).find(CLIENT)?.state).toBe('filled');
  });

  it('goes on from a saved state as if it had never been saved', () => {
    const life = [submit, attempt, accepted, filled('12', 400, false), toldStop, filled('13', 600, true)];
    fc.assert(
      fc.property(fc.nat(life.length), (cut) => {
        const before = play(life.slice(0, cut));
        const after = new LiveOrders();
        after.load(JSON.parse(JSON.stringify(before.save())));
        for (const one of life.slice(cut)) {
          before.apply(one, 9);
          after.apply(one, 9);
        }
        const living = endOf(before).filter(({ state }) => state !== 'filled');
        expect(endOf(after).filter(({ state }) => state !== 'filled')).toEqual(living);
      }),
    );
  });

  it('tells apart what is foreign: fills and orders that no order of ours explains', () => {
    const orders = play([submit]);
    const foreign = filled('30', 5, true, '30', clientId('other'));
    expect(orders.apply(foreign, 1)).toMatchObject({ kind: 'fill', order: undefined });
    expect(orders.apply(foreign, 1)).toEqual({ kind: 'none' });
  });

  it('refuses to submit an order twice, and records of orders that nobody submitted', () => {
    expect(() => play([submit, submit])).toThrow('submitted once');
    expect(() => play([attempt])).toThrow('was submitted');
  });
});

describe('what each record changes', () => {
  it.each<[string, readonly OrderRecord[], string, string]>([
    [
      'a refusal',
      [{ type: 'refusal', clientId: CLIENT, code: 'X1', reason: 'no margin' }],
      'rejected',
      'X1: no margin',
    ],
    ['no answer', [{ type: 'unresolved', clientId: CLIENT, why: 'timeout' }], 'unresolved', 'timeout'],
    ['given up', [{ type: 'abandoned', clientId: CLIENT, reason: 'halted' }], 'abandoned', 'halted'],
    ['proven dead', [{ type: 'never-arrived', clientId: CLIENT, proof: 'too late' }], 'never-arrived', 'too late'],
    ['an acceptance', [accepted], 'working', ''],
    ['the venue’s refusal', [told('refused')], 'rejected', 'told'],
    ['the venue’s cancel', [accepted, told('cancelled')], 'cancelled', 'told'],
    ['the venue’s expiry', [accepted, told('expired')], 'expired', 'told'],
    ['an acceptance after a refusal was told', [told('refused'), accepted], 'rejected', 'told'],
    ['a refusal told after the cancel', [accepted, told('cancelled'), told('refused')], 'cancelled', 'told'],
    ['a cancel told after the fill', [filled('12', 1000, true), told('cancelled')], 'filled', ''],
    [
      'an acceptance told after no answer',
      [{ type: 'unresolved', clientId: CLIENT, why: 't' }, accepted],
      'working',
      '',
    ],
  ])('%s', (_, records, state, why) => {
    expect(play([submit, attempt, ...records]).find(CLIENT)).toMatchObject({ state, why });
  });

  it('is said to whoever tells the engine: the order and where it was', () => {
    const orders = new LiveOrders();
    const found = orders.apply(submit, 5);
    expect(found).toMatchObject({ kind: 'order', was: 'intended', order: { id: 'o-1', state: 'intended', why: '' } });
    expect(orders.apply(attempt, 6)).toMatchObject({ kind: 'order', was: 'intended', order: { state: 'attempted' } });
    expect(orders.apply(accepted, 7)).toMatchObject({ kind: 'order', was: 'attempted', order: { state: 'working' } });
    expect(orders.apply(filled('12', 1000, true), 8)).toMatchObject({ kind: 'fill', order: { id: 'o-1' } });
    expect(orders.apply(toldAccepted, 9)).toEqual({ kind: 'none' });
    expect(orders.find(CLIENT)).toMatchObject({ recordedAt: 5, createdAt: 0, attemptedAt: 6, cursor: '10' });
  });

  it('a wish to cancel is noted with its time and changes nothing else', () => {
    const orders = play([submit, attempt, accepted]);
    expect(orders.apply({ type: 'cancel-request', clientId: CLIENT, reason: 'x' }, 77)).toEqual({ kind: 'none' });
    expect(orders.find(CLIENT)).toMatchObject({ cancelRequestedAt: 77, state: 'working' });
  });

  it.each<VenueEvent>([
    { kind: 'financing', id: '9', ts: 1, instrument: EURUSD, cost: 1, cash: 1 },
    { kind: 'transfer', id: '9', ts: 1, amount: 1, cash: 1, reason: 'x' },
    { kind: 'other', id: '9', ts: 1, type: 'NEWS' },
    { kind: 'accepted', id: '9', ts: 1, venueId: '99', clientId: undefined },
    { kind: 'cancelled', id: '9', ts: 1, venueId: '99', clientId: clientId('other'), reason: 'x' },
    { kind: 'refused', id: '9', ts: 1, clientId: undefined, reason: 'x' },
    { kind: 'refused', id: '9', ts: 1, clientId: clientId('other'), reason: 'x' },
  ])('is the account’s where no order of ours explains it: %o', (one) => {
    const orders = play([submit, attempt, accepted]);
    expect(orders.apply(event(one), 1)).toEqual({ kind: 'account', event: one });
    expect(orders.knows(one)).toBe(true);
    expect(orders.find(CLIENT)?.state).toBe('working');
  });

  it('of a kind that nobody knows is a bug, and no silence', () => {
    const orders = play([submit]);
    expect(() => orders.apply({ type: 'split' } as unknown as OrderRecord, 1)).toThrow();
    expect(() => orders.apply(event({ kind: 'split', id: '1' } as unknown as VenueEvent), 1)).toThrow();
  });

  it.each<[string, OrderRecord]>([
    ['abandoned', { type: 'abandoned', clientId: CLIENT, reason: 'x' }],
    ['never-arrived', { type: 'never-arrived', clientId: CLIENT, proof: 'x' }],
  ])('what we gave up as %s and the venue says works, is alive', (_, given) => {
    const orders = play([submit, attempt, given, toldAccepted]);
    expect(orders.find(CLIENT)).toMatchObject({ state: 'working', venueId: '11', why: '', revived: true });
    expect(orders.working()).toHaveLength(1);
    expect(play([submit, attempt, given, filled('12', 400, false)]).find(CLIENT)).toMatchObject({ revived: true });
    expect(play([submit, attempt, toldAccepted]).find(CLIENT)?.revived).toBeUndefined();
  });

  it.each(['cancelled', 'expired', 'refused'] as const)(
    'what the venue has %s stays so, told before or after',
    (kind) => {
      const end = kind === 'refused' ? 'rejected' : kind;
      expect(play([submit, attempt, told(kind), toldAccepted]).find(CLIENT)?.state).toBe(end);
      expect(play([submit, attempt, toldAccepted, told(kind)]).find(CLIENT)?.state).toBe(end);
      expect(play([submit, attempt, told(kind), accepted]).find(CLIENT)?.state).toBe(end);
    },
  );

  it('works only from its acceptance to its end', () => {
    const working = (...records: OrderRecord[]) => play([submit, ...records]).working().length;
    expect([working(), working(attempt), working(attempt, accepted)]).toEqual([0, 0, 1]);
    expect(working(attempt, accepted, told('cancelled'))).toBe(0);
  });

  it('an order is found by each of its names', () => {
    const orders = play([submit, attempt, accepted, toldStop]);
    expect(orders.byId(orderId('o-1'))?.clientId).toBe(CLIENT);
    expect(orders.byId(orderId('o-1.sl'))?.clientId).toBe(STOP);
    expect(orders.byId(orderId('o-2'))).toBeUndefined();
    expect(orders.byVenueId('14')?.id).toBe('o-1.sl');
    expect(orders.byVenueId('99')).toBeUndefined();
    expect(orders.knows({ kind: 'other', id: '14', ts: 9, type: 'again' })).toBe(true);
    expect(orders.knows({ kind: 'other', id: '15', ts: 9, type: 'new' })).toBe(false);
    expect(orders.working().map(({ id }) => id)).toEqual(['o-1', 'o-1.sl']);
  });
});

describe('the children of an order', () => {
  it('are made with it, dormant, and belong to it', () => {
    expect(play([submit]).find(STOP)).toMatchObject({
      id: 'o-1.sl',
      parentId: 'o-1',
      state: 'dormant',
      recordedAt: 0,
      intent: { side: 'sell', type: 'stop', stopPrice: 1.05, reduceOnly: true, units: 1000 },
    });
    expect(play([submit]).find(CLIENT)?.parentId).toBeUndefined();
  });

  it('are found by the venue’s number when it does not say ours', () => {
    const orders = play([submit, attempt, accepted, toldStop]);
    const cancelled = { ...stopOf('15'), kind: 'cancelled' as const, clientId: undefined, reason: 'LINKED' };
    expect(orders.apply(event(cancelled), 1)).toMatchObject({ kind: 'order', was: 'working', order: { id: 'o-1.sl' } });
  });
});

describe('the number of an order at the venue', () => {
  const second = event({ kind: 'accepted', id: '13', ts: 1, venueId: '20', clientId: CLIENT });

  it('is the one that an answer named before the record told of the first, once that was filled', () => {
    const answer: OrderRecord = { type: 'accepted', clientId: CLIENT, venueId: '20' };
    const orders = play([submit, attempt, answer, toldAccepted, filled('12', 400, false), second]);
    expect(orders.find(CLIENT)).toMatchObject({ state: 'working', venueId: '20', filledUnits: 400 });
    expect(orders.byVenueId('11')?.clientId).toBe(CLIENT);
  });

  it('is the one that still works in whatever order the venue’s events come', () => {
    const said = [toldAccepted, filled('12', 400, false), second];
    fc.assert(
      fc.property(fc.shuffledSubarray(said, { minLength: 3 }), (records) => {
        expect(play([submit, attempt, ...records]).find(CLIENT)?.venueId).toBe('20');
      }),
    );
  });

  it('is the newest: what a partial fill leaves works on under one of its own', () => {
    const orders = play([submit, attempt, accepted, filled('12', 400, false), second]);
    expect(orders.find(CLIENT)?.venueId).toBe('20');
    expect([orders.byVenueId('11')?.id, orders.byVenueId('20')?.id]).toEqual(['o-1', 'o-1']);
    // The first number, told again by a query, is not its name any more.
    orders.apply(event({ kind: 'accepted', id: '14b', ts: 1, venueId: '11', clientId: CLIENT }), 1);
    expect(orders.find(CLIENT)?.venueId).toBe('20');
  });

  it('is not the one that a fill names, once another is known', () => {
    const orders = play([submit, attempt, accepted, second, filled('12', 400, false, '11')]);
    expect(orders.find(CLIENT)?.venueId).toBe('20');
    expect(play([submit, attempt, filled('12', 400, false)]).find(CLIENT)?.venueId).toBe('11');
    const strange = play([submit, attempt, accepted, filled('12', 400, false, '98')]);
    expect(strange.find(CLIENT)?.venueId).toBe('11');
  });
});

describe('a fill', () => {
  it.each([
    ['part of it', [filled('12', 400, false)], 'working', 400],
    ['the last part of it, as the venue says', [filled('12', 400, true)], 'filled', 400],
    ['all of it, though nobody said so', [filled('12', 400, false), filled('13', 600, false)], 'filled', 1000],
    ['part of what expired', [told('expired'), filled('12', 400, false)], 'expired', 400],
    ['part of what was refused', [told('refused'), filled('12', 400, false)], 'working', 400],
  ])('of %s', (_, records, state, filledUnits) => {
    expect(play([submit, attempt, accepted, ...records]).find(CLIENT)).toMatchObject({ state, filledUnits });
  });
});

describe('a saved state', () => {
  const many = (count: number, ends: boolean): OrderRecord[] =>
    Array.from({ length: count }, (_, index): OrderRecord[] => {
      const client = clientId(`fxlv${String(index).padStart(16, 'A')}`);
      const { stopLoss: _stop, ...plain } = intent;
      const one = { ...order, id: orderId(`o-${index}`), clientId: client, intent: plain };
      const made: OrderRecord = { type: 'submit', order: one };
      return ends ? [made, { type: 'abandoned', clientId: client, reason: 'x' }] : [made];
    }).flat();

  it('keeps all that may still live, and the newest five hundred of what has ended', () => {
    const again = (orders: LiveOrders) => {
      const loaded = new LiveOrders();
      loaded.load(JSON.parse(JSON.stringify(orders.save())));
      return [...loaded.values()].map(({ id }) => id);
    };
    expect(again(play(many(510, false)))).toHaveLength(510);
    const ended = again(play(many(510, true)));
    expect([ended.length, ended[0], ended.at(-1)]).toEqual([500, 'o-10', 'o-509']);
    expect(again(play(many(3, true)))).toHaveLength(3);
  });

  it('keeps the newest twenty thousand events that were applied', () => {
    const orders = new LiveOrders();
    const other = (index: number): VenueEvent => ({ kind: 'other', id: `e${index}`, ts: 1, type: 'x' });
    for (let index = 0; index < 20_001; index++) orders.apply(event(other(index)), 1);
    const loaded = new LiveOrders();
    loaded.load(orders.save());
    expect([loaded.knows(other(0)), loaded.knows(other(1)), loaded.knows(other(20_000))]).toEqual([false, true, true]);
  });

  it('takes the place of what was there, and shares nothing with it', () => {
    const from = play([submit, attempt, accepted]);
    const saved = from.save();
    const into = play(many(2, false));
    into.apply(event({ kind: 'other', id: 'gone', ts: 1, type: 'x' }), 1);
    into.load(saved);
    expect([...into.values()].map(({ id }) => id)).toEqual(['o-1', 'o-1.sl']);
    expect(into.knows({ kind: 'other', id: 'gone', ts: 1, type: 'x' })).toBe(false);
    expect(into.byVenueId('11')?.id).toBe('o-1');
    into.apply(told('cancelled'), 1);
    expect([into.find(CLIENT)?.state, from.find(CLIENT)?.state]).toEqual(['cancelled', 'working']);
    const empty = new LiveOrders();
    into.load(empty.save());
    expect(into.byVenueId('11')).toBeUndefined();
  });
});

it.each<[LiveState, boolean]>([
  ['dormant', false],
  ['intended', false],
  ['attempted', false],
  ['unresolved', false],
  ['working', false],
  ['filled', true],
  ['cancelled', true],
  ['expired', true],
  ['rejected', true],
  ['abandoned', true],
  ['never-arrived', true],
])('an order that is %s has ended: %s', (state, ended) => {
  expect(isFinal(state)).toBe(ended);
});

it.each<[unknown, boolean]>([
  ...[submit, attempt, accepted, toldStop].map((one): [unknown, boolean] => [one, true]),
  ...(['refusal', 'unresolved', 'abandoned', 'never-arrived', 'cancel-request'] as const).map(
    (type): [unknown, boolean] => [{ type }, true],
  ),
  [{ type: 'fill' }, false],
  [{ type: '' }, false],
  [{ type: 7 }, false],
  [{}, false],
])('the journal’s line %o says something of an order at a venue: %s', (record, says) => {
  expect(isOrderRecord(record as { type?: unknown })).toBe(says);
});

function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length <= 1) yield items;
  for (const [index, item] of items.entries()) {
    const rest = [...items.slice(0, index), ...items.slice(index + 1)];
    if (items.length > 1) for (const tail of permutations(rest)) yield [item, ...tail];
  }
}
