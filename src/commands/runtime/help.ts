import { type FlagSpec, flagsOf, GLOBAL_FLAGS, GROUPS, type ManifestEntry } from './spec.js';

/** `fxtrade --help`: every command that works, by group. */
export function overview(version: string, manifest: readonly ManifestEntry[]): string {
  const lines = [`fxtrade ${version}: a trading desk in a terminal`, '', 'usage: fxtrade <command> [flags]'];
  for (const group of GROUPS) {
    const entries = manifest.filter((entry) => entry.group === group);
    if (entries.length === 0) continue;
    lines.push('', group, ...table(entries.map((entry) => [usageName(entry), entry.summary])));
  }
  lines.push(
    '',
    'flags everywhere',
    ...table(GLOBAL_FLAGS.map(flagRow)),
    ...table([['--version', 'the version']], widest(GLOBAL_FLAGS)),
  );
  lines.push(
    '',
    'examples',
    ...manifest
      .slice(0, 5)
      .flatMap((entry) => entry.examples.slice(0, 1))
      .map((line) => `  ${line}`),
  );
  lines.push('', 'more: fxtrade <command> --help');
  return lines.join('\n');
}

/** `fxtrade <command> --help`: arguments, flags, examples; with a strategy named, its parameters. */
export async function commandHelp(entry: ManifestEntry, words: readonly string[], cwd: string): Promise<string> {
  const lines = [`fxtrade ${entry.name}: ${entry.summary}`, '', `usage: fxtrade ${usageName(entry)} [flags]`];
  for (const action of entry.actions ?? []) {
    const args = (action.args ?? [])
      .map((arg) => (arg.required === true ? ` <${arg.name}>` : ` [${arg.name}]`))
      .join('');
    lines.push(
      '',
      `${entry.name} ${action.name}${args}`,
      `  ${action.summary}`,
      ...table((action.flags ?? []).map(flagRow)),
    );
  }
  const own = flagsOf(entry).filter((flag) => !GLOBAL_FLAGS.includes(flag));
  if (entry.args !== undefined)
    lines.push('', 'arguments', ...table(entry.args.map((arg) => [arg.name, argNote(arg)])));
  if (own.length > 0) lines.push('', 'flags', ...table(own.map(flagRow)));
  const strategy = entry.takesStrategy === true ? namedStrategy(entry, words) : undefined;
  if (strategy !== undefined) lines.push('', await strategyHelp(strategy, cwd));
  lines.push('', 'flags everywhere', ...table(GLOBAL_FLAGS.map(flagRow)));
  lines.push('', 'examples', ...entry.examples.map((line) => `  ${line}`));
  return lines.join('\n');
}

/** Parameters with ranges, units and defaults, from the strategy itself. */
async function strategyHelp(name: string, cwd: string): Promise<string> {
  const { describeStrategy } = await import('./strategies.js');
  return describeStrategy(name, cwd);
}

function namedStrategy(entry: ManifestEntry, words: readonly string[]): string | undefined {
  const flags = flagsOf(entry);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word.startsWith('--strategy=')) return word.slice('--strategy='.length);
    if (word === '--strategy') return words[at + 1];
    if (!word.startsWith('-')) return word;
    if (flags.some((flag) => flag.value !== undefined && `--${flag.name}` === word)) at++;
  }
  return undefined;
}

/** `completion bash|zsh|fish`, `report [run]`. */
export function usageName(entry: ManifestEntry): string {
  if (entry.actions !== undefined) return `${entry.name} ${entry.actions.map((action) => action.name).join('|')}`;
  const args = (entry.args ?? []).map(
    (arg) =>
      (arg.rest === true ? undefined : arg.choices?.join('|')) ??
      (arg.required === true ? `<${arg.name}>` : `[${arg.name}${arg.rest === true ? '…' : ''}]`),
  );
  return [entry.name, ...args].join(' ');
}

function argNote(arg: NonNullable<ManifestEntry['args']>[number]): string {
  return arg.choices === undefined ? arg.summary : `${arg.summary}: ${arg.choices.join(', ')}`;
}

function flagRow(flag: FlagSpec): [string, string] {
  const name = flag.value === undefined ? `--${flag.name}` : `--${flag.name} ${flag.value}`;
  const notes = [
    flag.choices === undefined ? '' : `: ${flag.choices.join(', ')}`,
    flag.repeat === true ? ' (repeatable)' : '',
    flag.default === undefined ? '' : ` [${flag.default}]`,
  ];
  return [name, flag.summary + notes.join('')];
}

function widest(flags: readonly FlagSpec[]): number {
  return Math.max(...flags.map((flag) => flagRow(flag)[0].length));
}

/** Two columns; the second begins where the longest name of the first ends. */
function table(rows: readonly (readonly [string, string])[], least = 0): string[] {
  const width = Math.max(least, ...rows.map(([name]) => name.length));
  return rows.map(([name, note]) => `  ${name.padEnd(width)}  ${note}`);
}
