import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { madeUpNews } from '../helpers/made-up-news.js';
import { type MarketFiles, marketFiles } from '../helpers/market-files.js';
import { runCli } from '../helpers/run-cli.js';

const HOUR = 3_600_000;
const PAIRS = ['AUD/USD', 'USD/CAD', 'USD/CHF', 'EUR/USD', 'GBP/USD', 'USD/JPY', 'NZD/USD'];
const ROWS = ['orders.csv', 'trades.csv', 'equity.csv', 'returns.csv'];
const DEFAULTS = ['--costs', 'default', '--set', 'risk.preset=standard'];
const FRICTIONLESS = ['--costs', 'none', '--fill', 'close', '--set', 'risk.preset=none'];

const folder = mkdtempSync(join(tmpdir(), 'fxtrade-same-'));
const markets = new Map<string, MarketFiles>();
const NEWS = ['--news', join(folder, 'wires.news')];

beforeAll(async () => {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('wires.news'), madeUpNews({ from: Date.UTC(2017, 11, 1), to: Date.UTC(2022, 4, 1) }));
  const [from, pairs] = [Date.UTC(2022, 0, 1), PAIRS];
  markets.set('bars', await marketFiles({ folder: at('h'), pairs, from, to: Date.UTC(2022, 3, 1), timeframeMs: HOUR }));
  markets.set(
    'days',
    await marketFiles({ folder: at('d'), pairs, from: Date.UTC(2018, 0, 1), to: from, timeframeMs: 24 * HOUR }),
  );
  const two = ['EUR/USD', 'USD/JPY'];
  markets.set(
    'ticks',
    await marketFiles({
      folder: at('t'),
      pairs: two,
      from,
      to: Date.UTC(2022, 2, 1),
      timeframeMs: HOUR,
      ticks: true,
    }),
  );
});

/** Rows and record of a run, by file name. */
async function filesOf(line: readonly string[], home: string): Promise<ReadonlyMap<string, string>> {
  const out = mkdtempSync(join(folder, 'out-'));
  const { code, stdout } = await runCli([...line, '--out', out, '--json'], { home });
  expect(code, stdout.slice(-600)).toBe(0);
  return new Map([...ROWS, 'run.json'].map((name) => [name, readFileSync(join(out, name), 'utf8')]));
}

async function expectSame(strategy: string, data: readonly string[], flags: readonly string[], fewest: number) {
  const home = mkdtempSync(join(folder, 'home-'));
  const files = data.join(',');
  const tested = await filesOf(['backtest', strategy, '--data', files, ...flags], home);
  const played = await filesOf(['paper', strategy, '--replay', files, ...flags], home);
  for (const name of ROWS) expect(played.get(name) === tested.get(name), `${strategy}: ${name} differs`).toBe(true);
  expect((tested.get('orders.csv') ?? '').split('\n').length).toBeGreaterThan(fewest);
}

