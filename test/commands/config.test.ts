import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../helpers/run-cli.js';

it('set writes one setting for the owner alone, and show says where it came from', async () => {
  const { code, home } = await runCli('config set risk.maxPositionBps 500');
  expect(code).toBe(0);
  const path = join(home, 'config.json');
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ risk: { maxPositionBps: 500 } });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const { json } = await runCli('config show risk.maxPositionBps --json', { home });
  expect(json()['data']).toMatchObject({
    settings: [{ key: 'risk.maxPositionBps', value: 500, source: 'config.json' }],
  });
});

it('set keeps what else is in the file, and a name with a dot is quoted', async () => {
  const { home } = await runCli('config set account.capital 5000');
  await runCli(['config', 'set', 'instruments."BRK.B".tick', '0.01'], { home });
  expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toEqual({
    account: { capital: 5000 },
    instruments: { 'BRK.B': { tick: 0.01 } },
  });
});

it.each([
  ['risk.maxPositionBs 500', 'CONFIG.UNKNOWN_KEY'],
  ['risk.maxPositionBps lots', 'CONFIG.INVALID'],
  ['__proto__.polluted 1', 'CONFIG.UNKNOWN_KEY'],
  ['OANDA_TOKEN abc123secret', 'CONFIG.SECRET'],
])('set %s changes nothing and is exit 2', async (args, error) => {
  const { home } = await runCli('config set account.capital 5000');
  const { code, json, stdout } = await runCli(`config set ${args} --json`, { home });
  expect([code, json()]).toMatchObject([2, { ok: false, error: { code: error } }]);
  expect(stdout).not.toContain('abc123secret');
  expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toEqual({ account: { capital: 5000 } });
});

it('set repairs a value that is wrong', async () => {
  const { home } = await runCli('--version');
  writeFileSync(join(home, 'config.json'), '{"account":{"capital":"much"}}');
  expect((await runCli('config check', { home })).code).toBe(2);
  expect((await runCli('config set account.capital 5000', { home })).code).toBe(0);
  expect((await runCli('config check', { home })).code).toBe(0);
});

it('a stronger source is said when it wins over what was written', async () => {
  const { stdout } = await runCli('config set account.capital 5000', { env: { FXTRADE_ACCOUNT__CAPITAL: '7000' } });
  expect(stdout).toContain('but env wins: 7000');
});

it('secrets are named as set or not set, never shown', async () => {
  const { stdout, json } = await runCli('config show --json', { env: { OANDA_TOKEN: 'abc123secret' } });
  expect(stdout).not.toContain('abc123secret');
  const data = json()['data'] as { secrets: { name: string }[] };
  expect(data.secrets).toContainEqual({ name: 'OANDA_TOKEN', set: true, source: 'env' });
  expect(data.secrets).toContainEqual({ name: 'FRED_API_KEY', set: false, source: null });
});

it('the table fits a hundred columns', async () => {
  const { stdout } = await runCli('config show');
  expect(stdout).toContain('risk.maxPositionBps');
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

it('path names the file, which need not exist', async () => {
  const { stdout, home } = await runCli('config path');
  expect(stdout).toBe(`${join(home, 'config.json')}\n`);
});

it.each(['config', 'config shwo', 'config set risk.maxPositionBps', 'config show nonsense'])(
  '%s is exit 2',
  async (line) => {
    const { code, stderr } = await runCli(line);
    expect([code, stderr]).toEqual([2, expect.stringContaining('next:')]);
  },
);
