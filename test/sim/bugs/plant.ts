import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  if (bug !== undefined) apply(readFileSync(join(ROOT, 'test/sim/bugs', `${bug}.patch`), 'utf8'), folder);
  return {
    load: (path) => import(/* @vite-ignore */ pathToFileURL(join(folder, path)).href),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Applies a patch wherever its lines stand now; one that fits nowhere is out of date, and says so. */
function apply(patch: string, folder: string): void {
  for (const part of patch.split(/^--- a\//m).slice(1)) {
    const path = join(folder, part.slice(0, part.indexOf('\n')).trim());
    let text = readFileSync(path, 'utf8');
    for (const hunk of part.split(/^@@.*@@.*\n/m).slice(1)) {
      const lines = hunk.split('\n').filter((line) => /^[ +-]/.test(line));
      const side = (mark: string): string =>
        lines
          .filter((line) => line[0] !== mark)
          .map((line) => `${line.slice(1)}\n`)
          .join('');
      const [before, after] = [side('+'), side('-')];
      if (!text.includes(before)) throw new Error(`the patch does not fit ${path} any more:\n${before}`);
      text = text.replace(before, () => after);
    }
    writeFileSync(path, text);
  }
}