describe('a replay and a backtest of the same files write the same bytes', () => {
  it.each`
    strategy            | market     | how               | more
    ${'sma-cross'}      | ${'bars'}  | ${'defaults'}     | ${[]}
    ${'sma-cross'}      | ${'bars'}  | ${'frictionless'} | ${['--param', 'stopBps=100']}
    ${'sma-cross'}      | ${'ticks'} | ${'defaults'}     | ${[]}
    ${'sma-cross'}      | ${'ticks'} | ${'frictionless'} | ${['--param', 'stopBps=100']}
    ${'trend'}          | ${'bars'}  | ${'defaults'}     | ${[]}
    ${'trend'}          | ${'days'}  | ${'frictionless'} | ${[]}
    ${'trend'}          | ${'ticks'} | ${'defaults'}     | ${[]}
    ${'trend'}          | ${'ticks'} | ${'frictionless'} | ${[]}
    ${'mean-reversion'} | ${'bars'}  | ${'defaults'}     | ${[]}
    ${'mean-reversion'} | ${'days'}  | ${'frictionless'} | ${[]}
    ${'mean-reversion'} | ${'ticks'} | ${'defaults'}     | ${[]}
    ${'mean-reversion'} | ${'ticks'} | ${'frictionless'} | ${[]}
    ${'sentiment'}      | ${'bars'}  | ${'defaults'}     | ${[...NEWS, '--param', 'stopBps=100']}
    ${'sentiment'}      | ${'days'}  | ${'frictionless'} | ${[...NEWS, '--param', 'stopBps=200']}
    ${'sentiment'}      | ${'ticks'} | ${'defaults'}     | ${[...NEWS, '--param', 'halfLife=8']}
    ${'sma-cross'}      | ${'bars'}  | ${'defaults'}     | ${[...NEWS, '--set', 'news.filter=0.2']}
    ${'carry'}          | ${'bars'}  | ${'defaults'}     | ${['--param', 'rebalance=daily']}
    ${'carry'}          | ${'days'}  | ${'defaults'}     | ${[]}
    ${'carry'}          | ${'days'}  | ${'frictionless'} | ${['--param', 'weighting=equal']}
    ${'carry'}          | ${'ticks'} | ${'defaults'}     | ${['--param', 'legs=1', '--param', 'rebalance=daily']}
    ${'carry'}          | ${'ticks'} | ${'frictionless'} | ${['--param', 'legs=1', '--param', 'rebalance=daily']}
  `('$strategy on $market, $how', async ({ strategy, market, how, more }) => {
    const files = markets.get(market);
    if (files === undefined) throw new Error(`no market ${market}`);
    const flags = [...(how === 'defaults' ? DEFAULTS : FRICTIONLESS), '--rates', files.rates, ...more];
    await expectSame(strategy, files.data, flags, 20);
  });
});

const shared = resolve(process.env['FXTRADE_SHARED'] ?? '../shared', 'data/market');
const hasShared = existsSync(shared);
if (!hasShared) console.log(`skipped: there is no shared data at ${shared}`);

describe.skipIf(!hasShared)('the same on published data', () => {
  it('sma-cross on a year of hourly bitcoin', async () => {
    const file = join(shared, 'crypto/BTCUSDT_1h_2017_2021.csv.gz');
    await expectSame('sma-cross', [file], [...DEFAULTS, '--instruments', 'BTC/USDT', '--currency', 'USDT'], 20);
  });

  it('the textbook carry trade on ECB fixings and BIS rates', async () => {
    const pairs = 'AUD/USD,USD/CAD,USD/CHF,EUR/USD,GBP/USD,USD/JPY,USD/NOK,NZD/USD,USD/SEK';
    const rates = join(shared, 'rates/bis_cbpol_monthly_to_2018.csv.gz');
    const flags = ['--rates', rates, '--instruments', pairs, '--param', 'weighting=equal', ...FRICTIONLESS];
    await expectSame('carry', [join(shared, 'fx/ecb_eurofxref_hist_to_2018.csv.gz')], flags, 200);
  });
});

/** What a clock, a log of trials or a folder's name may change in a record. */
function comparable(text: string | undefined): unknown {
  const record = JSON.parse(text ?? '') as Record<string, unknown> & { metrics: object; run: object };
  const { files: _, ...rest } = record;
  const without = (part: object, names: readonly string[]) =>
    Object.fromEntries(Object.entries(part).filter(([name]) => !names.includes(name)));
  return without(
    {
      ...rest,
      metrics: without(record.metrics, ['trialsCounted', 'deflatedSharpe']),
      run: without(record.run, ['startedAt']),
    },
    ['startedAt'],
  );
}

it.each(['backtest', 'paper'])('the same %s twice: the same rows and the same record', async (command) => {
  const bars = markets.get('bars');
  const flags = [command === 'paper' ? '--replay' : '--data', bars?.data.join() ?? '', '--rates', bars?.rates ?? ''];
  const home = mkdtempSync(join(folder, 'home-'));
  const [one, two] = [
    await filesOf([command, 'trend', ...flags, ...(command === 'paper' ? ['--book', 'one'] : [])], home),
    await filesOf([command, 'trend', ...flags, ...(command === 'paper' ? ['--book', 'two'] : [])], home),
  ];
  for (const name of ROWS) expect(two.get(name)).toBe(one.get(name));
  expect(comparable(two.get('run.json'))).toEqual(comparable(one.get('run.json')));
});
