import { roundHalfEven } from '../../../../core/base/num.js';
import type { EpochMs } from '../../../../core/model/ids.js';

export type Json = Readonly<Record<string, unknown>>;

/** Account currency with four decimals, as the venue writes every amount. */
export const money = (amount: number): string => cents(amount).toFixed(4);

/** The grid that the venue books on: a ten-thousandth of the account's currency. */
export const cents = (amount: number): number => roundHalfEven(amount, 4);

/** `1.10000`. */
export const decimal = (value: number, digits: number): string => roundHalfEven(value, digits).toFixed(digits);

/** `2024-01-31T17:00:00.000000000Z`. */
export const stamp = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, -1)}000000Z`;

const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{9}Z$/;

/** Seconds with nine decimals where the client asked for UNIX times, as `JSON.stringify` meets the stamps. */
export function unixStamps(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !STAMP.test(value)) return value;
  const at = Date.parse(`${value.slice(0, 23)}Z`);
  return `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}000000`;
}

/** A time as clients may write it: RFC 3339, or seconds since 1970. Undefined for anything else. */
export function parseTime(text: string): EpochMs | undefined {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isFinite(seconds) ? Math.round(seconds) : undefined;
}

/** Decimals with which a number was written: `1.2500` has 4. */
export function writtenDigits(text: string): number {
  const [, fraction = ''] = text.split('.');
  return fraction.length;
}
