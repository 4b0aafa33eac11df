import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { describe, expect, it } from 'vitest';

/**
 * The floors of the house: a file imports its own room or a room on a lower floor; rooms on one floor are strangers.
 * A nested room has a place between two floors: above its parent when it imports it, below when its parent imports it.
 */
const FLOORS: Readonly<Record<string, number>> = {
  'core/base': 0,
  'core/model': 1,
  'core/math': 1,
  'core/model/calendar': 1.5,
  'core/ports': 2,
  'core/indicators': 2,
  'core/costs': 3,
  'core/sizing': 3,
  'core/risk': 3,
  'core/orders': 3,
  'core/approvals': 3,
  'core/alerts': 3,
  'core/sentiment': 3,
  'core/portfolio': 3,
  'core/analytics': 3,
  'core/strategies': 4,
  'core/strategies/filters': 4.2,
  'index.ts': 4.5,
  'core/dispatch': 5,
  wire: 5.5,
  'core/engine': 5,
  'core/engine/decide': 5,
  'core/engine/record': 5,
  'core/config': 6,
  'core/state': 6,
  'core/state/lock': 6.1,
  'core/state/books': 6.2,
  'core/state/approvals': 6.3,
  'core/state/emergency': 6.3,
  'core/state/alerts': 6.3,
  'core/state/runs': 6.5,
  'brokers/*': 6,
  brokers: 6.5,
  'feeds/network': 5.8,
  'feeds/files': 5.8,
  'feeds/*': 6,
  // A venue is a feed too.
  feeds: 6.55,
  'alerts/http': 5.9,
  'alerts/*': 6,
  alerts: 6.5,
  'core/report': 7,
  'commands/ui': 8.1,
  'commands/runtime': 8.2,
  'commands/stored': 8.25,
  'commands/alerts': 8.28,
  'commands/session/inputs': 8.3,
  'commands/session': 8.4,
  'commands/session/feed': 8.41,
  'commands/session/realtime': 8.42,
  'commands/session/live/market': 8.43,
  'commands/session/live/book': 8.43,
  'commands/session/live/terms': 8.43,
  'commands/session/live': 8.44,
  'commands/session/threads': 8.5,
  'commands/approvals': 8.6,
  'commands/audit': 8.6,
  'commands/safety': 8.6,
  'commands/safety/paper': 8.65,
  'commands/safety/after': 8.65,
  'commands/data': 8.6,
  'commands/drill': 8.6,
  'commands/probes': 8.65,
  'commands/report': 8.6,
  commands: 8.9,
  'cli.ts': 9,
};

/** The machine is one thing in several rooms: these see the engine's own files and it sees theirs, but not one another's. */
const WITH_PARENT = /^core\/engine\//;

/** Seen by what keeps or carries, never: the machine and what it is told. */
const SHELL = /^(core\/state|brokers|feeds|alerts|wire)\b/;

/** A view draws data whose type stands with what computes it. */
const VIEWS_MAY_NAME_TYPES_OF = /^commands\/session\b/;

interface Door {
  readonly what: string;
  readonly pattern: RegExp;
  readonly only: RegExp;
  readonly instead: string;
}

const imports = (name: string): RegExp => new RegExp(`(from|import\\() ?'${name}(/[^']*)?'`);

