import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childClientId, clientId, instrumentId, orderId } from '../../../src/core/model/ids.js';
import type { OrderIntent } from '../../../src/core/model/order.js';
import { LiveOrders } from '../../../src/core/orders/live-orders.js';
import type { OrderRecord } from '../../../src/core/orders/records.js';
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
const toldStop = event({
  kind: 'protected',
  id: '14',
  ts: 1,
  venueId: '14',
  clientId: STOP,
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

function* permutations<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length <= 1) yield items;
  for (const [index, item] of items.entries()) {
    const rest = [...items.slice(0, index), ...items.slice(index + 1)];
    if (items.length > 1) for (const tail of permutations(rest)) yield [item, ...tail];
  }
}
