import { describe, expect, it } from 'vitest';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { Instrument } from '../../../src/core/model/instrument.js';
import { type Ohlc, PAPER, play } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
const OTHER: Instrument = { ...PAPER, id: instrumentId('ABC'), base: 'ABC' };
const buy = (instrument: Instrument['id'], more: object = {}) =>
  ({ kind: 'order', instrument, side: 'buy', units: 10, reason: 'test', ...more }) as const;

describe('a halt', () => {
  it.each([
    [PAPER, OTHER],
    [OTHER, PAPER],
  ])('of one instrument holds its entries wherever they stand in a batch', async (stopped, free) => {
    const { orders } = await play({
      bars: { XYZ: [FLAT, FLAT], ABC: [FLAT, FLAT] },
      instruments: [PAPER, OTHER],
      strategy: (n) => (n === 0 ? [buy(PAPER.id), buy(OTHER.id)] : undefined),
      halted: ({ id }) => ({ entries: id === stopped.id, everything: false, reason: 'news' }),
    });
    expect(orders.find((order) => order.intent.instrument === stopped.id)).toMatchObject({ status: 'refused' });
    expect(orders.find((order) => order.intent.instrument === free.id)).toMatchObject({ status: 'filled' });
  });

  it('lets exits leave, and takes entries back that already rest at the venue', async () => {
    let bar = -1;
    const { orders, engine } = await play({
      bars: { XYZ: [FLAT, FLAT, FLAT, [100, 100, 90, 90], FLAT] },
      strategy: (n) => {
        bar = n;
        if (n === 0) return [buy(PAPER.id), buy(PAPER.id, { type: 'limit', price: 95 })];
        return n === 2 ? { ...buy(PAPER.id), side: 'sell', reduceOnly: true } : undefined;
      },
      halted: () => ({ entries: bar >= 1, everything: false, reason: 'news' }),
    });
    expect(orders.map(({ status }) => status)).toEqual(['filled', 'cancelled', 'filled']);
    expect(engine.ledger.units(0)).toBe(0);
  });

  it('of everything holds exits too', async () => {
    let bar = -1;
    const { orders } = await play({
      bars: { XYZ: [FLAT, FLAT, FLAT, FLAT] },
      strategy: (n) => {
        bar = n;
        if (n === 0) return buy(PAPER.id);
        return n === 1 ? { ...buy(PAPER.id), side: 'sell', reduceOnly: true } : undefined;
      },
      halted: () => ({ entries: bar >= 1, everything: bar >= 1, reason: 'fire' }),
    });
    expect(orders.map(({ status }) => status)).toEqual(['filled', 'refused']);
  });
});
