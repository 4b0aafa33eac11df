import { dirname } from 'node:path';
import { factsOf } from '../../core/alerts/kinds.js';
import { defaultAlertSettings } from '../../core/alerts/settings.js';
import { FxError } from '../../core/base/errors.js';
import { keysOf, requirePrivate } from '../../core/config/secrets.js';
import { readDotEnv } from '../../core/config/sources.js';
import { daysText, keyAges } from '../../core/state/alerts/key-ages.js';
import { type Bench, type Check, type Finding, fail, lengthText, pass, type Subject, warn } from './subject.js';

const NODE_MAJOR = 20;
const GIB = 1024 ** 3;
/** An hour of a live session with its journals and logs fits into it; a day into what `alerts.diskFree` says unless it is set. */
const DISK_FAIL = 0.1 * GIB;
const SKEW_WARN_MS = 2_000;
const SKEW_FAIL_MS = 30_000;

/** What holds for this machine, whoever is traded with. `origins` are all hosts that somebody asks for the time. */
export function environmentSubjects(parts: {
  readonly nodeVersion: string;
  loadSettings(): Promise<unknown>;
  /** Throws for keys that must not be used as they stand. */
  loadKeys(): unknown;
  readonly origins: readonly string[];
}): readonly Subject[] {
  const subject = (name: string, ...checks: readonly Check[]): Subject => ({
    name,
    group: 'environment',
    origins: [],
    checks,
  });
  return [
    subject('node', { name: 'version', run: async () => nodeFinding(parts.nodeVersion) }),
    subject(
      'home',
      { name: 'folder', run: async (bench) => homeFinding(bench) },
      { name: 'disk', run: async (bench) => diskFinding(bench) },
    ),
    subject(
      'env',
      { name: 'working-folder', run: async ({ cwd }) => envFinding(cwd) },
      { name: 'home', run: async ({ home, cwd }) => (home === cwd ? undefined : envFinding(home)) },
      {
        name: 'keys',
        async run({ secrets }) {
          parts.loadKeys();
          const { length } = secrets.names();
          return pass(length === 0 ? 'no key is set' : `${length} names are set`);
        },
      },
      { name: 'key-age', run: async (bench) => keyAgeFinding(bench) },
    ),
    subject('settings', {
      name: 'config',
      async run() {
        await parts.loadSettings();
        return pass('understood');
      },
    }),
    subject('clock', { name: 'skew', run: (bench) => clockFinding(bench, parts.origins) }),
  ];
}

function nodeFinding(version: string): Finding {
  const major = Number(version.split('.')[0]);
  if (major >= NODE_MAJOR) return pass(`Node ${version}`);
  return fail(
    `Node ${version} is too old, ${NODE_MAJOR} is the oldest`,
    'install Node 20 or later: https://nodejs.org',
  );
}

function homeFinding({ home, homeState }: Bench): Finding {
  const { there, mode, refusal } = homeState;
  if (refusal !== undefined) {
    const who = there ? home : dirname(home);
    return fail(
      `${home} cannot be written: ${refusal}`,
      `give yourself the right to write ${who}, or choose another folder: --home DIR or FXTRADE_HOME`,
    );
  }
  if (!there) return warn(`${home} is not there yet`, 'make it: fxtrade init');
  const open = process.platform !== 'win32' && mode !== undefined && (mode & 0o077) !== 0;
  const bits = (mode ?? 0).toString(8).padStart(4, '0');
  if (open) return warn(`${home} has mode ${bits}: others can look into it`, `run: chmod 700 ${home}`);
  return pass(`${home}, mode ${bits}, can be written`);
}

function diskFinding({ homeState, home, settings }: Bench): Finding {
  const free = homeState.freeBytes;
  if (free === undefined) return warn('the system does not say how much room is left', `look yourself: df -h ${home}`);
  const detail = `${(free / GIB).toFixed(1)} GiB free`;
  const next = `make room on the disk of ${home}, or choose another folder: --home DIR`;
  if (free < DISK_FAIL) return fail(detail, next);
  const { diskFreeGib } = settings?.alerts ?? defaultAlertSettings();
  return free < diskFreeGib * GIB ? warn(detail, next) : pass(detail);
}

/** A missing `.env` is nothing bad: keys may stand in the environment. */
function envFinding(folder: string): Finding {
  const file = readDotEnv(folder);
  if (file === undefined) return pass(`no .env in ${folder}`);
  requirePrivate(file);
  return pass(`${file.path}, mode ${file.mode.toString(8).padStart(4, '0')}`);
}

/** How long sessions have known the keys: what none has used yet has no age. */
function keyAgeFinding({ secrets, home, clock, settings }: Bench): Finding | undefined {
  const keys = keysOf(secrets);
  if (keys.length === 0) return undefined;
  const { keyAgeMs } = settings?.alerts ?? defaultAlertSettings();
  const { ages, damaged } = keyAges(home, keys, clock.now());
  const again = 'nothing: ages count again from the next session';
  if (damaged !== undefined) return warn(`${damaged} cannot be read: no age of a key is known`, again);
  const [oldest] = [...ages].sort((a, b) => b.ageMs - a.ageMs);
  if (oldest === undefined) return pass('no session of this home has used these keys yet');
  const old = ages.filter(({ ageMs }) => ageMs >= keyAgeMs);
  if (old.length > 0) {
    const detail = old.map(({ name, ageMs }) => `${name} ${daysText(ageMs)}`).join(', ');
    return warn(`in use for longer than ${daysText(keyAgeMs)}: ${detail}`, factsOf('key-age').next);
  }
  return pass(`the oldest is ${oldest.name}, in use here for ${daysText(oldest.ageMs)}`);
}

/** The clock against those of all servers that answer: one of them alone may be wrong. */
async function clockFinding({ reach }: Bench, origins: readonly string[]): Promise<Finding> {
  const asked = await Promise.all(origins.map((origin) => reach(origin).catch(notReached)));
  const offsets = asked.flatMap((one) => one?.offsetMs ?? []).sort((a, b) => a - b);
  const median = offsets[Math.floor(offsets.length / 2)];
  if (median === undefined) return warn('not measured: no server said its time', 'check the network');
  const near = lengthText(Math.abs(median));
  const detail = `${near} ${median < 0 ? 'ahead of' : 'behind'} the clocks of ${offsets.length} server(s)`;
  const next = 'set the clock of this machine: timedatectl set-ntp true';
  if (Math.abs(median) > SKEW_FAIL_MS) return fail(detail, next);
  return Math.abs(median) > SKEW_WARN_MS ? warn(detail, next) : pass(detail);
}

function notReached(error: unknown): undefined {
  if (error instanceof FxError) return undefined;
  throw error;
}
