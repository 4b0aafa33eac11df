import { roundHalfEven } from '../../core/base/num.js';

/** Stands for what does not exist; never 0, never NaN. */
export const ABSENT = '–';

type Maybe = number | null | undefined;

/** Money with thousands, minor digits and currency: `1,234.50 USD`, `-20 JPY`. */
export function money(amount: Maybe, currency: string): string {
  if (!exists(amount)) return ABSENT;
  return `${decimal(amount, minorDigits(currency))} ${currency}`;
}

/** Decimals in which a currency is counted: 2 for USD, 0 for JPY, 8 for what no standard lists (BTC). */
export function minorDigits(currency: string): number {
  if (/^[A-Z]{3}$/.test(currency) && currency !== 'BTC' && currency !== 'ETH') {
    return new Intl.NumberFormat('en-US', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  }
  return /^USD[A-Z]$/.test(currency) ? 2 : 8;
}

/** A number with thousands and exactly `digits` decimals, ties to even; no `-0.00`. */
export function decimal(value: Maybe, digits: number): string {
  if (!exists(value)) return ABSENT;
  const rounded = roundHalfEven(value, digits);
  const text = Math.abs(rounded).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return rounded < 0 ? `-${text}` : text;
}

/** A fraction as percent for people: 0.0512 is `5.12 %`. JSON and csv keep fractions. */
export function percent(fraction: Maybe, digits = 2): string {
  return exists(fraction) ? `${decimal(fraction * 100, digits)} %` : ABSENT;
}

/** Basis points: `25 bps`. */
export function bps(value: Maybe, digits = 0): string {
  return exists(value) ? `${decimal(value, digits)} bps` : ABSENT;
}

/** A ratio or another plain statistic, two decimals unless said. */
export function ratio(value: Maybe, digits = 2): string {
  return decimal(value, digits);
}

/** Units with thousands and no trailing zeros: `100,000`, `0.25`. */
export function units(value: Maybe): string {
  if (!exists(value)) return ABSENT;
  return (value + 0).toLocaleString('en-US', { maximumFractionDigits: 8 });
}

/** A price, with the instrument's digits where known, else the shortest decimal that reads back the same. */
export function price(value: Maybe, digits?: number): string {
  if (!exists(value)) return ABSENT;
  return digits === undefined ? String(value + 0) : value.toFixed(digits);
}

/** A whole count with thousands. */
export function count(value: Maybe): string {
  return decimal(value, 0);
}

/** An instant as ISO 8601 in UTC, seconds unless there are milliseconds: `2024-01-31T22:00:00Z`. */
export function time(at: number | string | null | undefined): string {
  if (at === null || at === undefined) return ABSENT;
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? ABSENT : date.toISOString().replace('.000Z', 'Z');
}

/** The day of an instant, UTC. */
export function day(at: number | string | null | undefined): string {
  const text = time(at);
  return text === ABSENT ? text : text.slice(0, 10);
}

/** How long something took or is old, in two units at most: `2d 3h`, `1m 5s`, `340ms`. */
export function age(ms: Maybe): string {
  if (!exists(ms) || ms < 0) return ABSENT;
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  const seconds = Math.floor(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${amount}${unit}`).join(' ');
}

function exists(value: Maybe): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
