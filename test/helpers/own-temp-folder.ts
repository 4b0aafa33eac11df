import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The variable with the folder of the program that a run builds once; beside the installed packages, so that it finds them. */
export const PROGRAM = 'TEST_PROGRAM';

/**
 * One temporary folder for the whole run, gone with it: what tests and the processes they kill leave behind lies in there.
 * Workers and their children find it by `TMPDIR`.
 */
export function setup(): () => void {
  const before = process.env['TMPDIR'];
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-vitest-'));
  process.env['TMPDIR'] = folder;
  const cache = resolve('node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const program = mkdtempSync(join(cache, 'fxtrade-'));
  process.env[PROGRAM] = program;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    delete process.env[PROGRAM];
    rmSync(program, { recursive: true, force: true });
    openForGood(folder);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}

/** Tests of read-only homes leave folders that only root could empty. */
function openForGood(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) openForGood(join(folder, entry.name));
  }
}
