import { join } from 'node:path';
import { FxError } from '../../core/base/errors.js';
import { diskError } from '../../core/state/disk-error.js';
import { ensureHome } from '../../core/state/home.js';

/** `config.json` of a home. */
export function settingsPath(home: string): string {
  return join(home, 'config.json');
}

/** What `config.json` says, nothing added; empty when there is none. */
export async function readSettingsFile(home: string): Promise<Record<string, unknown>> {
  const { readConfig } = await import('../../core/config/sources.js');
  const value = readConfig(home)?.value ?? {};
  if (isSection(value)) return value;
  const message = `${settingsPath(home)} holds no JSON object`;
  throw new FxError('CONFIG.INVALID', { message, next: 'repair it, or move it away to start from the defaults' });
}

/** Puts `settings` in the place of everything in `config.json`, through conf: for the owner alone, whole or not at all. */
export async function writeSettingsFile(home: string, settings: Readonly<Record<string, unknown>>): Promise<string> {
  // Before conf: it makes folders itself, readable by all.
  ensureHome(home);
  const path = settingsPath(home);
  try {
    const { default: Conf } = await import('conf');
    const conf = new Conf<Record<string, unknown>>({
      cwd: home,
      projectName: 'fxtrade',
      configName: 'config',
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
    });
    conf.store = settings;
    return path;
  } catch (error) {
    throw diskError(error, 'could not write', path);
  }
}

/** `settings` with `value` at `path`, sections made on the way; the original stays as it is. */
export function withSetting(
  settings: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [key, ...below] = path;
  if (key === undefined) return { ...settings };
  const held = Object.hasOwn(settings, key) ? settings[key] : undefined;
  const section = isSection(held) ? held : {};
  return { ...settings, [key]: below.length === 0 ? value : withSetting(section, below, value) };
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
