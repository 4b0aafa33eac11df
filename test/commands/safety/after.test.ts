import { describe, expect, it } from 'vitest';
import { type WatchParts, watchAfter } from '../../../src/commands/safety/after/watch.js';
import { closeAllDesk, market } from '../../helpers/close-all-desk.js';

type Held = ReadonlyMap<string, number>;

/** A watch at the stand-in in virtual time; `happens` is done right before each look, by its number. */
async function watched(
  happens: (look: number, desk: ReturnType<typeof closeAllDesk>) => void,
  more: Partial<WatchParts> = {},
) {
  const desk = closeAllDesk(1, ['EUR/USD', 'GBP/USD']);
  const told: string[] = [];
  let looks = 0;
  const { venue, time } = desk;
  const began = time.mono();
  await watchAfter({
    time,
    stands: () => true,
    wanted: ({ reduceOnly }) => !reduceOnly,
    held: new Map(),
    tell: async (subject, text) => void told.push(`${subject}: ${text}`),
    ...more,
    venue: {
      openOrders: () => {
        happens(++looks, desk);
        return venue.openOrders();
      },
      positions: () => venue.positions(),
      cancel: (order) => venue.cancel(order),
    },
  });
  return { desk, told, looks, lastedMs: time.mono() - began };
}

const limit = { type: 'LIMIT', instrument: 'EUR_USD', units: '500', price: '1.00000' };

describe('the minute after a halt', () => {
  it('looks every two seconds for a minute, and says nothing where nothing comes', async () => {
    const { told, looks, lastedMs } = await watched(() => undefined);
    expect(told).toEqual([]);
    expect(looks).toBeGreaterThan(25);
    expect(lastedMs).toBeGreaterThanOrEqual(60_000);
  });

  it('takes back an order that arrives late, and tells it once', async () => {
    const { desk, told } = await watched((look, { byHand }) => void (look === 10 && byHand(limit)));
    expect(desk.truth().orders.map(({ state }) => state)).toEqual(['CANCELLED']);
    expect(told).toEqual([expect.stringMatching(/^order \d+: buy 500 EUR\/USD began to work; it was cancelled$/)]);
  });

  it('tells a position that grows or turns, and trades nothing by itself', async () => {
    const { desk, told } = await watched((look, { byHand }) => {
      if (look === 5) byHand(market('EUR/USD', 700));
      if (look === 9) byHand(market('EUR/USD', -1_500));
    });
    expect(told).toEqual(['EUR/USD: EUR/USD went from 0 to 700 units', 'EUR/USD: EUR/USD went from 700 to -800 units']);
    expect(desk.truth().positions).toMatchObject([{ units: -800 }]);
  });

  it('lets a stop do its work: a position that shrinks is no news', async () => {
    const held: Held = new Map([['EUR/USD', 700]]);
    const { told } = await watched(
      (look, { byHand }) => {
        if (look === 1) byHand(market('EUR/USD', 700));
        if (look === 5) byHand(market('EUR/USD', -700));
      },
      { held },
    );
    expect(told).toEqual([]);
  });

  it('after a close-all closes again what came', async () => {
    const open: { flatten?: ReturnType<typeof closeAllDesk>['flatten'] } = {};
    const { desk, told } = await watched(
      (look, { byHand, flatten }) => {
        open.flatten = flatten;
        if (look === 4) byHand(market('GBP/USD', 300));
      },
      {
        wanted: () => true,
        close: async () => {
          await open.flatten?.();
          return new Map();
        },
      },
    );
    expect(told).toEqual(['GBP/USD: GBP/USD went from 0 to 300 units']);
    expect(desk.truth().positions).toEqual([]);
  });

  it('ends with the halt: what works after a resume is nobody’s business', async () => {
    let stands = true;
    const { desk, told, looks } = await watched(
      (look, { byHand }) => {
        if (look !== 3) return;
        stands = false;
        byHand(limit);
      },
      { stands: () => stands },
    );
    expect([looks, told]).toEqual([3, []]);
    expect(desk.truth().orders.map(({ state }) => state)).toEqual(['PENDING']);
  });
});
