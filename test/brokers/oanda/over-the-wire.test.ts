import { afterEach, describe, expect, it } from 'vitest';
import { FaultPlan, parseFaultScript } from '../../../src/brokers/oanda/sandbox/faults.js';
import { serveSandbox } from '../../../src/brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../../src/brokers/oanda/sandbox/venue.js';
import { clientId, instrumentId } from '../../../src/core/model/ids.js';
import { systemClock } from '../../../src/core/ports/clock.js';
import { httpClient } from '../../../src/wire/http.js';
import { aSandbox } from '../../helpers/oanda-sandbox.js';
import { anOrder, aVenue } from '../../helpers/oanda-wire.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** The adapter, a real socket, and the stand-in with these faults. */
async function connected(rules: unknown[]) {
  const clock = systemClock();
  const { sandbox } = aSandbox({ start: clock.now() });
  const venue = new FaultyVenue(sandbox, new FaultPlan(parseFaultScript({ rules }), 1));
  venue.price({ instrument: 'EUR_USD', bid: 1.1, ask: 1.1002 }, clock.now());
  const server = await serveSandbox({ venue, clock, tickMs: 10 });
  const http = httpClient();
  closers.push(() => http.close(), server.close);
  return {
    adapter: aVenue(http, { clock, hosts: { rest: server.url, stream: server.url } }),
    truth: () => sandbox.truth(),
  };
}

const always = (): boolean => true;
const ID = clientId('fxsmAAAABBBBCCCCDDDD');

describe('the adapter over a real socket', () => {
  it('trades, looks up, and reads what is held', async () => {
    const { adapter, truth } = await connected([]);
    const { cursor } = await adapter.account();
    expect(await adapter.submit(anOrder({}, ID), always)).toMatchObject({ kind: 'accepted' });
    expect(await adapter.lookUp(ID, cursor)).toMatchObject({ kind: 'found' });
    expect(await adapter.positions()).toMatchObject([{ instrument: 'EUR/USD', units: 1000 }]);
    expect(truth().fills).toHaveLength(1);
  });

  it.each([
    ['drop-before', 0],
    ['drop-after', 1],
    ['error-before', 0],
    ['error-after', 1],
    ['html', 0],
    ['empty', 1],
    ['error-in-200', 0],
    ['malformed', 1],
    ['wrong-id', 1],
  ])('after %s an order is unresolved, and a look tells whether it is there: %i', async (kind, there) => {
    const { adapter, truth } = await connected([{ on: 'submit', call: 1, fault: { kind } }]);
    const { cursor } = await adapter.account();
    expect(await adapter.submit(anOrder({}, ID), always)).toMatchObject({ kind: 'unresolved' });
    expect((await adapter.lookUp(ID, cursor)).kind).toBe(there === 1 ? 'found' : 'absent');
    expect(truth().orders).toHaveLength(there);
  });

  it('positions that cannot be read are an error, never flat', async () => {
    const { adapter } = await connected([{ on: 'positions', fault: { kind: 'error-before' } }]);
    await expect(adapter.positions()).rejects.toMatchObject({ name: 'FxError' });
  });

  it('a stream tells of a fill', async () => {
    const { adapter } = await connected([]);
    const stop = new AbortController();
    const kinds: string[] = [];
    for await (const event of adapter.events(stop.signal)) {
      if (kinds.length === 0) await adapter.submit(anOrder({ instrument: instrumentId('EUR/USD') }, ID), always);
      kinds.push(event.kind);
      if (event.kind === 'filled') stop.abort();
    }
    expect(kinds).toEqual(['heartbeat', 'accepted', 'filled']);
  });
});
