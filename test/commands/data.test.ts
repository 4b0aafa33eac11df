import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runCli } from '../helpers/run-cli.js';

const HOUR = 3_600_000;
const MONDAY = Date.UTC(2024, 0, 8);

function hours(count: number, change: (rows: string[]) => string[] = (rows) => rows): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const close = 1.1 + (i % 7) / 1000;
    return `${new Date(MONDAY + i * HOUR).toISOString()},${close},${close + 0.001},${close - 0.001},${close}`;
  });
  return `time,open,high,low,close\n${change(rows).join('\n')}\n`;
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'fxtrade-data-'));
}

function file(name: string, text: string): string {
  const path = join(folder(), name);
  writeFileSync(path, text);
  return path;
}

type Answer = { data: Record<string, unknown> & { report: Record<string, unknown> } };
const dataOf = (result: { json(): Record<string, unknown> }) => (result.json() as Answer).data;

describe('data check', () => {
  it('says rows and span of a clean file, and exits 0', async () => {
    const checked = await runCli(['data', 'check', file('EURUSD.csv', hours(48)), '--json']);
    expect(checked.code).toBe(0);
    expect(dataOf(checked).report).toMatchObject({
      instrument: 'EUR/USD',
      rows: 48,
      rowsKept: 48,
      gapCount: 0,
      span: { from: '2024-01-08T01:00:00.000Z', to: '2024-01-10T00:00:00.000Z' },
    });
  });

  it('exits 4 with gaps, duplicates, bad rows and their lines', async () => {
    const text = hours(48, (rows) => [
      ...rows.slice(0, 10),
      rows[9] ?? '',
      '2024-01-08T10:00:00.000Z,1.1,nonsense,1.0,1.1',
      ...rows.slice(20),
      rows[3] ?? '',
    ]);
    const checked = await runCli(['data', 'check', file('EURUSD.csv', text), '--json']);
    expect(checked.code).toBe(4);
    expect(dataOf(checked).report).toMatchObject({ gapCount: 1, missingBars: 10, duplicates: 1, outOfOrder: 1 });
    expect(JSON.stringify(dataOf(checked).report['badRows'])).toMatch(/"line":13.*nonsense/);
  });

  it('draws the same for people', async () => {
    const path = file(
      'EURUSD.csv',
      hours(48, (rows) => [...rows.slice(0, 10), ...rows.slice(20)]),
    );
    const checked = await runCli(['data', 'check', path]);
    expect(checked.code).toBe(4);
    expect(checked.stdout).toMatch(/gaps +1, 10 bars missing/);
  });
});

describe('data import', () => {
  it('stores prices under a name that a run, a benchmark and a check understand', async () => {
    const path = file('EURUSD.csv', hours(200));
    const { home, code, json } = await runCli(['data', 'import', path, '--as', 'euro', '--json']);
    expect(code).toBe(0);
    expect(dataOf({ json })).toMatchObject({ name: 'euro', path: join(home, 'data', 'euro.fxc') });
    const list = await runCli('data list --json', { home });
    expect(dataOf(list)['stored']).toMatchObject([{ name: 'euro', holds: ['EUR/USD'], rows: 200, usable: true }]);
    const settings = ['--costs', 'none', '--set', 'risk.preset=none', '--json', '--benchmark', 'euro'];
    const named = await runCli(['backtest', 'sma-cross', '--data', 'euro', ...settings], { home });
    const direct = await runCli(['backtest', 'sma-cross', '--data', path, ...settings], { home });
    expect(named.code).toBe(0);
    expect(direct.code).toBe(0);
    const [one, two] = [dataOf(named), dataOf(direct)];
    expect(one['metrics']).toEqual(two['metrics']);
    expect(one['run']).toMatchObject({ dataHash: (two['run'] as { dataHash: string }).dataHash });
    expect((await runCli('data check euro --json', { home })).code).toBe(0);
  });

  it('stores rates under a name', async () => {
    const path = file('rates.csv', 'iso2,month,policy_rate_pct\nUS,2023-12,5.5\nXM,2023-12,4.0\n');
    const { home, code } = await runCli(['data', 'import', path, '--as', 'policy', '--json']);
    expect(code).toBe(0);
    const euro = file('EURUSD.csv', hours(200));
    const run = await runCli(['backtest', 'sma-cross', '--data', euro, '--rates', 'policy', '--json'], { home });
    expect(run.code).toBe(0);
    expect(JSON.stringify(dataOf(run)['warnings'] ?? '')).not.toMatch(/no interest rates/);
  });

  it('leaves out bad rows, counts them and exits 4', async () => {
    const path = file(
      'EURUSD.csv',
      hours(48, (rows) => [...rows, '2024-01-10T05:00:00.000Z,-1,1,1,1']),
    );
    const imported = await runCli(['data', 'import', path, '--as', 'euro', '--json']);
    expect(imported.code).toBe(4);
    expect(dataOf(imported).report).toMatchObject({ rowsKept: 48, badRowCount: 1 });
  });

  it('stores nothing where no row is good', async () => {
    const path = file('EURUSD.csv', 'time,open,high,low,close\n2024-01-08,1,2,0.5,-1\n2024-01-09,1,2,0.5,-1\n');
    const imported = await runCli(['data', 'import', path, '--as', 'euro', '--json']);
    expect(imported.code).toBe(2);
    expect(readdirSync(imported.home)).toEqual([]);
  });

  it('tells damaged stored data by name', async () => {
    const { home } = await runCli(['data', 'import', file('EURUSD.csv', hours(48)), '--as', 'euro']);
    const path = join(home, 'data', 'euro.fxc');
    const bytes = readFileSync(path);
    bytes[100] = 255 - (bytes[100] ?? 0);
    writeFileSync(path, bytes);
    const run = await runCli(['backtest', 'sma-cross', '--data', 'euro', '--json'], { home });
    expect(run.code).toBe(2);
    expect(run.json()['error']).toMatchObject({ code: 'DATA.DAMAGED' });
  });
});

