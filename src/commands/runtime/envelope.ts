import { jsonText } from '../../core/base/text.js';
import type { CommandResult } from './command.js';
import type { AnswerShape, Failure } from './run.js';

/** `{"ok":true,…}` on one line; `{"kind":"end",…}` for a command that streams. */
export function successLine(shape: AnswerShape, result: CommandResult<unknown>): string {
  const { value, reasons } = finite(result.data);
  const all = { ...reasons, ...result.reasons };
  const data = Object.keys(all).length > 0 ? withReasons(value, all) : value;
  return jsonLine({ ...head(shape, true), data });
}

export function failureLine(shape: AnswerShape, error: Omit<Failure, 'exit'>): string {
  return jsonLine({ ...head(shape, false), error });
}

/** One event of a stream; `kind` and `time` first. A `time` among the fields (the market's) wins over the clock's. */
export function eventLine(kind: string, time: string, fields: Readonly<Record<string, unknown>>): string {
  const { value, reasons } = finite(fields);
  const given = Object.keys(reasons).length > 0 ? withReasons(value, reasons) : value;
  return jsonLine({ kind, time, ...(given as object) });
}

/**
 * `data` as JSON can hold it: what is not a finite number becomes null, and `reasons` says where. A last guard: a command
 * should know why a number does not exist and say so itself. Typed columns become lists.
 */
export function finite(data: unknown): { value: unknown; reasons: Record<string, string> } {
  const reasons: Record<string, string> = {};
  return { value: cleaned(data, '', reasons), reasons };
}

/** A value that stays as it is: no path need be made for it. */
function isClean(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

function cleaned(value: unknown, path: string, reasons: Record<string, string>): unknown {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    reasons[path] = Number.isNaN(value) ? 'NOT_A_NUMBER' : 'NOT_FINITE';
    return null;
  }
  const plain = asPlain(value);
  if (typeof plain !== 'object' || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map((one, i) => (isClean(one) ? one : cleaned(one, `${path}[${i}]`, reasons)));
  const clean: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(plain)) {
    clean[key] = isClean(one) ? one : cleaned(one, path === '' ? key : `${path}.${key}`, reasons);
  }
  return clean;
}

/** Maps, sets, columns and dates as the lists, objects and texts that JSON knows. */
function asPlain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  return value;
}

function withReasons(value: unknown, reasons: Readonly<Record<string, string>>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const own = (value as Record<string, unknown>)['reasons'];
  return { ...value, reasons: { ...reasons, ...(typeof own === 'object' ? own : {}) } };
}

function head(shape: AnswerShape, ok: boolean): object {
  const { command, version } = shape;
  return shape.lines ? { kind: 'end', ok, command, version } : { ok, command, version };
}

function jsonLine(value: unknown): string {
  return `${jsonText(value)}\n`;
}
