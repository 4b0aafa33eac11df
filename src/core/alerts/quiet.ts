import type { EpochMs } from '../model/ids.js';
import type { AlertSettings } from './settings.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** `22:00-07:00` as minutes of the day; undefined when it is no such text, or when both ends are the same. */
export function parseQuietHours(text: string): { readonly from: number; readonly to: number } | undefined {
  const [from, to] = text.split('-').map(parseMinute);
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
}

/** `17:05` as the minute of the day; undefined when it is no time of day. */
export function parseMinute(text: string): number | undefined {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text.trim()) ?? [];
  return hour === undefined ? undefined : Number(hour) * 60 + Number(minute);
}

/** When a message that may not leave now may leave: `now` itself outside quiet hours, else their end, to the minute. */
export function quietUntil(settings: Pick<AlertSettings, 'quietHours' | 'timeZone'>, now: EpochMs): EpochMs {
  const { quietHours, timeZone } = settings;
  if (quietHours === null) return now;
  const minute = minuteOfDay(now, timeZone);
  const sinceFrom = (minute - quietHours.from + DAY_MINUTES) % DAY_MINUTES;
  const length = (quietHours.to - quietHours.from + DAY_MINUTES) % DAY_MINUTES;
  if (sinceFrom >= length) return now;
  return now - (now % MINUTE_MS) + (length - sinceFrom) * MINUTE_MS;
}

/** True for the name of a time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    return formatter(name) !== undefined;
  } catch {
    return false;
  }
}

function minuteOfDay(now: EpochMs, timeZone: string): number {
  const [hour = 0, minute = 0] = formatter(timeZone).format(now).split(':').map(Number);
  return hour * 60 + minute;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than using it a thousand times. */
function formatter(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  formatters.set(timeZone, made);
  return made;
}
