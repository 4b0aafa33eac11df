import { expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.js';

it.each([
  ['backtst', 'USAGE.UNKNOWN_COMMAND', 'backtest'],
  ['checklist', 'USAGE.UNKNOWN_COMMAND', ''],
  ['backtest --instrments EUR/USD', 'USAGE.UNKNOWN_FLAG', '--instruments'],
  ['paper --sweep fast=1:2:1', 'USAGE.UNKNOWN_FLAG', ''],
  ['backtest --validate stress', 'USAGE.UNKNOWN_FLAG', ''],
  ['--jsn', 'USAGE.UNKNOWN_FLAG', 'json'],
  ['backtest --capital', 'USAGE.MISSING_VALUE', '--capital'],
  ['backtest --capital abc', 'USAGE.BAD_VALUE', '--capital'],
  ['backtest --capital NaN', 'USAGE.BAD_VALUE', '--capital'],
  ['backtest --seed 1.5', 'USAGE.BAD_VALUE', '--seed'],
  ['backtest --from 2023-02-30', 'USAGE.BAD_VALUE', '--from'],
  ['backtest --timeframe 2h', 'USAGE.BAD_VALUE', '1h'],
  ['backtest --param fast', 'USAGE.BAD_VALUE', 'K=V'],
  ['backtest --instruments ,', 'USAGE.MISSING_VALUE', '--instruments'],
  ['paper --duration soon', 'USAGE.BAD_VALUE', '--duration'],
  ['paper --duration 0s', 'USAGE.BAD_VALUE', '--duration'],
  ['backtest --data a.csv --feed simulated', 'USAGE.CONFLICTING_FLAGS', 'leave'],
  ['paper --replay a.csv --feed simulated', 'USAGE.CONFLICTING_FLAGS', 'leave'],
  ['paper --once --watch', 'USAGE.CONFLICTING_FLAGS', 'leave'],
  ['backtest carry --strategy trend', 'USAGE.CONFLICTING_FLAGS', 'once'],
  ['backtest --seed 1 --seed 2', 'USAGE.CONFLICTING_FLAGS', 'once'],
  ['backtest carry trend', 'USAGE.TOO_MANY_ARGUMENTS', 'help'],
  ['data', 'USAGE.MISSING_ARGUMENT', 'list|pull|import|check|simulate'],
  ['data improt x', 'USAGE.UNKNOWN_ACTION', 'import'],
  ['data import', 'USAGE.MISSING_ARGUMENT', 'help'],
  ['data list --as x', 'USAGE.UNKNOWN_FLAG', 'help'],
  ['halt --home=', 'USAGE.MISSING_VALUE', '--home'],
])('%s is exit 2 %s, in text and in JSON', async (line, code, hint) => {
  const said = await runCli(line);
  expect([said.code, said.stdout, said.stderr]).toEqual([2, '', expect.stringContaining(`error ${code}: `)]);
  expect(said.stderr).toContain(hint);
  expect(said.stderr).not.toMatch(/\n\s+at /);
  const { code: exit, stdout } = await runCli(`${line} --json`);
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect([exit, last]).toMatchObject([2, { ok: false, error: { code, message: expect.any(String), facts: {} } }]);
});

it('a streaming command ends with a last line, whatever goes wrong', async () => {
  const { lines } = await runCli('paper --json --bogus');
  expect(lines()).toMatchObject([{ kind: 'end', ok: false, command: 'paper', error: { code: 'USAGE.UNKNOWN_FLAG' } }]);
});

it.each(['--help', 'help', '', '-h', '--json --help'])('%j shows every command by group', async (line) => {
  const { code, stdout, stderr } = await runCli(line);
  expect([code, stderr]).toEqual([0, '']);
  for (const word of ['trade', 'backtest', 'halt', 'set up', 'examples']) expect(stdout).toContain(word);
});

it('help lists only what works', async () => {
  const { stdout } = await runCli('--help');
  for (const later of ['checklist']) expect(stdout).not.toMatch(new RegExp(`^  ${later}`, 'm'));
  expect((await runCli('backtest --help')).stdout).not.toContain('--validate');
});

it.each([
  'backtest',
  'paper',
  'report',
  'data',
  'config',
  'init',
  'completion',
  'halt',
  'resume',
  'close-all',
  'status',
])('%s --help has flags and examples', async (command) => {
  for (const line of [`${command} --help`, `help ${command}`, `--quiet ${command} -h`]) {
    const { code, stdout } = await runCli(line);
    expect(code).toBe(0);
    expect(stdout).toContain(`usage: fxtrade ${command}`);
    expect(stdout).toContain('examples\n  ');
  }
});

it('--version is the version', async () => {
  expect((await runCli('--version')).stdout).toBe('0.0.0-test\n');
});

it('global flags stand before or after the command', async () => {
  for (const line of [
    '--json config path',
    'config --json path',
    'config path --json',
    '--set a=b --json config path',
  ]) {
    expect((await runCli(line)).json()).toMatchObject({ ok: true, command: 'config' });
  }
});
