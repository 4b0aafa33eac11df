import { FxError } from '../core/base/errors.js';
import type { RunRecord } from '../core/model/run-record.js';
import type { VenueAccount } from '../core/ports/venue.js';
import { worldOf } from './backtest.js';
import { type CommandContext, defineCommand, listFlag, switchFlag, textFlag } from './runtime/command.js';
import { brokerName, openVenueWithKeys } from './runtime/venues.js';
import { runRequest } from './session/inputs/request.js';
import { eventLine } from './ui/event-line.js';

/** The `data` of the last line: the record, and where it traded. */
export type LiveAnswer = RunRecord & {
  readonly broker: string;
  readonly account: string;
  readonly environment: 'practice' | 'money';
  readonly shadow: boolean;
  readonly decided: boolean;
  readonly missed: number;
};

/** Lines of the pre-flight list that a person may take on himself. */
const OVERRIDABLE = ['limits'];

export const command = defineCommand<LiveAnswer>({
  async run(ctx) {
    const request = runRequest(ctx, 'live');
    const overrides = overridesOf(ctx);
    const world = worldOf(ctx);
    const broker = await brokerName(textFlag(ctx, 'broker'), world);
    const account = await agreed(ctx, broker);
    const { settings } = await ctx.settings();
    const { doJob } = await import('./session/threads/pool.js');
    const { parseDuration } = await import('../core/config/duration.js');
    const { sessionStream } = await import('./session/threads/session-stream.js');
    const duration = textFlag(ctx, 'duration');
    const shadow = switchFlag(ctx, 'shadow');
    const job = {
      kind: 'live',
      request,
      broker,
      account: account.id,
      book: textFlag(ctx, 'book'),
      shadow,
      overrides,
      durationMs: duration === undefined ? undefined : parseDuration(duration),
      once: switchFlag(ctx, 'once'),
    } as const;
    const { sessionAlerts } = await import('./alerts/session-alerts.js');
    const { once, book = account.id } = job;
    const isWatched = switchFlag(ctx, 'watch');
    const alerts = await sessionAlerts(ctx, { mode: 'live', book, strategy: request.strategy, once, isWatched });
    const stream = await sessionStream(ctx, alerts);
    const { timeoutMs } = settings.strategy;
    const result = await alerts.around(() => doJob(job, world, stream.listener, timeoutMs).finally(() => stream.end()));
    if (result.kind !== 'live') throw new Error('a live job answers with a live result');
    const { record, environment, decided, missed } = result;
    return {
      data: { ...record, broker, account: account.id, environment, shadow, decided, missed },
      reasons: record.reasons,
    };
  },
  event(kind, fields, terminal) {
    const { time, ...rest } = fields;
    terminal.out(`${String(time ?? '')} ${kind} ${eventLine(kind, rest)}`.trim());
  },
  async view(data, terminal, ctx) {
    const { drawRun } = await import('./ui/run-view.js');
    terminal.out(
      `${data.broker} ${data.account} (${data.environment})${data.shadow ? ', shadow: nothing was sent' : ''}`,
    );
    drawRun(data, terminal, { env: ctx.env });
  },
});

/** The account that a person agreed to trade in: by its id, typed or given. */
async function agreed(ctx: CommandContext, broker: string): Promise<VenueAccount> {
  const venue = await openVenueWithKeys(broker, { home: ctx.home, cwd: ctx.cwd, env: ctx.env }, ctx.clock);
  try {
    const account = await venue.account();
    requirePractice(account, broker);
    const given = textFlag(ctx, 'confirm');
    if (given !== undefined && given !== account.id) {
      throw new FxError('USAGE.WRONG_ACCOUNT', {
        message: `--confirm is ${JSON.stringify(given)}, the account at ${broker} is ${account.id}`,
        next: `check which account the environment names, then write --confirm ${account.id}`,
        facts: { given, account: account.id },
      });
    }
    if (given === undefined) await ask(ctx, account, broker);
    return account;
  } finally {
    venue.close();
  }
}

async function ask(ctx: CommandContext, { id, environment, currency, equity }: VenueAccount, broker: string) {
  const { typedConsent } = await import('./ui/prompt.js');
  const asking = { terminal: ctx.terminal, signal: ctx.signal, flag: `--confirm ${id}` };
  const stake = environment === 'practice' ? 'practice money' : 'REAL money';
  await typedConsent(
    asking,
    `Orders will go to ${broker}, account ${id}: ${equity.toFixed(2)} ${currency} of ${stake}.`,
    id,
  );
}

/** Real money needs the evidence that a checklist gathers; without one nobody has it. */
function requirePractice({ environment, id }: VenueAccount, broker: string): void {
  if (environment === 'practice') return;
  throw new FxError('GATE.NO_EVIDENCE', {
    message: `account ${id} at ${broker} holds money, and there is no evidence yet that this strategy may trade it`,
    next: 'trade a practice account first; real accounts open with the go-live checklist of a later version',
    facts: { account: id, broker },
  });
}

function overridesOf(ctx: CommandContext): readonly { readonly line: string; readonly reason: string }[] {
  const lines = listFlag(ctx, 'override');
  if (lines.length === 0) return [];
  const reason = textFlag(ctx, 'reason')?.trim() ?? '';
  if (reason === '') {
    throw new FxError('USAGE.MISSING_REASON', {
      message: '--override needs a reason',
      next: 'give --reason TEXT: it stands in the journal and in every report',
      facts: { flag: '--reason' },
    });
  }
  for (const line of lines) {
    if (OVERRIDABLE.includes(line)) continue;
    throw new FxError('USAGE.BAD_VALUE', {
      message: `--override ${line}: this line cannot be overridden`,
      next: `lines that can: ${OVERRIDABLE.join(', ')}`,
      facts: { line },
    });
  }
  return lines.map((line) => ({ line, reason }));
}
