import { afterEach, describe, expect, it } from 'vitest';
import type { FaultScript } from '../../../src/brokers/oanda/sandbox/faults.js';
import { liveInside } from '../../helpers/live-inside.js';

const open: Awaited<ReturnType<typeof liveInside>>[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function desk(rules: FaultScript['rules']) {
  const made = await liveInside({ rules, events: [] });
  open.push(made);
  return made;
}

describe('the end of a cycle', () => {
  it('with nothing open is a good end', async () => {
    const live = await desk([]);
    expect((await live.once()).code).toBeUndefined();
    expect(live.standIn.truth().positions).toHaveLength(1);
  });

  it('with an order that the broker knows nothing of says so, names it, and is no success', async () => {
    const live = await desk([{ on: 'submit', call: 1, fault: { kind: 'drop-before' } }]);

    const { code, error, events } = await live.once();

    const sent = live.journal().find(({ type }) => type === 'attempt');
    expect(code).toBe('BROKER.OUTCOME_UNKNOWN');
    expect(error?.message).toContain(String(sent?.['clientId']));
    expect(error?.next).toContain('fxtrade resume --adopt');
    expect(events.map(({ kind }) => kind)).toContain('unresolved');
    // The next start refuses for the same order, until a person took the broker's word.
    expect((await live.once()).code).toBe('STATE.UNRESOLVED');
    expect((await live.adopt()).code).toBeUndefined();
    expect((await live.once()).code).toBeUndefined();
    expect(live.standIn.truth().orders.filter(({ reason }) => reason === 'CLIENT_ORDER').length).toBeLessThanOrEqual(1);
  });

  it('with an account that differs from the book is a mismatch', async () => {
    const live = await desk([
      { on: 'account', from: 3, to: 3, fault: { kind: 'trade-by-hand', instrument: 'EUR_USD', units: 500 } },
    ]);

    const { code, error, events } = await live.once();

    expect([code, error?.message]).toEqual(['STATE.MISMATCH', expect.stringContaining('EUR/USD')]);
    expect(events.map(({ kind }) => kind)).toContain('break');
  });
});
