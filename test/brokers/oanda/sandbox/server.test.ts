import { afterEach, describe, expect, it } from 'vitest';
import { FaultPlan, parseFaultScript } from '../../../../src/brokers/oanda/sandbox/faults.js';
import { serveSandbox } from '../../../../src/brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../../../src/brokers/oanda/sandbox/venue.js';
import { ACCOUNT, aSandbox, START } from '../../../helpers/oanda-sandbox.js';

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

const HEADERS = { authorization: 'Bearer sandbox-token' };

/** The stand-in on a port, with a clock that a test moves. */
async function served(rules: unknown[]) {
  const { sandbox } = aSandbox({ settings: { heartbeatMs: 5000 } });
  const venue = new FaultyVenue(sandbox, new FaultPlan(parseFaultScript({ rules }), 1));
  let now = START;
  const clock = { now: () => now, observe: () => undefined };
  const server = await serveSandbox({ venue, clock, tickMs: 5 });
  close = server.close;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${server.url}/v3/accounts/${ACCOUNT}/${path}`, { headers: HEADERS, ...init });
  const order = { type: 'MARKET', instrument: 'EUR_USD', units: '100' };
  return {
    ask,
    submit: () => ask('orders', { method: 'POST', body: JSON.stringify({ order }) }),
    truth: () => sandbox.truth(),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('the stand-in on a port', () => {
  it('answers requests', async () => {
    const { submit, ask } = await served([]);
    const answer = await submit();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/v3/accounts/${ACCOUNT}/orders/3`);
    expect(answer.headers.get('requestid')).toMatch(/^\d{17}$/);
    expect(await (await ask('openPositions')).json()).toMatchObject({ positions: [{ long: { units: '100' } }] });
  });

  it('drops a connection after it did what was asked', async () => {
    const { submit, truth } = await served([{ on: 'submit', fault: { kind: 'drop-after' } }]);
    await expect(submit()).rejects.toThrow('fetch failed');
    expect(truth().fills).toHaveLength(1);
  });

  it('stays silent until the client gives up', async () => {
    const { ask, truth } = await served([{ on: 'account', fault: { kind: 'silence-after' } }]);
    await expect(ask('summary', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout|aborted/);
    expect(truth().requests).toHaveLength(1);
  });

  it.each([
    ['a body that never ends', { kind: 'endless-body' }],
    ['a body of a byte a second', { kind: 'slow-body' }],
  ])('sends %s', async (_, fault) => {
    const { ask } = await served([{ on: 'account', fault }]);
    const answer = await ask('summary', { signal: AbortSignal.timeout(150) });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow(/timeout|aborted/);
  });

  it('writes a stream line by line, and drops it at its moment', async () => {
    const { ask, submit, pass } = await served([
      { on: 'transaction-stream', fault: { kind: 'drop-stream', ms: 6000 } },
    ]);
    const answer = await ask('transactions/stream');
    await submit();
    const types: string[] = [];
    const decoder = new TextDecoder();
    let text = '';
    const read = async () => {
      for await (const chunk of answer.body ?? []) {
        text += decoder.decode(chunk as Uint8Array);
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) types.push(JSON.parse(line).type);
        if (types.length === 3) pass(20_000);
      }
    };
    await expect(read()).rejects.toThrow();
    expect(types.slice(0, 3)).toEqual(['HEARTBEAT', 'MARKET_ORDER', 'ORDER_FILL']);
  });

  it('listens on this machine only', async () => {
    const { ask } = await served([]);
    const { url } = await ask('summary');
    expect(new URL(url).hostname).toBe('127.0.0.1');
  });
});