const DOORS: readonly Door[] = [
  {
    what: 'the wall clock',
    pattern: /\bDate\.now\b|new Date\(\)|\bperformance\.now\b|process\.hrtime/,
    only: /^core\/ports\/clock\.ts$/,
    instead: 'take a Clock, or the time, as an argument',
  },
  {
    what: 'Math.random',
    pattern: /\bMath\.random\b/,
    only: /^$/,
    instead: 'take a seeded Rng as an argument',
  },
  {
    what: 'reading or writing files',
    pattern: imports('node:fs'),
    only: /^(core\/state|core\/config|feeds|commands\/(runtime|session|stored|data|drill))\//,
    instead: 'have core/state read and write it, or take the text as an argument',
  },
  {
    what: 'writing files',
    pattern:
      /\b(writeFile|appendFile|createWriteStream|writeSync|mkdir|mkdtemp|rename|copyFile|truncate|ftruncate|symlink|chmod)(Sync)?\(/,
    only: /^core\/state\//,
    instead: 'call core/state',
  },
  {
    what: 'the process’s own streams',
    pattern: /process\.(stdout|stderr|stdin)\b/,
    only: /^commands\/ui\/(terminal|prompt)\.ts$/,
    instead: 'return data and draw it in the view with the Terminal',
  },
  {
    what: 'color, tables and prompts',
    pattern: imports('(chalk|cli-table3|ora|@inquirer/prompts)'),
    only: /^commands\/ui\//,
    instead: 'use what commands/ui offers',
  },
  {
    what: 'zod',
    pattern: imports('zod'),
    only: /^(core\/(config|state)|brokers|feeds)\//,
    instead: 'check at the door (config, state, a venue’s schema); plain types inside',
  },
  {
    what: 'commander',
    pattern: imports('commander'),
    only: /^cli\.ts$/,
    instead: 'say the flag in commands/manifest.ts',
  },
  {
    what: 'technicalindicators',
    pattern: imports('technicalindicators'),
    only: /^core\/indicators\//,
    instead: 'use the aligned columns of core/indicators',
  },
  {
    what: 'conf',
    pattern: imports('conf'),
    only: /^commands\/runtime\/settings-file\.ts$/,
    instead: 'call commands/runtime/settings-file.ts',
  },
  { what: 'process.exit', pattern: /process\.(exit|abort)\(/, only: /^$/, instead: 'return an exit code' },
  {
    what: 'processes',
    pattern: imports('node:child_process'),
    only: /^commands\/(drill\/program|safety\/after\/leave)\.ts$/,
    instead: 'rehearse with commands/drill/program.ts; only a halt leaves another process behind',
  },
  {
    what: 'threads',
    pattern: imports('node:worker_threads'),
    only: /^commands\/session\//,
    instead: 'give commands/session/threads/pool.ts a job of plain data',
  },
  {
    what: 'making an ApprovedOrder',
    pattern: /\bas (unknown as )?ApprovedOrder\b/,
    only: /^core\/risk\/gate\.ts$/,
    instead: 'send the intent through the gate',
  },
  {
    what: 'mail',
    pattern: imports('nodemailer'),
    only: /^wire\/smtp\.ts$/,
    instead: 'take a Mailer from wire/smtp.ts',
  },
  {
    what: 'the network',
    pattern: imports('(node:(net|http|https|http2|tls|dgram|dns)|axios|ws)'),
    // A lock that the kernel keeps is a socket on which nothing is sent but the holder's process id.
    only: /^(wire\/|core\/state\/lock\/kernel-lock\.ts$)/,
    instead: 'take an Http, or a server, from wire',
  },
];

const LINES_MAX = 400;
const TEST_LINES_MAX = 600;
const ROOM_FILES_MAX = 12;

const sources = filesUnder('src').map((path) => ({
  path: path.slice('src/'.length),
  code: withoutComments(readFileSync(path, 'utf8')),
}));

describe('the house is tidy', () => {
  it('every file stands in a room that has a floor', () => {
    const homeless = sources.filter(({ path }) => floorOf(path) === undefined);
    expect(
      homeless.map(
        ({ path }) => `${path}: move it to a room of FLOORS in test/tidy.test.ts, or give its room a floor there`,
      ),
    ).toEqual([]);
  });

  it('a file imports its own room or a lower floor', () => {
    expect(sources.flatMap(({ path, code }) => importsOf(path, code).flatMap((one) => wrongImport(path, one)))).toEqual(
      [],
    );
  });

  it('each effect has one door', () => {
    const wrong = sources.flatMap(({ path, code }) =>
      DOORS.filter((door) => door.pattern.test(code) && !door.only.test(path)).map(
        (door) => `${path}: ${door.what} is not for this file; ${door.instead}`,
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('files are short', () => {
    const long = (paths: readonly string[], most: number): string[] =>
      paths
        .map((path) => ({ path, lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
        .filter(({ lines }) => lines > most)
        .map(({ path, lines }) => `${path}: ${lines} lines, at most ${most}; split it by noun`);
    expect([...long(filesUnder('src'), LINES_MAX), ...long(filesUnder('test'), TEST_LINES_MAX)]).toEqual([]);
  });

  it('rooms are small', () => {
    const rooms = new Map<string, number>();
    for (const { path } of sources) rooms.set(dirname(path), (rooms.get(dirname(path)) ?? 0) + 1);
    // The commands themselves are one file each by design, as many as there are commands.
    const full = [...rooms].filter(([room, files]) => files > ROOM_FILES_MAX && room !== 'commands');
    expect(full.map(([room, files]) => `${room}: ${files} files, at most ${ROOM_FILES_MAX}; it is two rooms`)).toEqual(
      [],
    );
  });
});

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

function wrongImport(path: string, { target, typeOnly }: Import): string[] {
  const [from, to] = [floorOf(path), floorOf(target)];
  if (from === undefined || to === undefined) return [];
  if (from.room === to.room || areFamily(from.room, to.room)) return [];
  if (typeOnly && from.room === 'commands/ui' && VIEWS_MAY_NAME_TYPES_OF.test(target)) return [];
  if (SHELL.test(path) && to.floor > 3 && !SHELL.test(target)) {
    return [`${path} sees ${target}: state, brokers and feeds know ports, not the machine; pass it in`];
  }
  if (to.floor < from.floor) return [];
  const why = to.floor > from.floor ? 'looks up to' : 'is a stranger to';
  return [`${path} ${why} ${target}: move the noun down to core/model, or pass the function in as an argument`];
}

function areFamily(one: string, other: string): boolean {
  return [
    [one, other],
    [other, one],
  ].some(([child = '', parent]) => WITH_PARENT.test(child) && dirname(child) === parent);
}

function importsOf(path: string, code: string): Import[] {
  return [...code.matchAll(/(import|export)( type)?\b[^;']*?from '(\.[^']+)'|import\('(\.[^']+)'\)/g)].map((match) => ({
    target: normalize(join(dirname(path), match[3] ?? match[4] ?? '')).replace(/\.js$/, '.ts'),
    typeOnly: match[2] !== undefined,
  }));
}

/** The room a file stands in; a venue or vendor is a room of its own, and everything below it. */
function floorOf(path: string): { readonly room: string; readonly floor: number } | undefined {
  const own = FLOORS[path];
  if (own !== undefined) return { room: path, floor: own };
  const leaf = /^(brokers|feeds|alerts)\/[^/]+(?=\/)/.exec(path);
  if (leaf !== null) return { room: leaf[0], floor: FLOORS[leaf[0]] ?? FLOORS[`${leaf[1]}/*`] ?? Number.NaN };
  const floor = FLOORS[dirname(path)];
  return floor === undefined ? undefined : { room: dirname(path), floor };
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .sort();
}

/** Words in comments import and call nothing. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}
