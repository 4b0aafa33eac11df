import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const DIGITS = 12;
/** Sources that run as they are, as in tests: they have no build. */
const NO_BUILD = 'source';

let known: string | undefined;

/**
 * The beginning of a hash over the program's packed files: two programs of one version that were built from different sources
 * differ in it. Every record of a live book carries it, so that nobody has to ask which code sent an order. Read once.
 */
export function programHash(): string {
  known ??= hashOf(fileURLToPath(import.meta.url));
  return known;
}

/** The same for the program that a file belongs to. */
export function hashOf(file: string): string {
  const at = file.lastIndexOf(`${sep}dist${sep}`);
  if (at === -1) return NO_BUILD;
  const dist = file.slice(0, at + sep.length + 'dist'.length);
  const hash = createHash('sha256');
  try {
    const chunks = readdirSync(join(dist, 'chunks')).filter((name) => name.endsWith('.js'));
    for (const name of ['cli.js', ...chunks.sort().map((one) => join('chunks', one))]) {
      hash.update(`${name}\n`).update(readFileSync(join(dist, name)));
    }
  } catch {
    // Compiled and not packed: nobody can say which files belong to it.
    return 'unpacked';
  }
  return hash.digest('hex').slice(0, DIGITS);
}
