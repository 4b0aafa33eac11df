import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createJiti } from 'jiti';
import { expect, it } from 'vitest';
import { runCli } from '../helpers/run-cli.js';

const FLAGS = 'init --currency eur --capital 25000 --preset cautious --feed simulated';

it('every question has a flag: with all of them nothing is asked', async () => {
  const { code, json, home } = await runCli(`${FLAGS} --starter none --json`);
  expect([code, json()['data']]).toMatchObject([0, { account: { currency: 'EUR', capital: 25_000 }, starter: null }]);
  expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toEqual({
    account: { currency: 'EUR', capital: 25_000 },
    risk: { preset: 'cautious' },
  });
  expect(statSync(home).mode & 0o777).toBe(0o700);
});

it('--yes accepts the defaults and keeps what is set already', async () => {
  const { home } = await runCli(`${FLAGS} --starter none`);
  await runCli('init --yes --capital 9000', { home });
  expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toEqual({
    account: { currency: 'EUR', capital: 9000 },
    risk: { preset: 'cautious' },
  });
});

it('without a terminal and without flags the first missing flag is named and nothing is written', async () => {
  const { code, stderr, home } = await runCli('init');
  expect([code, stderr]).toEqual([2, expect.stringContaining('--currency')]);
  expect(existsSync(join(home, 'config.json'))).toBe(false);
});

it('values that no setting allows are refused before anything is written', async () => {
  const { code, home } = await runCli('init --yes --capital -5 --starter mine.ts');
  expect(code).toBe(2);
  expect(existsSync(join(home, 'config.json'))).toBe(false);
  expect(existsSync(join(home, 'mine.ts'))).toBe(false);
});

it('the starter is a strategy that loads, and is never written over another file', async () => {
  const { home, json } = await runCli('init --yes --starter ./mine.ts --json');
  const path = join(home, 'mine.ts');
  expect(json()['data']).toMatchObject({ starter: path });
  const jiti = createJiti(import.meta.url, { fsCache: false, alias: { fxtrade: join(process.cwd(), 'src/index.ts') } });
  const { default: strategy } = (await jiti.import(path)) as {
    default: { name: string; create: (context: object) => object };
  };
  expect(strategy.name).toBe('my-strategy');
  const instance = strategy.create({ params: { window: 2 }, instruments: [], currency: 'USD' }) as {
    onBar(bar: object, view: object): unknown;
  };
  const view = { closes: () => Float64Array.of(1, 2), units: () => 0 };
  expect(instance.onBar({ instrument: 'EUR/USD', close: 2 }, view)).toMatchObject({ kind: 'signal', exposure: 1 });
  const again = await runCli('init --yes --starter ./mine.ts', { home });
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
});
