import { FxError } from '../base/errors.js';
import { diskError } from './disk-error.js';
import { type FileCalls, REAL_FILES } from './file-calls.js';
import { ensureDir } from './write.js';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The folder where everything of this user lives: `--home`, else `FXTRADE_HOME`, else the platform's data folder. Only
 * names it; makes nothing. The package that knows the platforms is loaded only when neither is given.
 */
export async function resolveHome(given: string | undefined, env: Env): Promise<string> {
  if (given !== undefined) return given;
  const fromEnv = env['FXTRADE_HOME'];
  if (fromEnv !== undefined && fromEnv !== '') return fromEnv;
  const { default: envPaths } = await import('env-paths');
  return envPaths('fxtrade', { suffix: '' }).data;
}

/**
 * Makes the home, for its owner alone, and proves that it is a folder. A home that others could already enter is closed
 * to them: it holds positions and account ids.
 */
export function ensureHome(home: string, fs: FileCalls = REAL_FILES): void {
  ensureDir(home, fs);
  try {
    const found = fs.statSync(home);
    if (!found.isDirectory()) {
      const next = 'move the file away, or choose another folder with --home or FXTRADE_HOME';
      throw new FxError('STATE.WRONG_KIND', {
        message: `the home ${home} is not a folder`,
        next,
        facts: { path: home },
      });
    }
    const mine = process.getuid === undefined || found.uid === process.getuid();
    if (process.platform !== 'win32' && mine && (found.mode & 0o077) !== 0) fs.chmodSync(home, 0o700);
  } catch (error) {
    throw diskError(error, 'could not use the home', home);
  }
}
