import { openChannels } from '../../alerts/registry.js';
import { alertOf } from '../../core/alerts/alert.js';
import type { Channel, Outgoing, Receipt } from '../../core/alerts/channel.js';
import type { ChannelName } from '../../core/alerts/kinds.js';
import { routeOf } from '../../core/alerts/settings.js';
import { FxError } from '../../core/base/errors.js';
import { loadSecrets, redact } from '../../core/config/secrets.js';
import type { RunRecord } from '../../core/model/run-record.js';
import { wait } from '../../core/ports/wait.js';
import { METRICS, metricText } from '../../core/report/metric-rows.js';
import { randomBits } from '../../core/state/random-bits.js';
import type { CommandContext } from '../runtime/command.js';

/** Where a report went, and why it did not. */
export interface SentTo {
  readonly channel: ChannelName;
  readonly sent: boolean;
  readonly why?: string;
}

const ANSWER_MS = 15_000;
/** What a short message has room for. */
const SHORT = ['totalReturn', 'sharpe', 'maxDrawdown', 'winRate', 'profitFactor'] as const;
const NONE =
  'set SMTP_URL, EMAIL_FROM and EMAIL_TO, or the keys of another channel (docs/alerts.md); to try them: fxtrade test-feeds --only email --send';

/**
 * Sends a report to every channel that has its keys and gets infos (`alerts.routes.note`): by mail whole, as text and page,
 * elsewhere in a few words. Throws `CONFIG.NO_CHANNEL` where there is none.
 */
export async function sendReport(ctx: CommandContext, record: RunRecord): Promise<readonly SentTo[]> {
  const { settings } = await ctx.settings();
  const secrets = loadSecrets(ctx);
  const session = Buffer.from(randomBits()).toString('hex');
  const open = await openChannels({ secrets, clock: ctx.clock, session });
  try {
    for (const { channel, why } of open.trouble) ctx.warn(`${channel} is off: ${why}`);
    const names = routeOf(settings.alerts, { kind: 'note', severity: 'info' }, new Set(open.channels.keys()));
    const channels = names.flatMap((name) => open.channels.get(name) ?? []);
    if (channels.length === 0) {
      throw new FxError('CONFIG.NO_CHANNEL', {
        message: 'there is nobody to send the report to: no channel that gets infos has its keys',
        next: NONE,
        facts: { flag: '--send' },
      });
    }
    const { renderHtml } = await import('../../core/report/html.js');
    const page = renderHtml(record);
    return await Promise.all(
      channels.map((channel) =>
        sentBy(channel, messageOf(channel.name, record, page, ctx), (text) => redact(text, secrets)),
      ),
    );
  } finally {
    open.close();
  }
}

async function sentBy(channel: Channel, message: Outgoing, hide: (text: string) => string): Promise<SentTo> {
  const over = new AbortController();
  const slow = wait(ANSWER_MS, over.signal).then(
    (): Receipt => ({ kind: 'failed', why: 'it takes too long', permanent: false }),
  );
  try {
    const receipt = await Promise.race([channel.send(message, over.signal), slow]);
    if (receipt.kind === 'failed') return { channel: channel.name, sent: false, why: hide(receipt.why) };
    return { channel: channel.name, sent: true, ...(receipt.ref === undefined ? {} : { why: hide(receipt.ref) }) };
  } finally {
    over.abort();
  }
}

function messageOf(channel: ChannelName, record: RunRecord, page: string, { clock }: CommandContext): Outgoing {
  const at = clock.now();
  const { run, period } = record;
  const title = `${record.mode} ${run.strategy}, ${period.from.slice(0, 10)} to ${period.to.slice(0, 10)}`;
  const short = METRICS.filter(({ key }) => SHORT.some((one) => one === key)).map(
    (info) => `${info.title} ${metricText(info, record)}`,
  );
  const made = record.simulated ? ' (simulated prices)' : '';
  const text = `${title}${made}: ${short.join(', ')}`;
  const next = `fxtrade report ${run.id}`;
  return {
    id: `${channel}-report-${at}`,
    channel,
    alerts: [alertOf({ ts: at, kind: 'note', subject: run.id, source: 'report', text, next })],
    why: 'now',
    repeats: {},
    dropped: 0,
    urgent: false,
    at,
    letter: { subject: `[fxtrade] Report: ${title}`, text: plainReport(record, `${title}${made}`, next), html: page },
  };
}

/** Every number as text, for who reads mail without pages. */
function plainReport(record: RunRecord, title: string, next: string): string {
  const rows = METRICS.map((info) => `${info.title.padEnd(28)} ${metricText(info, record)}`);
  const { orders, fills, trades, refused } = record.counts;
  const counts = `${orders} orders, ${fills} fills, ${trades} trades, ${refused} refused`;
  return [title, '', ...rows, '', counts, ...record.warnings.map((text) => `! ${text}`), '', next].join('\n');
}
