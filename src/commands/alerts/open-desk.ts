import { AlertDesk } from '../../alerts/desk.js';
import { channelFacts, type OpenChannels, openChannels } from '../../alerts/registry.js';
import type { Alert } from '../../core/alerts/alert.js';
import type { ChannelName } from '../../core/alerts/kinds.js';
import { AlertPlanner } from '../../core/alerts/planner.js';
import type { AlertSettings } from '../../core/alerts/settings.js';
import { loadSecrets, redact, type Secrets } from '../../core/config/secrets.js';
import type { EpochMs } from '../../core/model/ids.js';
import { systemStopwatch } from '../../core/ports/clock.js';
import { wait } from '../../core/ports/wait.js';
import { readAck } from '../../core/state/alerts/ack-file.js';
import { AlertLog } from '../../core/state/alerts/alert-log.js';
import { randomBits } from '../../core/state/random-bits.js';
import { redacted } from '../../wire/redact.js';
import type { CommandContext } from '../runtime/command.js';

/** A desk with the channels of this environment. */
export interface OpenDesk {
  readonly desk: AlertDesk;
  readonly planner: AlertPlanner;
  readonly log: AlertLog;
  readonly channels: OpenChannels;
}

/** How a desk is opened. */
export interface DeskOptions {
  readonly settings: AlertSettings;
  /** Lines for the person at the terminal. */
  readonly withConsole: boolean;
  tick?(now: EpochMs): readonly Alert[];
}

/** Opens what has its keys. Trouble with a channel is talk, never an error: a session goes on without. */
export async function openDesk(ctx: CommandContext, options: DeskOptions): Promise<OpenDesk> {
  const { home, clock, terminal } = ctx;
  const secrets = loadSecrets(ctx);
  const { bell } = options.settings;
  const rings = bell && terminal.isTTY && !ctx.json;
  const console = {
    line: (text: string) => terminal.err(text),
    ...(rings ? { bell: () => terminal.write('\u0007') } : {}),
  };
  const session = Buffer.from(randomBits()).toString('hex');
  const channels = await openChannels({ secrets, clock, session, ...(options.withConsole ? { console } : {}) });
  for (const { channel, why } of channels.trouble) ctx.warn(`alerts by ${channel} are off: ${why}`);
  const log = new AlertLog(home);
  const planner = new AlertPlanner(options.settings, [...channels.channels.keys()]);
  const desk = new AlertDesk({
    planner,
    channels: channels.channels,
    watcher: channels.watcher,
    heartbeatMs: options.settings.heartbeatMs,
    clock,
    stopwatch: systemStopwatch(),
    wait,
    redact: (text) => redacted(redact(text, secrets)),
    keep: (records) => log.append(records),
    acknowledgedAt: () => {
      const ack = readAck(home);
      return ack === undefined ? undefined : Date.parse(ack.time);
    },
    ...(options.tick === undefined ? {} : { tick: options.tick }),
  });
  return { desk, planner, log, channels };
}

/** Channels that have their keys, the terminal not counted: whether there is anybody far away to tell. */
export function reachable(secrets: Pick<Secrets, 'names'>): readonly ChannelName[] {
  const there = new Set(secrets.names());
  return channelFacts()
    .filter(({ name, needs }) => name !== 'console' && needs.every((need) => there.has(need)))
    .map(({ name }) => name);
}
