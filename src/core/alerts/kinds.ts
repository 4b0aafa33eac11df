/** How much an alert matters: `info` may wait for a digest, `warning` wants a look today, `critical` wants a person now. */
export type Severity = 'info' | 'warning' | 'critical';

/** All severities, mildest first. */
export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];

/** Everything that a message can be sent with. `ping` is the outside watcher: it hears that we live, and that we died. */
export const CHANNEL_NAMES = [
  'console',
  'email',
  'slack',
  'discord',
  'telegram',
  'sms',
  'voice',
  'webhook',
  'ping',
] as const;

/** One of `CHANNEL_NAMES`. */
export type ChannelName = (typeof CHANNEL_NAMES)[number];

interface KindFacts {
  readonly severity: Severity;
  /** What happened, in two or three words. */
  readonly title: string;
  /** The command to run next; `{book}` is put in. */
  readonly next: string;
  /** The kind that ends this state: when it comes, the next outage is news again. */
  readonly endedBy?: string;
}

const STATUS = 'fxtrade status';
const AUDIT = 'fxtrade audit verify{book}';

/** Everything that people are told of: one row a kind. The only place where a kind gets its severity. */
export const KINDS = {
  'trade-executed': { severity: 'info', title: 'Trade executed', next: STATUS },
  'position-opened': { severity: 'info', title: 'Position opened', next: STATUS },
  'position-closed': { severity: 'info', title: 'Position closed', next: STATUS },
  'stop-hit': { severity: 'warning', title: 'Stop hit', next: STATUS },
  'limit-near': { severity: 'warning', title: 'Limit near', next: STATUS },
  'limit-breached': { severity: 'warning', title: 'Limit reached', next: STATUS },
  'order-refused': { severity: 'info', title: 'Order refused', next: STATUS },
  'daily-loss': { severity: 'warning', title: 'Daily loss limit', next: STATUS },
  drawdown: { severity: 'critical', title: 'Drawdown limit', next: STATUS },
  'margin-call': { severity: 'critical', title: 'Margin call', next: STATUS },
  halt: { severity: 'critical', title: 'Halted', next: 'fxtrade resume --reason TEXT' },
  resume: { severity: 'info', title: 'Resumed', next: STATUS },
  'close-all': { severity: 'critical', title: 'Close all', next: STATUS },
  'approval-wanted': { severity: 'warning', title: 'Approval wanted', next: 'fxtrade approve' },
  'approval-expired': { severity: 'warning', title: 'Approval expired', next: STATUS },
  'feed-stale': { severity: 'warning', title: 'Feed stale', next: STATUS, endedBy: 'feed-back' },
  'feed-back': { severity: 'info', title: 'Feed back', next: STATUS, endedBy: 'feed-stale' },
  'broker-down': { severity: 'critical', title: 'Broker down', next: STATUS, endedBy: 'broker-back' },
  'broker-back': { severity: 'info', title: 'Broker back', next: STATUS, endedBy: 'broker-down' },
  'execution-failed': { severity: 'warning', title: 'Execution failed', next: STATUS },
  'order-unresolved': { severity: 'critical', title: 'Order unresolved', next: STATUS },
  'reconcile-break': { severity: 'critical', title: 'Book and account differ', next: 'fxtrade resume --reason TEXT' },
  unprotected: { severity: 'critical', title: 'Position without a stop', next: STATUS },
  'profit-target': { severity: 'info', title: 'Profit target', next: STATUS },
  'stale-loser': { severity: 'info', title: 'Stale loser', next: STATUS },
  'bars-missed': { severity: 'warning', title: 'Bars missed', next: STATUS },
  started: { severity: 'info', title: 'Session started', next: STATUS },
  stopped: { severity: 'info', title: 'Session stopped', next: STATUS },
  crashed: { severity: 'critical', title: 'Session crashed', next: AUDIT },
  'key-age': {
    severity: 'warning',
    title: 'Old key',
    next: 'renew the key at the vendor, then put the new one into .env',
  },
  'disk-low': { severity: 'warning', title: 'Disk almost full', next: 'free some space where the home is' },
  'channel-failed': {
    severity: 'warning',
    title: 'Alert channel failed',
    next: 'check the key of the channel in .env',
  },
  'daily-summary': { severity: 'info', title: 'Daily summary', next: 'fxtrade report' },
  note: { severity: 'info', title: 'Note', next: STATUS },
  test: { severity: 'info', title: 'Test message', next: 'nothing: this is a test' },
} as const satisfies Readonly<Record<string, KindFacts>>;

/** One of the keys of `KINDS`. */
export type AlertKind = keyof typeof KINDS;

/** Every kind, in the order of the table. */
export const ALERT_KINDS = Object.keys(KINDS) as readonly AlertKind[];

/** The row of a kind. */
export function factsOf(kind: AlertKind): KindFacts {
  return KINDS[kind];
}
