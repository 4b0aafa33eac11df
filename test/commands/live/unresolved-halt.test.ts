import { afterEach, describe, expect, it } from 'vitest';
import { readHalts } from '../../../src/core/state/halt-file.js';
import { liveInside } from '../../helpers/live-inside.js';

/** Wants six orders at each close. */
const MANY = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'many',
  params: {},
  create: () => ({
    onBar(bar) {
      return [1, 2, 3, 4, 5, 6].map((n) => ({
        kind: 'order', instrument: bar.instrument, side: 'buy', units: 100 * n, type: 'limit',
        price: Number((bar.close * 0.999).toFixed(5)), stopLoss: Number((bar.close * 0.99).toFixed(5)), reason: 'one of many',
      }));
    },
    save: () => null,
    load: () => undefined,
  }),
});
`;

const open: Awaited<ReturnType<typeof liveInside>>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function desk(lost: number) {
  const rules = lost === 0 ? [] : [{ on: 'submit', from: 1, to: lost, fault: { kind: 'drop-before' } } as const];
  const made = await liveInside({ rules, events: [] }, MANY);
  open.push(made);
  return made;
}

const count = (live: Awaited<ReturnType<typeof desk>>, type: string): number =>
  live.journal().filter((record) => record['type'] === type).length;

describe('orders without an answer', () => {
  it('up to three at one time are looked after, and the others go on', async () => {
    const live = await desk(3);
    await live.once();
    expect([count(live, 'attempt'), count(live, 'unresolved')]).toEqual([6, 3]);
    expect(readHalts(live.home)).toEqual([]);
  });

  it('more than three halt new risk at the broker: the rest never leaves, and people are told once', async () => {
    const live = await desk(6);

    const { events } = await live.once();

    expect([count(live, 'submit'), count(live, 'attempt'), count(live, 'unresolved')]).toEqual([6, 4, 4]);
    expect(count(live, 'abandoned')).toBe(2);
    expect(live.standIn.truth().orders).toEqual([]);
    expect(readHalts(live.home)).toMatchObject([{ who: 'engine', scope: 'broker:oanda', mode: 'reduce-only' }]);
    const told = events.filter(({ kind }) => kind === 'latch').map(({ fields }) => fields);
    expect(told).toEqual([{ key: 'unresolved', message: '4 orders were sent and not answered, limit is 3' }]);
    expect((await live.once()).code).toBe('HALT.ACTIVE');
  });
});
