import { FxError } from '../core/base/errors.js';
import { parseDuration } from '../core/config/duration.js';
import { loadSecrets, type Secrets } from '../core/config/secrets.js';
import { systemStopwatch } from '../core/ports/clock.js';
import { wait } from '../core/ports/wait.js';
import { checkHome } from '../core/state/home-check.js';
import { httpClient } from '../wire/http.js';
import { listStored } from './data/store.js';
import { brokerSubjects } from './probes/brokers.js';
import { channelSubjects } from './probes/channels.js';
import { environmentSubjects } from './probes/environment.js';
import { feedSubjects } from './probes/feeds.js';
import { localSubjects } from './probes/local.js';
import { reacher } from './probes/reach.js';
import { type ProbeResult, runSubjects } from './probes/run-subjects.js';
import { receivers, selected } from './probes/select.js';
import type { Status, Subject, Surroundings } from './probes/subject.js';
import type { TestFeedsAnswer } from './probes/view.js';
import { type CommandContext, defineCommand, listFlag, switchFlag, textFlag } from './runtime/command.js';

const TIMEOUT_MS = 10_000;
const TIMEOUT_MAX_MS = 600_000;
/** Longest page that a vendor answers a probe with, bytes. */
const BODY_CAP = 32 * 1024 * 1024;
/** Where something is asked, which opens nothing. */
const HOST = /_(BASE|STREAM)_URL$/;
/** A path under which no folder can be: what is read there is not there. */
const NOWHERE = '/dev/null/nothing';

/** Tests everything at the same time, changes nothing, trades nothing. */
export const command = defineCommand<TestFeedsAnswer>({
  async run(ctx) {
    const only = listFlag(ctx, 'only');
    const surroundings = await surroundingsOf(ctx, only);
    const subjects = subjectsOf(ctx, surroundings, only);
    const probes = await tested(ctx, subjects, surroundings);
    if (ctx.signal.aborted) throw ctx.signal.reason;
    const count = (status: Status): number => probes.filter((one) => one.status === status).length;
    const failed = count('fail');
    const { fresh, timeoutMs } = surroundings;
    const data = { probes, passed: count('pass'), warned: count('warn'), failed, fresh, timeoutMs };
    return { data, exit: failed === 0 ? 0 : 4 };
  },
  async view(data, terminal) {
    const { showProbes } = await import('./probes/view.js');
    showProbes(data, terminal);
  },
});

async function surroundingsOf(ctx: CommandContext, only: readonly string[]): Promise<Surroundings> {
  const { home, cwd, clock } = ctx;
  const homeState = checkHome(home);
  const secrets = readableSecrets(ctx);
  return {
    home,
    cwd,
    clock,
    stopwatch: systemStopwatch(),
    wait,
    secrets,
    settings: await settingsOf(ctx),
    homeState,
    stored: await storedIn(home),
    timeoutMs: timeoutOf(ctx),
    fresh: homeState.empty && secrets.names().every((name) => HOST.test(name)),
    sendTo: receivers(only, switchFlag(ctx, 'send')),
    named: new Set(only),
  };
}

function subjectsOf(ctx: CommandContext, surroundings: Surroundings, only: readonly string[]): readonly Subject[] {
  const outside = [...feedSubjects(surroundings), ...brokerSubjects(surroundings), ...channelSubjects()];
  const origins = [...new Set(outside.flatMap((one) => one.origins))];
  const nodeVersion = process.versions.node;
  const environment = environmentSubjects({
    nodeVersion,
    origins,
    loadSettings: () => ctx.settings(),
    loadKeys: () => loadSecrets(ctx),
  });
  return selected([...environment, ...outside, ...localSubjects()], only);
}

async function tested(
  ctx: CommandContext,
  subjects: readonly Subject[],
  surroundings: Surroundings,
): Promise<readonly ProbeResult[]> {
  const { clock, stopwatch, timeoutMs } = surroundings;
  const http = httpClient({ bodyCap: BODY_CAP, connections: 8 });
  const spinner = await ctx.terminal.spinner('testing');
  try {
    const reach = reacher({ http, clock, stopwatch, timeoutMs });
    return await runSubjects(subjects, {
      surroundings,
      http,
      reach,
      signal: ctx.signal,
      waitingFor: (names) =>
        spinner.update(`${subjects.length - names.length} of ${subjects.length}; waiting for ${names.join(', ')}`),
    });
  } finally {
    spinner.stop();
    http.close();
  }
}

function timeoutOf(ctx: CommandContext): number {
  const text = textFlag(ctx, 'timeout');
  const ms = text === undefined ? TIMEOUT_MS : (parseDuration(text) ?? 0);
  if (ms > 0 && ms <= TIMEOUT_MAX_MS) return ms;
  throw new FxError('USAGE.BAD_VALUE', {
    message: `--timeout is ${text}, must be more than 0 and at most 10m`,
    next: 'give --timeout 10s, for example',
    facts: { flag: '--timeout' },
  });
}

/** The keys of the environment alone where a `.env` cannot be used: a probe of its own says why. */
function readableSecrets(ctx: CommandContext): Secrets {
  try {
    return loadSecrets(ctx);
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return loadSecrets({ home: NOWHERE, cwd: NOWHERE, env: ctx.env });
  }
}

async function settingsOf(ctx: CommandContext): Promise<Surroundings['settings']> {
  try {
    return (await ctx.settings()).settings;
  } catch (error) {
    if (!(error instanceof FxError)) throw error;
    return undefined;
  }
}

async function storedIn(home: string): Promise<Surroundings['stored']> {
  try {
    return await listStored(home);
  } catch {
    // A home that cannot be read is told by its own probe.
    return [];
  }
}
