import { readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { FxError } from '../../base/errors.js';
import { isPlainName, namePart } from '../../base/names.js';

/**
 * The folder of a book: `books/<mode>-<name>`. A name that would be a path throws `USAGE.BAD_VALUE`, a folder that is a link
 * to somewhere outside the home `USAGE.OUTSIDE`: what is written there would not be where everybody looks for it.
 */
export function bookFolder(home: string, mode: string, name: string): string {
  if (!isPlainName(name)) {
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--book is ${JSON.stringify(name)}, must be a name of letters, digits, dot, - and _ (64 at most, no dot at the end)`,
      next: 'give a name such as --book evening',
      facts: { book: name },
    });
  }
  const folder = join(home, 'books', `${mode}-${name}`);
  const [real, root] = [realPath(folder), realPath(home)];
  if (real === root || real.startsWith(`${root}${sep}`)) return folder;
  throw new FxError('USAGE.OUTSIDE', {
    message: `the book ${name} is a link to ${real}, outside the home ${root}`,
    next: 'move the folder itself into the home, or choose the other home with --home',
    facts: { book: name, path: real },
  });
}

/** The folder whose lock a session holds for its account at a broker: of two books in one account, one trades at a time. */
export function accountFolder(home: string, broker: string, account: string): string {
  return join(home, 'locks', `${broker}-${namePart(account)}`);
}

/** Where a path leads when every link is followed; of what is not there yet, where it would be made. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const target = linkTarget(path);
    if (target !== undefined) return resolve(dirname(path), target);
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

/** What a link to nowhere names; undefined for what is no link. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
