/** What a statistic that does not exist looks like. */
export const ABSENT = '–';
const MINUS = '−';

/** `value` with `digits` decimals, thousands separated, a true minus sign; `–` when it does not exist. */
export function decimal(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  const text = Math.abs(value).toFixed(digits);
  const [whole = '0', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = value < 0 && Number(text) !== 0 ? MINUS : '';
  return `${sign}${grouped}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** A fraction as percent: 0.0534 is `5.34 %`. */
export function percent(value: number | null | undefined, digits = 2): string {
  const text = decimal(value === null || value === undefined ? value : value * 100, digits);
  return text === ABSENT ? ABSENT : `${text} %`;
}

/** An amount of account currency with its code: `1,234.50 USD`; `digits` 2 unless the currency has no cents. */
export function money(value: number | null | undefined, currency: string, digits = minorDigits(currency)): string {
  const text = decimal(value, digits);
  return text === ABSENT ? ABSENT : `${text} ${currency}`;
}

/** Decimals of a currency's minor unit. */
export function minorDigits(currency: string): number {
  return ['JPY', 'KRW', 'HUF', 'CLP', 'ISK', 'VND'].includes(currency) ? 0 : 2;
}

/** A price or a size with at most ten significant digits (a mid of two prices leaves dust), thousands separated. */
export function plain(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return ABSENT;
  const short = Number(value.toPrecision(10));
  const text = String(Math.abs(short));
  return text.includes('e') ? String(short) : decimal(short, text.split('.')[1]?.length ?? 0);
}

/** The date of an ISO time. */
export const day = (iso: string): string => iso.slice(0, 10);

/** An ISO time to the minute, in UTC: `2023-12-29 22:00`. */
export const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** Whole days between two ISO dates or times. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(day(to)) - Date.parse(day(from))) / 86_400_000);
}
