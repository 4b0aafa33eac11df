import type { EpochMs } from '../../core/model/ids.js';

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
/** Zones by name, hours from UTC, as RFC 822 gives them. */
const ZONES: Readonly<Record<string, number>> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

const RFC_822 =
  /^(?:[a-z]{3,9},?\s+)?(\d{1,2})\s+([a-z]{3})[a-z]*\s+(\d{4}|\d{2})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([a-z]{1,3}|[+-]\d{4})$/i;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}t\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(z|[+-]\d{2}:\d{2})$/i;

/**
 * A time of RSS (`Wed, 31 Jan 2024 13:30:00 GMT`) or Atom (`2024-01-31T13:30:00Z`). Undefined for what is no such time, and
 * for one without its zone: it would be another moment on every machine.
 */
export function feedTime(text: string): EpochMs | undefined {
  const trimmed = text.trim().slice(0, 60);
  if (RFC_3339.test(trimmed)) return finite(Date.parse(trimmed.toUpperCase()));
  const match = RFC_822.exec(trimmed);
  if (match === null) return undefined;
  const [, day, name = '', year = '', hour, minute, second = '0', zone = ''] = match;
  const month = MONTHS.indexOf(name.toLowerCase());
  const offsetMs = offsetOf(zone.toLowerCase());
  if (month < 0 || offsetMs === undefined) return undefined;
  const full = year.length === 2 ? 2000 + Number(year) : Number(year);
  const parts = [Number(day), Number(hour), Number(minute), Number(second)] as const;
  const ts = Date.UTC(full, month, ...parts);
  const written = new Date(ts);
  const asWritten = written.getUTCDate() === parts[0] && written.getUTCHours() === parts[1] && parts[2] < 60;
  return asWritten ? finite(ts - offsetMs) : undefined;
}

function offsetOf(zone: string): number | undefined {
  const named = ZONES[zone];
  if (named !== undefined) return named * 3_600_000;
  const match = /^([+-])(\d{2})(\d{2})$/.exec(zone);
  if (match === null) return undefined;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
}

const finite = (ts: number): number | undefined => (Number.isFinite(ts) ? ts : undefined);