describe('a file of many series', () => {
  const ecb = [
    'Date,USD,JPY,CYP,',
    '2024-01-10,1.0946,158.5,N/A,',
    '2024-01-09,1.0940,157.7,N/A,',
    '2024-01-08,1.0946,158.0,0.58,',
  ].join('\n');
  const two = (late: number): string => {
    const rows = Array.from({ length: late }, (_, i) => `${new Date(MONDAY + i * HOUR).toISOString()},EURUSD,1,2,1,1`);
    const more = Array.from({ length: 3 }, (_, i) => `${new Date(MONDAY + i * HOUR).toISOString()},GBPUSD,1,2,1,1`);
    return ['time,symbol,open,high,low,close', ...rows, ...more].join('\n');
  };

  it('is checked series by series', async () => {
    const table = await runCli(['data', 'check', file('eurofxref-hist.csv', ecb), '--json']);
    expect(table.code).toBe(0);
    expect(dataOf(table).report).toMatchObject({
      format: 'ecb',
      rows: 3,
      rowsKept: 7,
      missingValues: 2,
      series: [
        { instrument: 'EUR/USD', rowsKept: 3 },
        { instrument: 'EUR/JPY', rowsKept: 3 },
        { instrument: 'EUR/CYP', rowsKept: 1 },
      ],
    });
    // The second symbol stands behind all that is read for the look of the file.
    const column = await runCli(['data', 'check', file('prices.csv', two(2000)), '--json']);
    expect(dataOf(column).report).toMatchObject({
      rows: 2003,
      foreignRows: 0,
      series: [
        { instrument: 'EUR/USD', rowsKept: 2000 },
        { instrument: 'GBP/USD', rowsKept: 3 },
      ],
    });
    const drawn = await runCli(['data', 'check', file('eurofxref-hist.csv', ecb)]);
    expect(drawn.stdout).toMatch(/EUR\/JPY +3 +2024-01-08 +2024-01-10/);
  });

  it('finds what is wrong with each, once for each row', async () => {
    const table = ecb.replace('158.5', 'abc').replace('2024-01-08', '2024-02-30');
    const found = await runCli(['data', 'check', file('eurofxref-hist.csv', table), '--json']);
    expect(found.code).toBe(4);
    expect(dataOf(found).report).toMatchObject({ badRowCount: 2, badRows: [{ line: 2 }, { line: 4 }] });
    const column = `${two(2)}\n${new Date(MONDAY + 3 * HOUR).toISOString()},GBPUSD,1,2,3,1\n`;
    const bad = await runCli(['data', 'check', file('prices.csv', column), '--json']);
    expect(bad.code).toBe(4);
    expect(dataOf(bad).report).toMatchObject({ badRowCount: 1, badRows: [{ line: 7 }] });
  });

  it('is imported whole, packed or not, and found by a run, a check and the list', async () => {
    const packed = join(folder(), 'eurofxref-hist.csv.gz');
    writeFileSync(packed, gzipSync(ecb));
    const { home, code } = await runCli(['data', 'import', packed, '--as', 'ecb', '--json']);
    expect(code).toBe(0);
    expect(readFileSync(join(home, 'data', 'ecb.csv'), 'utf8')).toBe(ecb);
    const prices = file('prices.csv', two(48));
    expect((await runCli(['data', 'import', prices, '--as', 'both', '--json'], { home })).code).toBe(0);
    expect(dataOf(await runCli('data list --json', { home }))['stored']).toMatchObject([
      { name: 'both', holds: ['EUR/USD', 'GBP/USD'], rows: 51, usable: true, from: '2024-01-08T01:00:00.000Z' },
      { name: 'ecb', holds: ['EUR/USD', 'EUR/JPY', 'EUR/CYP'], rows: 3, usable: true },
    ]);
    expect((await runCli('data check ecb --json', { home })).code).toBe(0);
    const run = ['backtest', 'sma-cross', '--data', 'both', '--instruments', 'EUR/USD', '--json'];
    expect((await runCli(run, { home })).code).toBe(0);
  });

  it('is kept whole or not at all', async () => {
    const bad = await runCli([...`data import ${file('e.csv', ecb.replace('158.5', 'abc'))} --as x --json`.split(' ')]);
    expect(bad.code).toBe(2);
    expect(bad.json()['error']).toMatchObject({ code: 'DATA.BAD_ROWS', facts: { line: 2 } });
    const zoned = `data import ${file('prices.csv', two(48))} --as x --time-zone Europe/Berlin --json`;
    const refused = await runCli(zoned.split(' '));
    expect(refused.json()['error']).toMatchObject({ code: 'USAGE.CONFLICT', facts: { flag: '--time-zone' } });
    expect(readdirSync(refused.home)).toEqual([]);
    const one = await runCli([...zoned.split(' '), '--instrument', 'GBP/USD']);
    expect(one.code).toBe(0);
  });

  it('names the flag that the command has', async () => {
    const unnamed = await runCli(['data', 'check', file('prices.csv', hours(48)), '--json']);
    expect(unnamed.json()['error']).toMatchObject({ next: expect.stringMatching(/--instrument,/) });
  });
});

