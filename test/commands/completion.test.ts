import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/commands/manifest.js';
import { runCli } from '../helpers/run-cli.js';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

it.each(['bash', 'zsh', 'fish'])('the %s script knows every command', async (shell) => {
  const { code, stdout } = await runCli(`completion ${shell}`);
  expect(code).toBe(0);
  for (const entry of MANIFEST) expect(stdout).toContain(entry.name);
  expect(stdout).toContain('timeframe');
});

it.each(['', 'csh'])('completion %s is exit 2', async (shell) => {
  expect((await runCli(`completion ${shell}`)).code).toBe(2);
});

it.each(['zsh', 'fish'].filter(has))('the script is one that %s can read', async (shell) => {
  const { stdout } = await runCli(`completion ${shell}`);
  expect(spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' }).stderr).toBe('');
});

describe.skipIf(!has('bash'))('sourced in bash', () => {
  const complete = async (...words: string[]): Promise<string[]> => {
    const { stdout } = await runCli('completion bash');
    const quoted = words.map((word) => `'${word}'`).join(' ');
    const ask = `COMP_WORDS=(fxtrade ${quoted}); COMP_CWORD=${words.length}; _fxtrade; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const run = spawnSync('bash', ['-c', `${stdout}\n${ask}`], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    return run.stdout.trim().split('\n');
  };

  it.each([
    [['ba'], ['backtest']],
    [['backtest', '--timef'], ['--timeframe']],
    [
      ['backtest', '--timeframe', '1'],
      ['1m', '15m', '1h', '1d'],
    ],
    [['data', 'im'], ['import']],
    [['data', 'import', '--for'], ['--format']],
    [['--home', 'data', 'hal'], ['halt']],
    [['completion', 'f'], ['fish']],
    [
      ['config', 's'],
      ['show', 'set'],
    ],
  ])('%j offers %j', async (words, offered) => {
    expect(await complete(...words)).toEqual(offered);
  });

  it('a flag of another command is not offered', async () => {
    expect(await complete('halt', '--')).not.toContain('--timeframe');
  });
});
