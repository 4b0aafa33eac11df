import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A digest of every name, mode and byte under a folder; the same for a folder that is not there. */
export function treeHash(folder: string): string {
  const hash = createHash('sha256');
  const walk = (path: string, name: string): void => {
    if (!existsSync(path)) return;
    const info = lstatSync(path);
    hash.update(`${name} ${info.mode} `);
    if (info.isDirectory()) for (const one of readdirSync(path).sort()) walk(join(path, one), `${name}/${one}`);
    else if (info.isFile()) hash.update(readFileSync(path));
  };
  walk(folder, '');
  return hash.digest('hex');
}
