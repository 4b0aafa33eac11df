import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startStandIn } from '../../../../src/commands/drill/stand-in.js';
import { systemClock } from '../../../../src/core/ports/clock.js';
import { journalOf, NO_FAULTS } from '../../../helpers/live-desk.js';
import { newHome } from '../../../helpers/paper-session.js';
import { type CliResult, runCli } from '../../../helpers/run-cli.js';
import { KEY, polygonStandIn } from '../../../helpers/vendors/keyed.js';
import type { VendorStandIn } from '../../../helpers/vendors/stand-in.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

type Env = Readonly<Record<string, string>>;
const lastOf = (result: CliResult) => result.lines().at(-1) ?? {};
const errorOf = (result: CliResult) => (lastOf(result)['error'] ?? {}) as Readonly<Record<string, string>>;
const dataOf = (result: CliResult) => (lastOf(result)['data'] ?? {}) as Readonly<Record<string, unknown>>;

describe('paper --feed', () => {
  const refused = (line: string, env: Env = {}) => runCli(`${line} --json`, { env });

  it.each`
    given                          | line                                                             | code                         | exit
    ${'a feed of another kind'}    | ${'paper --feed ecb'}                                            | ${'USAGE.BAD_VALUE'}         | ${2}
    ${'files as well'}             | ${'paper --feed oanda --replay x.csv'}                           | ${'USAGE.CONFLICTING_FLAGS'} | ${2}
    ${'a backtest'}                | ${'backtest sma-cross --feed oanda'}                             | ${'USAGE.BAD_VALUE'}         | ${2}
    ${'no key'}                    | ${'paper sma-cross --feed polygon --once'}                       | ${'CONFIG.MISSING_SECRET'}   | ${2}
    ${'itself to fall back on'}    | ${'paper sma-cross --feed polygon --set feeds.fallback=polygon'} | ${'CONFIG.FALLBACK'}         | ${2}
    ${'nobody to fall back on'}    | ${'paper sma-cross --feed polygon --set feeds.fallback=nobody'}  | ${'USAGE.UNKNOWN_FEED'}      | ${2}
    ${'dates'}                     | ${'paper sma-cross --feed polygon --from 2024-01-01'}            | ${'USAGE.CONFLICT'}          | ${2}
    ${'more than the plan allows'} | ${'paper carry --feed alphavantage --timeframe 1h'}              | ${'USAGE.PLAN'}              | ${2}
  `('with $given is refused with $code', async ({ line, code, exit }) => {
    const env = { POLYGON_API_KEY: KEY, ALPHAVANTAGE_API_KEY: KEY };
    const result = await refused(line, code === 'CONFIG.MISSING_SECRET' ? {} : env);
    expect([errorOf(result)['code'] ?? (result.json()['error'] as Env)['code'], result.code]).toEqual([code, exit]);
  });
});

describe('paper on polled bars', () => {
  let home: string;
  let vendor: VendorStandIn;
  let env: Env;
  beforeAll(() => {
    home = newHome();
  });
  const once = (more = '') =>
    runCli(
      `paper sma-cross --param fast=2 --param slow=3 --feed polygon --instruments EUR/USD --timeframe 1d --once --json ${more}`,
      {
        home,
        env,
        clock: systemClock(),
      },
    );

  async function open(): Promise<void> {
    vendor = await polygonStandIn();
    closers.push(() => vendor.close());
    env = { POLYGON_BASE_URL: vendor.url, POLYGON_API_KEY: KEY };
  }

  it('learns from the past, decides on the newest closed bar, and knows its prices without the vendor afterwards', async () => {
    await open();
    const first = await once();
    expect([first.code, dataOf(first)['decided'], dataOf(first)['missed']]).toEqual([0, true, 0]);
    const bars = journalOf(join(home, 'books', 'paper-default')).filter(({ type }) => type === 'bars');
    const inputs = bars.map(
      ({ input }) => input as { readonly until: number; readonly decideFrom: number; readonly bars: unknown[][] },
    );
    const [learned, decided] = [inputs.at(0), inputs.at(-1)];
    expect([learned?.until === decided?.until, decided?.until === decided?.decideFrom]).toEqual([false, true]);
    expect(decided?.bars[0]?.length).toBe(1);
    // Two requests a second would be too many for the free plan; the past took three pages.
    expect(vendor.busiest(60_000)).toBeLessThanOrEqual(5);
    const again = await once();
    expect([again.code, dataOf(again)['decided']]).toEqual([0, false]);
    await closers.splice(0)[0]?.();
    const closed = await runCli('close-all --confirm paper --json', { home, clock: systemClock() });
    expect([closed.code, (closed.json()['data'] as { flat: boolean }).flat]).toEqual([0, true]);
  });

  it.each(['outage', 'malformed', 'drop', 'no-key', 'page'] as const)(
    'a vendor in mood %s: a clear error and nothing decided',
    async (mood) => {
      await open();
      vendor.mood = () => mood;
      const result = await runCli('paper sma-cross --feed polygon --timeframe 1d --instruments EUR/USD --once --json', {
        env,
        clock: systemClock(),
      });
      expect(result.code).toBe(6);
      expect(errorOf(result)['code']).toMatch(/^FEED\./);
      expect(JSON.stringify(result.lines())).not.toContain(KEY);
    },
  );
});

describe('paper on a stream', () => {
  it('with --once reads the newest closed bars of OANDA, with its grid, both sides and no order there', async () => {
    const standIn = await startStandIn({ clock: systemClock(), seed: '1', faults: NO_FAULTS, port: 0 });
    closers.push(() => standIn.close());
    const home = newHome();
    const line = `paper sma-cross --param fast=2 --param slow=3 --feed oanda --instruments EUR/USD --timeframe 1h --once --json`;
    const result = await runCli(line, { home, env: standIn.exports, clock: systemClock() });
    expect([result.code, dataOf(result)['decided']]).toEqual([0, true]);
    const inputs = journalOf(join(home, 'books', 'paper-default')).filter(({ type }) => type === 'bars');
    const input = (inputs.at(-1)?.['input'] ?? {}) as { readonly bars?: readonly (readonly number[][])[] };
    expect(input.bars?.[0]?.[0]?.length).toBe(14);
    expect(standIn.truth().orders).toEqual([]);
  });

  it('ends in good order when it is told to, with the stream open', async () => {
    const standIn = await startStandIn({ clock: systemClock(), seed: '1', faults: NO_FAULTS, port: 0 });
    closers.push(() => standIn.close());
    const home = newHome();
    const stop = new AbortController();
    const line = 'paper sma-cross --feed oanda --instruments EUR/USD --timeframe 1h --json';
    const running = runCli(line, { home, env: standIn.exports, clock: systemClock(), signal: stop.signal });
    const streams = () => standIn.truth().requests.filter(({ path }) => path.includes('/pricing/stream')).length;
    while (streams() === 0) await new Promise((done) => setTimeout(done, 50));
    stop.abort('SIGTERM');
    const { code } = await running;
    expect(code).toBe(143);
  });
});
