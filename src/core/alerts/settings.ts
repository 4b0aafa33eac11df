import { type AlertKind, CHANNEL_NAMES, type ChannelName, type Severity } from './kinds.js';

/** Who is told of what, when and how often; times in ms. */
export interface AlertSettings {
  /** Channels by kind, else by severity; a key that is absent means every channel that has its keys, see `routeOf`. */
  readonly routes: Readonly<Partial<Record<Severity | AlertKind, readonly ChannelName[]>>>;
  /** Where a message goes whose channel failed: the first of these that was not tried. */
  readonly fallback: readonly ChannelName[];
  /** Minutes of the day at which quiet begins and ends; null: never quiet. What is not critical waits. */
  readonly quietHours: { readonly from: number; readonly to: number } | null;
  /** IANA name of the zone in which quiet hours are meant. */
  readonly timeZone: string;
  /** The same news is told once in this time. */
  readonly repeatAfterMs: number;
  /** Alerts of severity info that follow one another within this time come together. */
  readonly digestMs: number;
  /** Messages a channel at most, critical ones not counted. */
  readonly maxPerHour: number;
  /** A limit is near at this share of it, bps. */
  readonly nearBps: number;
  readonly escalation: {
    /** Critical alerts that nobody acknowledged are told again after this; 0: never. */
    readonly everyMs: number;
    readonly times: number;
    readonly channels: readonly ChannelName[];
  };
  /** The outside watcher hears of us this often. */
  readonly heartbeatMs: number;
  /** Minute of the day, New York, of the daily summary; null: none. */
  readonly summaryMinute: number | null;
  /** Keys that this home has known for longer are old, ms. */
  readonly keyAgeMs: number;
  /** Less room than this where the home is, is little, GiB. */
  readonly diskFreeGib: number;
  /** A critical alert rings the terminal's bell. */
  readonly bell: boolean;
}

/** Channels that cost money or wake people: only for what is critical. */
const DEAR: ReadonlySet<ChannelName> = new Set(['sms', 'voice']);

/** What people get who set nothing. */
export function defaultAlertSettings(): AlertSettings {
  return {
    routes: {},
    fallback: ['email', 'slack', 'discord', 'telegram', 'webhook', 'sms', 'voice', 'console'],
    quietHours: null,
    timeZone: 'America/New_York',
    repeatAfterMs: 15 * 60_000,
    digestMs: 60_000,
    maxPerHour: 60,
    nearBps: 8_000,
    escalation: { everyMs: 10 * 60_000, times: 6, channels: ['sms', 'voice'] },
    heartbeatMs: 60_000,
    summaryMinute: 17 * 60 + 5,
    keyAgeMs: 90 * 24 * 3_600_000,
    diskFreeGib: 1,
    bell: true,
  };
}

/**
 * The channels of one kind of alert, of those that are open. Without a route of its own everything goes to every open
 * channel; text messages only from critical on, calls only by escalation, the watcher only when a session has crashed, the
 * terminal from warning on.
 */
export function routeOf(
  settings: AlertSettings,
  { kind, severity }: { readonly kind: AlertKind; readonly severity: Severity },
  open: ReadonlySet<ChannelName>,
): readonly ChannelName[] {
  const { routes } = settings;
  const chosen = routes[kind] ?? routes[severity];
  if (chosen !== undefined) return chosen.filter((name) => open.has(name));
  return CHANNEL_NAMES.filter((name) => {
    if (!open.has(name) || name === 'voice') return false;
    if (name === 'ping') return kind === 'crashed';
    // The session's own lines say the rest.
    if (name === 'console') return severity !== 'info';
    return severity === 'critical' || !DEAR.has(name);
  });
}

/** Where what nobody acknowledged goes: the channels of escalation that are open, else those of the alert itself. */
export function escalationRoute(
  settings: AlertSettings,
  alert: { readonly kind: AlertKind; readonly severity: Severity },
  open: ReadonlySet<ChannelName>,
): readonly ChannelName[] {
  const chosen = settings.escalation.channels.filter((name) => open.has(name));
  return chosen.length > 0 ? chosen : routeOf(settings, alert, open);
}
