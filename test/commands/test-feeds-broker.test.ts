import { afterEach, describe, expect, it } from 'vitest';
import { OandaSandbox } from '../../src/brokers/oanda/sandbox/account.js';
import { FaultPlan } from '../../src/brokers/oanda/sandbox/faults.js';
import { serveSandbox } from '../../src/brokers/oanda/sandbox/server.js';
import { FaultyVenue } from '../../src/brokers/oanda/sandbox/venue.js';
import type { ProbeResult } from '../../src/commands/probes/run-subjects.js';
import { replayClock } from '../../src/core/ports/clock.js';
import { listen } from '../../src/wire/server.js';
import { ACCOUNT, instruments } from '../helpers/oanda-sandbox.js';
import { runCli } from '../helpers/run-cli.js';

const HOUR = 3_600_000;
const WEDNESDAY = Date.parse('2026-01-07T15:00:00Z');
const SATURDAY = Date.parse('2026-01-10T15:00:00Z');
const OTHER = '101-004-7777777-001';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A broker whose last price came `quoteAgeMs` before now, with its clock off by `skewMs`. */
async function probed(
  now: number,
  quoteAgeMs: number,
  more: { readonly accounts?: number; readonly skewMs?: number } = {},
) {
  const ids = [ACCOUNT, OTHER].slice(0, more.accounts ?? 1);
  const start = now - Math.max(quoteAgeMs, 0);
  const accounts = ids.map((id) => ({ id, currency: 'USD', balance: 100_000 }));
  const sandbox = new OandaSandbox({ accounts, instruments, seed: 1, start });
  const venue = new FaultyVenue(sandbox, new FaultPlan({ rules: [], events: [] }, 1));
  venue.price({ instrument: 'EUR_USD', bid: 1.1, ask: 1.1002 }, start);
  if (more.skewMs !== undefined) sandbox.happen({ kind: 'clock-skew', ms: more.skewMs }, now);
  const clock = replayClock(now);
  const server = await serveSandbox({ venue, clock });
  open.push(server);
  const env = { OANDA_BASE_URL: server.url, OANDA_TOKEN: 'sandbox-token', OANDA_ACCOUNT_ID: ACCOUNT };
  const { code, json } = await runCli('test-feeds --only oanda --json', { clock, env });
  const { probes } = json()['data'] as { readonly probes: readonly ProbeResult[] };
  return { code, of: (name: string) => probes.find((one) => one.name === `oanda.${name}`) };
}

describe('test-feeds of a broker', () => {
  it('passes with fresh prices of an open market', async () => {
    const { code, of } = await probed(WEDNESDAY, 1_000);
    expect([code, of('freshness')?.status, of('clock')?.status]).toEqual([0, 'pass', 'pass']);
    expect(of('freshness')?.detail).toBe('newest of 1 price(s) is 1.0 s old');
  });

  it('fails with prices an hour old while the market is open, and passes while it is shut', async () => {
    const stale = await probed(WEDNESDAY, HOUR);
    expect([stale.code, stale.of('freshness')?.status]).toEqual([4, 'fail']);
    const shut = await probed(SATURDAY, 17 * HOUR);
    expect([shut.code, shut.of('freshness')?.status]).toEqual([0, 'pass']);
  });

  it('warns of a key that reaches other accounts too, and names them', async () => {
    const { code, of } = await probed(WEDNESDAY, 1_000, { accounts: 2 });
    expect([code, of('permissions')?.status]).toEqual([0, 'warn']);
    expect(of('permissions')?.detail).toContain(OTHER);
    expect((await probed(WEDNESDAY, 1_000)).of('permissions')?.status).toBe('pass');
  });

  it.each([
    [10_000, 'warn'],
    [120_000, 'fail'],
  ])('tells a clock of the broker that is %d ms off', async (skewMs, status) => {
    expect((await probed(WEDNESDAY, 1_000, { skewMs })).of('clock')?.status).toBe(status);
  });
});

describe('what a vendor says of its limits', () => {
  it.each([
    ['150', 'pass', '150 of 200 requests left'],
    ['3', 'warn', '3 of 200 requests left'],
  ])('%s left', async (left, status, detail) => {
    const bar = { t: '2026-01-07T00:00:00Z', o: 1, h: 1, l: 1, c: 1, v: 1, n: 1, vw: 1 };
    const body = JSON.stringify({ bars: { 'BTC/USD': [bar] }, next_page_token: null });
    const headers = { 'x-ratelimit-remaining': left, 'x-ratelimit-limit': '200' };
    const server = await listen((_, to) => to.reply(200, headers, body));
    open.push(server);
    const env = { ALPACA_DATA_BASE_URL: server.url, ALPACA_API_KEY: 'PKABC', ALPACA_SECRET_KEY: 'secret-of-alpaca' };
    const clock = replayClock(Date.parse('2026-01-08T15:00:00Z'));
    const { json } = await runCli('test-feeds --only alpaca --json', { clock, env });
    const { probes } = json()['data'] as { readonly probes: readonly ProbeResult[] };
    expect(probes.find(({ name }) => name === 'alpaca.limit')).toMatchObject({ status, detail });
  });
});