describe('data simulate', () => {
  it('writes files that give the same backtest as the embedded market', async () => {
    const out = join(folder(), 'market');
    const span = ['--seed', '7', '--timeframe', '4h', '--to', '2023-07-01'];
    const written = await runCli(
      ['data', 'simulate', ...span, '--instruments', 'AUD/USD,USD/JPY,EUR/GBP,GBP/USD', '--out', out, '--json'],
      {},
    );
    expect(written.code).toBe(0);
    expect(readdirSync(out).sort()).toEqual([
      'AUDUSD-simulated.csv',
      'EURGBP-simulated.csv',
      'GBPUSD-simulated.csv',
      'USDJPY-simulated.csv',
      'rates.csv',
    ]);
    const run = ['backtest', 'sma-cross', '--instruments', 'AUD/USD,USD/JPY,EUR/GBP', '--to', '2023-07-01', '--json'];
    const files = readdirSync(out).filter((name) => name !== 'rates.csv');
    const data = ['--data', files.map((name) => join(out, name)).join(','), '--rates', join(out, 'rates.csv')];
    const fromFiles = dataOf(await runCli([...run, ...data]));
    const embedded = dataOf(await runCli([...run, '--seed', '7', '--timeframe', '4h']));
    expect(fromFiles['metrics']).toEqual(embedded['metrics']);
    expect(fromFiles['costs']).toEqual(embedded['costs']);
    expect(embedded['counts']).not.toMatchObject({ fills: 0 });
  }, 60_000);

  it('marks its files, so that every run on them says that nothing of it happened', async () => {
    const out = join(folder(), 'market');
    const span = ['--timeframe', '4h', '--to', '2023-03-01', '--instruments', 'EUR/USD'];
    const { home } = await runCli(['data', 'simulate', ...span, '--out', out]);
    const euro = join(out, 'EURUSD-simulated.csv');
    const renamed = join(out, 'EURUSD.csv');
    copyFileSync(euro, renamed);
    expect((await runCli(['data', 'import', euro, '--as', 'euro'], { home })).code).toBe(0);
    for (const prices of [euro, renamed, 'euro']) {
      const tested = await runCli(['backtest', 'sma-cross', '--data', prices, '--out', join(out, 'run'), '--json'], {
        home,
      });
      expect(dataOf(tested)).toMatchObject({ simulated: true });
      expect(JSON.parse(readFileSync(join(out, 'run', 'run.json'), 'utf8'))).toMatchObject({ simulated: true });
    }
    const replayed = await runCli(['paper', 'sma-cross', '--replay', renamed], { home });
    expect(replayed.stdout).toContain('SIMULATED PRICES');
    expect(replayed.stdout).toContain('prices are simulated: a made-up market, not history');
    const swept = await runCli(['backtest', 'sma-cross', '--data', euro, '--sweep', 'fast=5:6:1', '--workers', '1'], {
      home,
    });
    expect(swept.stdout).toContain('SIMULATED PRICES');
    const own = await runCli(['backtest', 'sma-cross', '--data', file('EURUSD.csv', hours(48)), '--json']);
    expect(dataOf(own)).toMatchObject({ simulated: false });
    const rates = ['--rates', join(out, 'rates.csv')];
    const mixed = await runCli(['backtest', 'sma-cross', '--data', file('EURUSD.csv', hours(48)), ...rates, '--json']);
    expect(dataOf(mixed)['warnings']).toContain('rates are simulated: a made-up market, not history');
  }, 60_000);

  it('never writes among the files of others', async () => {
    const out = folder();
    writeFileSync(join(out, 'diary.txt'), 'mine');
    const written = await runCli(['data', 'simulate', '--out', out, '--json']);
    expect(written.code).toBe(2);
    expect(readdirSync(out)).toEqual(['diary.txt']);
  });
});

