import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const BIN = join(process.cwd(), 'bin', 'fxtrade.js');
const built = existsSync(join(process.cwd(), 'dist', 'cli.js'));
if (!built) console.log('the program is not built (npm run build): its smoke test is skipped');

function fxtrade(...args: string[]): SpawnSyncReturns<string> {
  const home = mkdtempSync(join(tmpdir(), 'fxtrade-bin-'));
  return spawnSync(process.execPath, [BIN, '--home', home, ...args], { encoding: 'utf8' });
}

describe.skipIf(!built)('the program as it is installed', () => {
  it('halts, with the answer on stdout alone', () => {
    const run = fxtrade('halt', '--json');
    expect([run.status, run.stderr]).toEqual([0, '']);
    const { data } = JSON.parse(run.stdout);
    expect(readFileSync(data.latch, 'utf8')).toContain(data.haltedAt);
  });

  it('halts from a folder that is no longer there', () => {
    const home = mkdtempSync(join(tmpdir(), 'fxtrade-bin-'));
    const folder = mkdtempSync(join(tmpdir(), 'fxtrade-gone-'));
    const script = `cd '${folder}' && rmdir '${folder}' && '${process.execPath}' '${BIN}' halt --home '${home}'`;
    const run = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect([run.status, run.stderr, existsSync(folder)]).toEqual([0, '', false]);
  });

  it('refuses with exit 2 and without a stack', () => {
    const run = fxtrade('backtst');
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.stderr).toContain('Did you mean "backtest"?');
    expect(run.stderr).not.toContain('    at ');
  });

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(fxtrade('--version').stdout).toBe(`${version}\n`);
  });

  it('colors nothing that is piped', () => {
    expect(fxtrade('--help').stdout).not.toContain(String.fromCharCode(27));
  });

  it('ends quietly when its reader has left', async () => {
    const child = spawn(process.execPath, [BIN, 'completion', 'fish'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let talk = '';
    child.stderr.on('data', (chunk) => {
      talk += String(chunk);
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, talk]).toEqual([0, '']);
  });
});
