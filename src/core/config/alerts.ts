import { z } from 'zod';
import { ALERT_KINDS, CHANNEL_NAMES, type ChannelName, SEVERITIES } from '../alerts/kinds.js';
import { isTimeZone, parseMinute, parseQuietHours } from '../alerts/quiet.js';
import { type AlertSettings, defaultAlertSettings } from '../alerts/settings.js';
import { formatDuration, parseDuration } from './duration.js';

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'a duration such as 30s, 15m or 1h' });
const isChannel = (name: string): name is ChannelName => CHANNEL_NAMES.some((one) => one === name);
const channels = z
  .array(z.string())
  .max(CHANNEL_NAMES.length)
  .refine((names) => names.every(isChannel), { error: `a list of channels: ${CHANNEL_NAMES.join(', ')}` });
const routeKeys = z.enum([...SEVERITIES, ...ALERT_KINDS]);

/** `alerts.*` as people write it. */
export const alertsSchema = z.strictObject({
  routes: z.partialRecord(routeKeys, channels).optional(),
  fallback: channels.optional(),
  quietHours: z
    .nullable(
      z
        .string()
        .refine((text) => parseQuietHours(text) !== undefined, { error: 'two times of day such as 22:00-07:00' }),
    )
    .optional(),
  timeZone: z.string().refine(isTimeZone, { error: 'a time zone such as America/New_York' }).optional(),
  repeatAfter: duration.optional(),
  digest: duration.optional(),
  maxPerHour: z.int().min(1).max(3_600).optional(),
  nearBps: z.int().min(1).max(10_000).optional(),
  escalation: z
    .strictObject({
      every: duration.optional(),
      times: z.int().min(0).max(100).optional(),
      channels: channels.optional(),
    })
    .optional(),
  heartbeat: duration.optional(),
  summary: z
    .nullable(
      z.string().refine((text) => parseMinute(text) !== undefined, { error: 'a time of day such as 17:05, New York' }),
    )
    .optional(),
  keyAge: duration.optional(),
  diskFree: z.number().min(0).max(1_000_000).optional(),
  bell: z.boolean().optional(),
});

type RawAlerts = z.infer<typeof alertsSchema>;

/** The defaults of `alerts.*` as a person would write them. */
export function rawAlerts(): RawAlerts {
  const {
    fallback,
    timeZone,
    repeatAfterMs,
    digestMs,
    maxPerHour,
    nearBps,
    escalation,
    heartbeatMs,
    summaryMinute,
    keyAgeMs,
    diskFreeGib,
    bell,
  } = defaultAlertSettings();
  return {
    fallback: [...fallback],
    quietHours: null,
    timeZone,
    repeatAfter: formatDuration(repeatAfterMs),
    digest: formatDuration(digestMs),
    maxPerHour,
    nearBps,
    escalation: {
      every: formatDuration(escalation.everyMs),
      times: escalation.times,
      channels: [...escalation.channels],
    },
    heartbeat: formatDuration(heartbeatMs),
    summary: summaryMinute === null ? null : minuteText(summaryMinute),
    keyAge: formatDuration(keyAgeMs),
    diskFree: diskFreeGib,
    bell,
  };
}

/** `alerts.*` in the program's own units. `raw` was checked. */
export function toAlertSettings(raw: RawAlerts): AlertSettings {
  const base = defaultAlertSettings();
  const ms = (text: string | undefined, other: number): number => parseDuration(text ?? '') ?? other;
  const quiet = raw.quietHours ?? null;
  const summary = raw.summary === undefined ? base.summaryMinute : raw.summary;
  const routes = Object.entries(raw.routes ?? {}).map(([key, names]) => [key, named(names) ?? []]);
  return {
    routes: Object.fromEntries(routes) as AlertSettings['routes'],
    fallback: named(raw.fallback) ?? base.fallback,
    quietHours: quiet === null ? null : (parseQuietHours(quiet) ?? null),
    timeZone: raw.timeZone ?? base.timeZone,
    repeatAfterMs: ms(raw.repeatAfter, base.repeatAfterMs),
    digestMs: ms(raw.digest, base.digestMs),
    maxPerHour: raw.maxPerHour ?? base.maxPerHour,
    nearBps: raw.nearBps ?? base.nearBps,
    escalation: {
      everyMs: ms(raw.escalation?.every, base.escalation.everyMs),
      times: raw.escalation?.times ?? base.escalation.times,
      channels: named(raw.escalation?.channels) ?? base.escalation.channels,
    },
    heartbeatMs: ms(raw.heartbeat, base.heartbeatMs),
    summaryMinute: typeof summary === 'string' ? (parseMinute(summary) ?? null) : summary,
    keyAgeMs: ms(raw.keyAge, base.keyAgeMs),
    diskFreeGib: raw.diskFree ?? base.diskFreeGib,
    bell: raw.bell ?? base.bell,
  };
}

function named(names: readonly string[] | undefined): readonly ChannelName[] | undefined {
  return names === undefined ? undefined : [...new Set(names.filter(isChannel))];
}

function minuteText(minute: number): string {
  const digits = (value: number): string => String(value).padStart(2, '0');
  return `${digits(Math.floor(minute / 60))}:${digits(minute % 60)}`;
}