describe('the column cache of a large file', () => {
  const large = (): string => file('EURUSD.csv', hours(24 * 1500));
  const run = (path: string, more: readonly string[] = []): string[] => [
    'backtest',
    'sma-cross',
    '--data',
    path,
    '--json',
    ...more,
  ];

  it('gives the same run without reading the text again', async () => {
    const path = large();
    const cold = await runCli(run(path));
    expect(cold.code).toBe(0);
    const kept = readdirSync(join(cold.home, 'data', 'cache'));
    expect(kept).toHaveLength(1);
    const warm = await runCli(run(path), { home: cold.home });
    const plain = (result: typeof cold): Record<string, unknown> => ({
      ...dataOf(result),
      run: { ...(dataOf(result)['run'] as object), id: '' },
    });
    expect(dataOf(warm)['metrics']).toMatchObject({
      totalReturn: (dataOf(cold)['metrics'] as { totalReturn: number }).totalReturn,
    });
    expect(plain(warm)['warnings']).toEqual(plain(cold)['warnings']);
    expect((dataOf(warm)['run'] as { dataHash: string }).dataHash).toBe(
      (dataOf(cold)['run'] as { dataHash: string }).dataHash,
    );
  }, 60_000);

  it('keeps the whole file of a run that ends before it, and no more than the run of a file with a bad row behind its end', async () => {
    const path = large();
    const cut = await runCli(run(path, ['--to', '2024-06-01']));
    const [kept = ''] = readdirSync(join(cut.home, 'data', 'cache'));
    const whole = await runCli(run(path));
    expect(readdirSync(join(whole.home, 'data', 'cache'))).toEqual([kept]);
    const bytes = (home: string) => readFileSync(join(home, 'data', 'cache', kept));
    expect(bytes(cut.home).equals(bytes(whole.home))).toBe(true);
    const warm = await runCli(run(path, ['--to', '2024-06-01']), { home: cut.home });
    expect(dataOf(warm)['curve']).toEqual(dataOf(cut)['curve']);
    writeFileSync(path, `${readFileSync(path, 'utf8')}2029-01-01T00:00:00Z,-1,-1,-1,-1\n`);
    const bad = await runCli(run(path, ['--to', '2024-06-01']));
    expect(bad.code).toBe(0);
    expect(dataOf(bad)['metrics']).toEqual(dataOf(cut)['metrics']);
    expect(existsSync(join(bad.home, 'data', 'cache'))).toBe(false);
  }, 60_000);

  it('keeps nothing of a run that failed', async () => {
    const path = large();
    const missing = file('other.csv', 'time,close\n1990-01-01,1\n1990-01-02,2\n');
    const failed = await runCli(run(path, ['--benchmark', missing]));
    expect(failed.code).toBe(2);
    expect(existsSync(join(failed.home, 'data'))).toBe(false);
    expect(readdirSync(failed.home)).toEqual([]);
  }, 60_000);
});
