import { defineCommand } from './runtime/command.js';
import { type FlagSpec, flagsOf, type ManifestEntry } from './runtime/spec.js';

interface CompletionAnswer {
  readonly shell: string;
  readonly script: string;
}

/** A script for the shell, made from the manifest: it completes exactly what works. */
export const command = defineCommand<CompletionAnswer>({
  async run(ctx) {
    const shell = ctx.args[0] ?? 'bash';
    const make = { bash, zsh, fish }[shell] ?? bash;
    return { data: { shell, script: make(ctx.manifest) } };
  },
  view(data, terminal) {
    terminal.write(data.script);
  },
});

interface Place {
  /** `data` or `data import`: the words typed so far that are no flags. */
  readonly words: string;
  readonly flags: readonly FlagSpec[];
  /** What may stand here besides flags. */
  readonly values: readonly string[];
}

type Manifest = readonly ManifestEntry[];

function places(manifest: Manifest): readonly Place[] {
  return manifest.flatMap((entry) => [
    placeOf(entry),
    ...(entry.actions ?? []).map((action) => placeOf(entry, action.name)),
  ]);
}

function placeOf(entry: ManifestEntry, action?: string): Place {
  const names = action === undefined ? (entry.actions ?? []).map((one) => one.name) : [];
  const choices = (entry.args ?? []).flatMap((arg) => arg.choices ?? []);
  const words = action === undefined ? entry.name : `${entry.name} ${action}`;
  return { words, flags: flagsOf(entry, action), values: [...names, ...choices] };
}

const allFlags = (manifest: Manifest): readonly FlagSpec[] => {
  const seen = new Map<string, FlagSpec>();
  for (const place of places(manifest)) for (const flag of place.flags) seen.set(flag.name, flag);
  return [...seen.values()];
};

const flagWords = (flags: readonly FlagSpec[]): string => flags.map((flag) => `--${flag.name}`).join(' ');
const valueFlags = (manifest: Manifest): string =>
  allFlags(manifest)
    .filter((flag) => flag.value !== undefined)
    .map((flag) => `--${flag.name}`)
    .join('|');
const commandNames = (manifest: Manifest): string => manifest.map((entry) => entry.name).join(' ');

/** Finds in `place` the command, and the action where the command has actions, among the words typed before. */
function findPlace(manifest: Manifest, words: string, from: number, end: string): string {
  return `  for ((i = ${from}; i < ${end}; i++)); do
    word="\${${words}[i]}"
    if [ -n "$skip" ]; then skip=''; continue; fi
    case "$word" in
      ${valueFlags(manifest)}) skip=1 ;;
      -*) ;;
      *) case "$place" in
        '') place="$word" ;;
        ${actionCommands(manifest)}) place="$place $word" ;;
      esac ;;
    esac
  done
`;
}

/** The two `case` tables that bash and zsh share: values after a flag, and words at a place. */
function tables(manifest: Manifest): { readonly after: string[]; readonly at: string[] } {
  const after = places(manifest).flatMap((place) =>
    place.flags
      .filter((flag) => flag.choices !== undefined)
      .map((flag) => `    '${place.words} --${flag.name}') offer='${(flag.choices ?? []).join(' ')}' ;;`),
  );
  const at = places(manifest).map(
    (place) => `    '${place.words}') offer='${[...place.values, flagWords(place.flags)].join(' ').trim()}' ;;`,
  );
  return { after, at };
}

function bash(manifest: Manifest): string {
  const { after, at } = tables(manifest);
  return `# fxtrade completion for bash: source <(fxtrade completion bash)
_fxtrade() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" place='' offer='' skip='' word i
${findPlace(manifest, 'COMP_WORDS', 1, 'COMP_CWORD')}  case "$place $before" in
${after.join('\n')}
    *) case "$before" in
      ${valueFlags(manifest)}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    esac ;;
  esac
  [ -n "$offer" ] || case "$place" in
    '') offer='${commandNames(manifest)} --help --version' ;;
${at.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offer" -- "$current"))
  case "$current" in
    -*) ;;
    *) [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o filenames -F _fxtrade fxtrade
`;
}

function zsh(manifest: Manifest): string {
  const { after, at } = tables(manifest);
  return `#compdef fxtrade
# fxtrade completion for zsh: fxtrade completion zsh > a folder in $fpath, as _fxtrade
_fxtrade() {
  local before="\${words[CURRENT-1]}" place='' offer='' skip='' word i
${findPlace(manifest, 'words', 2, 'CURRENT')}  case "$place $before" in
${after.join('\n')}
    *) case "$before" in
      ${valueFlags(manifest)}) _files; return ;;
    esac ;;
  esac
  [[ -n "$offer" ]] || case "$place" in
    '') offer='${commandNames(manifest)} --help --version' ;;
${at.join('\n')}
  esac
  compadd -- \${=offer}
  [[ "\${words[CURRENT]}" == -* ]] || _files
}
if [[ "\${funcstack[1]}" == _fxtrade ]]; then _fxtrade "$@"; else compdef _fxtrade fxtrade; fi
`;
}

function fish(manifest: Manifest): string {
  const head = ['# fxtrade completion for fish: fxtrade completion fish | source', 'complete -c fxtrade -f'];
  return `${[...head, ...manifest.flatMap(fishEntry)].join('\n')}\n`;
}

function fishEntry(entry: ManifestEntry): string[] {
  const seen = `__fish_seen_subcommand_from ${entry.name}`;
  const { values, flags } = placeOf(entry);
  const lines = [`complete -c fxtrade -n __fish_use_subcommand -a ${entry.name} -d ${quoted(entry.summary)}`];
  if (values.length > 0) {
    const words = values.join(' ');
    lines.push(`complete -c fxtrade -n '${seen}; and not __fish_seen_subcommand_from ${words}' -a '${words}'`);
  } else if (entry.args !== undefined) lines.push(`complete -c fxtrade -n '${seen}' -F`);
  for (const flag of flags) lines.push(`complete -c fxtrade -n '${seen}' ${fishFlag(flag)}`);
  for (const action of entry.actions ?? []) {
    const inside = `complete -c fxtrade -n '${seen}; and __fish_seen_subcommand_from ${action.name}'`;
    if (action.args !== undefined) lines.push(`${inside} -F`);
    for (const flag of action.flags ?? []) lines.push(`${inside} ${fishFlag(flag)}`);
  }
  return lines;
}

function fishFlag(flag: FlagSpec): string {
  const value =
    flag.value === undefined ? '' : flag.choices === undefined ? ' -r -F' : ` -x -a '${flag.choices.join(' ')}'`;
  return `-l ${flag.name}${value} -d ${quoted(flag.summary)}`;
}

function actionCommands(manifest: Manifest): string {
  return manifest
    .filter((entry) => entry.actions !== undefined)
    .map((entry) => entry.name)
    .join('|');
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
