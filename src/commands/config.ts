import { FxError } from '../core/base/errors.js';
import { didYouMean } from '../core/base/suggest.js';
import { type CommandContext, defineCommand } from './runtime/command.js';
import { readSettingsFile, settingsPath, withSetting, writeSettingsFile } from './runtime/settings-file.js';
import type { Terminal } from './ui/terminal.js';

interface ShownSetting {
  readonly key: string;
  readonly value: unknown;
  readonly source: string;
}

interface ShownSecret {
  readonly name: string;
  readonly set: boolean;
  readonly source: string | null;
}

type ConfigAnswer =
  | {
      readonly action: 'show';
      readonly path: string;
      readonly settings: readonly ShownSetting[];
      readonly secrets: readonly ShownSecret[];
    }
  | {
      readonly action: 'check';
      readonly path: string;
      readonly valid: true;
      readonly keys: number;
      readonly changed: readonly ShownSetting[];
    }
  | { readonly action: 'path'; readonly path: string; readonly home: string }
  | {
      readonly action: 'set';
      readonly path: string;
      readonly key: string;
      readonly value: unknown;
      readonly before: unknown;
      readonly effective: ShownSetting | null;
    };

/** `config show|check|path|set`. Secrets are only ever named, with whether they have a value. */
export const command = defineCommand<ConfigAnswer>({
  async run(ctx) {
    const [action, key, value] = ctx.args;
    switch (action) {
      case 'check':
        return { data: await check(ctx) };
      case 'path':
        return { data: { action: 'path', path: settingsPath(ctx.home), home: ctx.home } };
      case 'set':
        return { data: await set(ctx, key ?? '', value ?? '') };
      default:
        return { data: await show(ctx, key) };
    }
  },
  async view(data, terminal) {
    switch (data.action) {
      case 'show':
        return drawSettings(data.settings, data.secrets, terminal);
      case 'check':
        terminal.out(`${data.keys} settings, all usable`);
        for (const { key, value, source } of data.changed) terminal.out(`  ${key} = ${shown(value)} (${source})`);
        return;
      case 'path':
        return terminal.out(data.path);
      default:
        terminal.out(`${data.key} = ${shown(data.value)} in ${data.path}`);
        if (data.effective === null || data.effective.source === 'config.json') return;
        terminal.out(`but ${data.effective.source} wins: ${shown(data.effective.value)}`);
    }
  },
});

async function show(ctx: CommandContext, under: string | undefined): Promise<ConfigAnswer> {
  const { sources } = await ctx.settings();
  const all = [...sources].map(([key, { value, source }]) => ({ key, value, source }));
  const settings = under === undefined ? all : all.filter(({ key }) => key === under || key.startsWith(`${under}.`));
  if (under !== undefined && settings.length === 0) await refuseUnknown(under, all);
  const secrets = under === undefined ? await secretsOf(ctx) : [];
  return { action: 'show', path: settingsPath(ctx.home), settings, secrets };
}

/** A key without a value is shown as such; a key that does not exist is refused. */
async function refuseUnknown(key: string, all: readonly ShownSetting[]): Promise<void> {
  const { knownKeys } = await import('../core/config/paths.js');
  const known = knownKeys();
  if (known.some((one) => one === key || one.startsWith(`${key}.`)) || key === 'instruments') return;
  const message = `there is no setting ${JSON.stringify(key)}`;
  const next = `${didYouMean(key, [...known, ...all.map((one) => one.key)])}See: fxtrade config show`;
  throw new FxError('CONFIG.UNKNOWN_KEY', { message, next, facts: { key } });
}

async function secretsOf(ctx: CommandContext): Promise<readonly ShownSecret[]> {
  const { loadSecrets, PLAIN_NAMES, SECRET_NAMES } = await import('../core/config/secrets.js');
  const held = loadSecrets({ home: ctx.home, cwd: ctx.cwd, env: ctx.env });
  return [...SECRET_NAMES, ...PLAIN_NAMES]
    .map((name) => ({ name, set: held.source(name) !== undefined, source: held.source(name) ?? null }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function check(ctx: CommandContext): Promise<ConfigAnswer> {
  const { sources } = await ctx.settings();
  await secretsOf(ctx);
  const changed = [...sources]
    .filter(([, { source }]) => source !== 'default' && source !== 'preset')
    .map(([key, { value, source }]) => ({ key, value, source }));
  return { action: 'check', path: settingsPath(ctx.home), valid: true, keys: sources.size, changed };
}

async function set(ctx: CommandContext, key: string, text: string): Promise<ConfigAnswer> {
  const { parsePath, pathText } = await import('../core/config/paths.js');
  const { loadSettings } = await import('../core/config/settings.js');
  // Before anything is read: a key that is unknown, a secret, a value out of bounds, or one that breaks what is there.
  loadSettings({ home: ctx.home, cwd: ctx.home, env: {}, sets: [`${key}=${text}`], setsFrom: 'config set' });
  const path = parsePath(key.trim()) ?? [];
  const current = await readSettingsFile(ctx.home);
  const value = jsonOrText(text);
  const before = path.reduce<unknown>(
    (at, part) => (isObject(at) && Object.hasOwn(at, part) ? at[part] : null),
    current,
  );
  const file = await writeSettingsFile(ctx.home, withSetting(current, path, value));
  const name = pathText(path);
  const found = (await ctx.settings()).sources.get(name);
  const effective = found === undefined ? null : { key: name, value: found.value, source: found.source };
  return { action: 'set', path: file, key: name, value, before, effective };
}

async function drawSettings(
  settings: readonly ShownSetting[],
  secrets: readonly ShownSecret[],
  terminal: Terminal,
): Promise<void> {
  const { drawTable } = await import('./ui/table.js');
  const rows = settings.map(({ key, value, source }) => [key, shown(value), source]);
  drawTable(terminal, [{ name: 'setting', keep: true }, { name: 'value' }, { name: 'from' }], rows);
  if (secrets.length === 0) return;
  terminal.out('');
  const named = secrets.map(({ name, set, source }) => [name, set ? 'set' : 'not set', source ?? '']);
  drawTable(terminal, [{ name: 'secret', keep: true }, { name: 'value' }, { name: 'from' }], named);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As `--set` reads it: JSON where it is JSON, else the text itself. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
