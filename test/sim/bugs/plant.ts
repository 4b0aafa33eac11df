import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A copy of the program with one bug in it, and the simulator beside it, unchanged. */
export interface Planted {
  /** Loads a module of the copy. */
  load(path: string): Promise<Record<string, unknown>>;
  remove(): void;
}

/** Plants the bug of a patch; undefined plants none. */
export function plant(bug: string | undefined): Planted {
  const folder = mkdtempSync(join(tmpdir(), 'fxtrade-bug-'));
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
  for (const part of ['world', 'orders', 'session']) {
    cpSync(join(ROOT, 'test/sim', part), join(folder, 'test/sim', part), { recursive: true });
  }
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  cpSync(join(ROOT, 'tsconfig.json'), join(folder, 'tsconfig.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  if (bug !== undefined) {
    const patch = join(ROOT, 'test/sim/bugs', `${bug}.patch`);
    execFileSync('patch', ['--strip=1', '--quiet', '--no-backup-if-mismatch', '--fuzz=2', '--input', patch], {
      cwd: folder,
    });
  }
  return {
    load: (path) => import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
