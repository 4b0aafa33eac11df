import { join } from 'node:path';
import { FxError } from '../../base/errors.js';

/** The folder of a book: `books/<mode>-<name>`. A name that would be a path throws `USAGE.BAD_VALUE`. */
export function bookFolder(home: string, mode: string, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--book is ${JSON.stringify(name)}, must be a name of letters, digits, dot, - and _ (64 at most)`,
      next: 'give a name such as --book evening',
      facts: { book: name },
    });
  }
  return join(home, 'books', `${mode}-${name}`);
}

/** The folder whose lock a session holds for its account at a broker: of two books in one account, one trades at a time. */
export function accountFolder(home: string, broker: string, account: string): string {
  return join(home, 'locks', `${broker}-${account.replace(/[^A-Za-z0-9._-]/g, '_')}`);
}
