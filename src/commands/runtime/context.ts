import { isAbsolute, resolve } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import { oneLine } from '../../core/base/text.js';
import type { LoadedSettings } from '../../core/config/settings.js';
import type { Clock } from '../../core/ports/clock.js';
import { resolveHome } from '../../core/state/home.js';
import type { Terminal } from '../ui/terminal.js';
import { type AnyCommand, type CommandContext, listFlag, switchFlag, textFlag } from './command.js';
import { eventLine } from './envelope.js';
import type { Invocation } from './run.js';
import type { ManifestEntry } from './spec.js';

/** What the program was started with; a test passes its own. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly version: string;
  /** The program's own file; absent where it runs inside something else, as in tests. */
  readonly program?: string;
  readonly manifest: readonly ManifestEntry[];
}

/** Composes what a command is given. Nothing heavy is loaded before the command asks for it. */
export async function createContext(
  invocation: Invocation,
  host: Host,
  terminal: Terminal,
  command: AnyCommand,
): Promise<CommandContext> {
  const { args, flags } = invocation;
  const given = textFlag({ flags }, 'home');
  if (given === '') {
    throw new FxError('USAGE.MISSING_VALUE', {
      message: '--home is empty',
      next: 'give --home a folder, or leave it out',
    });
  }
  const found = await resolveHome(given, host.env);
  const home = isAbsolute(found) ? found : resolve(host.cwd, found);
  const json = switchFlag({ flags }, 'json');
  const quiet = switchFlag({ flags }, 'quiet');
  let loaded: Promise<LoadedSettings> | undefined;
  const load = async (extra: readonly string[]): Promise<LoadedSettings> => {
    const { loadSettings } = await import('../../core/config/settings.js');
    return loadSettings({ home, cwd: host.cwd, env: host.env, sets: [...extra, ...listFlag({ flags }, 'set')] });
  };
  return {
    args,
    flags,
    home,
    cwd: host.cwd,
    env: host.env,
    clock: host.clock,
    signal: host.signal,
    terminal,
    json,
    quiet,
    verbose: switchFlag({ flags }, 'verbose'),
    version: host.version,
    ...(host.program === undefined ? {} : { program: host.program }),
    manifest: host.manifest,
    settings(extra = []) {
      if (extra.length > 0) return load(extra);
      loaded ??= load([]);
      return loaded;
    },
    emit(kind, fields) {
      if (json) terminal.write(eventLine(kind, new Date(host.clock.now()).toISOString(), fields));
      else if (!quiet) command.event?.(kind, fields, terminal);
    },
    note(text) {
      if (!quiet) terminal.err(oneLine(text));
    },
    warn(text) {
      terminal.err(`${terminal.style.yellow('warning')}: ${oneLine(text)}`);
    },
  };
}
