import { describe, expect, it } from 'vitest';
import { defaultCosts, noCosts } from '../../../src/core/costs/presets.js';
import { instrumentId } from '../../../src/core/model/ids.js';
import type { OrderWish } from '../../../src/core/strategies/strategy.js';
import { type Ohlc, PAPER, type Played, play } from '../../helpers/scenario.js';

const FLAT: Ohlc = [100, 100, 100, 100];
const HIGHER: Ohlc = [100, 110, 100, 110];
const OTHER = { ...PAPER, id: instrumentId('ABC') };
const wish = (more: Partial<OrderWish>): OrderWish => ({
  kind: 'order',
  instrument: PAPER.id,
  side: 'buy',
  units: 100,
  reason: 'test',
  ...more,
});

/** What the venue says goes to the engine, as a session does it. */
function flatten({ broker, engine }: Played, reason = 'close-all: drill') {
  const events = broker.flatten(reason);
  for (const event of events) engine.step(event);
  return events;
}

describe('a venue that is told to flatten', () => {
  it('ends every order first, then closes long and short at their last closes, with costs', async () => {
    const done = await play({
      bars: { XYZ: [FLAT, FLAT, HIGHER], ABC: [FLAT, FLAT, HIGHER] },
      instruments: [PAPER, OTHER],
      halfSpread: 0.5,
      costs: defaultCosts,
      strategy: (n) =>
        n === 0
          ? [
              wish({ stopLoss: 90, takeProfit: 200 }),
              wish({ instrument: OTHER.id, side: 'sell', units: 50 }),
              wish({ type: 'limit', price: 50 }),
            ]
          : undefined,
    });
    const events = flatten(done);
    const kinds = events.map(({ kind }) => kind);
    expect(kinds).toEqual(['cancelled', 'cancelled', 'cancelled', 'child', 'fill', 'child', 'fill']);
    const fills = events.flatMap((event) => (event.kind === 'fill' ? event.fill : []));
    expect(fills).toMatchObject([
      { orderId: 'closeout-1', instrument: 'XYZ', side: 'sell', units: 100, reason: 'close-all: drill' },
      { orderId: 'closeout-2', instrument: 'ABC', side: 'buy', units: 50, reason: 'close-all: drill' },
    ]);
    expect(fills[0]?.price).toBeLessThanOrEqual(109.5);
    expect(fills[1]?.price).toBeGreaterThanOrEqual(110.5);
    expect(fills.map(({ spreadCost }) => spreadCost > 0)).toEqual([true, true]);
    expect([done.engine.ledger.openIndexes, done.engine.orders.size]).toEqual([[], 0]);
    expect(done.engine.ledger.cash).toBe(done.broker.cash);
    expect(done.trades.map(({ instrument, exitReason }) => [instrument, exitReason])).toEqual([
      ['XYZ', 'close-all: drill'],
      ['ABC', 'close-all: drill'],
    ]);
    expect(flatten(done)).toEqual([]);
  });

  it('does what the margin close-out does: the same price and the same cash', async () => {
    // A short of the whole account; the price doubles.
    const bars = { XYZ: [FLAT, FLAT, [100, 200, 100, 200]] as const };
    const strategy = (n: number) => (n === 0 ? wish({ side: 'sell', units: 900 }) : undefined);
    const costs = { ...defaultCosts, fills: noCosts.fills };
    const byMargin = await play({ bars, costs, strategy });
    const spared = await play({ bars, costs, strategy, instruments: [{ ...PAPER, marginRate: 0.01 }] });
    expect(byMargin.orders.at(-1)?.reason).toBe('margin close-out');
    flatten(spared);
    expect(spared.engine.ledger.cash).toBe(byMargin.engine.ledger.cash);
  });

  it('ends an order that is still on its way, also after a restart', async () => {
    const done = await play({ bars: { XYZ: [FLAT] }, strategy: () => undefined });
    const { effects } = await play({ bars: { XYZ: [FLAT] }, strategy: () => wish({}) });
    const [submit] = effects.filter((effect) => effect.kind === 'submit');
    if (submit?.kind !== 'submit') throw new Error('an order was wished');
    done.broker.submit(submit.order);
    const saved = JSON.parse(JSON.stringify(done.broker.save()));
    const again = await play({ bars: { XYZ: [FLAT] }, strategy: () => undefined });
    again.broker.load(saved);
    for (const { broker } of [done, again]) {
      expect(broker.flatten('drill')).toMatchObject([{ kind: 'cancelled', orderId: 'o-1', reason: 'drill' }]);
    }
  });
});
