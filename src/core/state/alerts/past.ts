import type { Alert } from '../../alerts/alert.js';
import { ALERT_KINDS, SEVERITIES } from '../../alerts/kinds.js';
import type { EpochMs } from '../../model/ids.js';
import type { AlertRecord } from './alert-log.js';

/** What earlier sessions left behind, as the log tells it. */
export interface AlertPast {
  /** Never reached anybody, and should: critical ones whose session died, and what waited for the end of quiet hours. */
  readonly undelivered: readonly Alert[];
  /** Reached somebody, oldest first. */
  readonly told: readonly Alert[];
  /** Critical ones that nobody acknowledged. */
  readonly unacknowledged: readonly Alert[];
}

const KEPT_MS = 24 * 3_600_000;

/** Reads the log; `acknowledgedAt` is when a person last said that everything was seen. Older than a day is history. */
export function alertPast(records: readonly AlertRecord[], acknowledgedAt: EpochMs, now: EpochMs): AlertPast {
  const through = idsOf(records, ['sent', 'lost']);
  const held = idsOf(records, ['held']);
  const alerts = new Map<string, Alert>();
  for (const record of records) {
    const alert = record.type === 'alert' ? alertIn(record) : undefined;
    if (alert !== undefined && now - alert.ts < KEPT_MS) alerts.set(alert.id, alert);
  }
  const open = (alert: Alert): boolean => alert.severity === 'critical' && alert.ts > acknowledgedAt;
  const all = [...alerts.values()];
  return {
    undelivered: all.filter((alert) => !through.has(alert.id) && (open(alert) || held.has(alert.id))),
    told: all.filter(({ id }) => through.has(id)),
    unacknowledged: all.filter(open),
  };
}

/** The last record of a type that a source wrote. */
export function lastOf(records: readonly AlertRecord[], type: string, source: string): AlertRecord | undefined {
  return records.findLast((record) => record.type === type && record['source'] === source);
}

/** True when the last session of a source began and never said that it ended. */
export function diedSilently(records: readonly AlertRecord[], source: string): boolean {
  const last = records.findLast(
    (record) => (record.type === 'began' || record.type === 'ended') && record['source'] === source,
  );
  return last?.type === 'began';
}

/** Ids of the alerts that lines of these types name. */
function idsOf(records: readonly AlertRecord[], types: readonly string[]): ReadonlySet<unknown> {
  return new Set(
    records.flatMap(({ type, alerts }) => (types.includes(type) && Array.isArray(alerts) ? (alerts as unknown[]) : [])),
  );
}

function alertIn(record: AlertRecord): Alert | undefined {
  const { id, kind, severity, subject, source, text, next } = record;
  const ts = Date.parse(record.time);
  const known = ALERT_KINDS.find((one) => one === kind);
  const grave = SEVERITIES.find((one) => one === severity);
  if (Number.isNaN(ts) || known === undefined || grave === undefined) return undefined;
  const texts = [id, subject, source, text, next].map((one) => (typeof one === 'string' ? one : ''));
  const [idText = '', about = '', from = '', said = '', then = ''] = texts;
  return { id: idText, ts, kind: known, severity: grave, subject: about, source: from, text: said, next: then };
}
