import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ensureHome, resolveHome } from '../../../src/core/state/home.js';

it.each([
  ['the flag', '/flag', { FXTRADE_HOME: '/env' }, '/flag'],
  ['the variable', undefined, { FXTRADE_HOME: '/env' }, '/env'],
])('home comes from %s', async (_, given, env, home) => {
  expect(await resolveHome(given, env)).toBe(home);
});

it('without flag and variable it is the platform folder, with no suffix; an empty variable counts as none', async () => {
  expect(await resolveHome(undefined, { FXTRADE_HOME: '' })).toMatch(/fxtrade$/i);
  expect(await resolveHome(undefined, {})).not.toContain('nodejs');
});

it('a home is made and kept for its owner alone', () => {
  const home = join(mkdtempSync(join(tmpdir(), 'fxtrade-home-')), 'deep', 'home');
  ensureHome(home);
  expect(statSync(home).mode & 0o777).toBe(0o700);
  chmodSync(home, 0o755);
  ensureHome(home);
  expect(statSync(home).mode & 0o777).toBe(0o700);
});

it('a home that is a file is said to be one', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'fxtrade-home-')), 'file');
  writeFileSync(path, '');
  expect(() => ensureHome(path)).toThrow(expect.objectContaining({ code: 'STATE.WRONG_KIND' }));
});
