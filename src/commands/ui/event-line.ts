import { decimal } from './format.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a person needs of an event of a session, in one line: what, how much, and why. */
export function eventLine(kind: string, fields: Fields): string {
  if (kind === 'preflight') return `${fields['ok'] === true ? 'ok' : 'LOOK'}  ${fields['line']}: ${fields['detail']}`;
  if (kind === 'refused') return refusedLine(fields);
  const { instrument, side, units, price, reason, message, orderId } = fields;
  const at = price === undefined ? undefined : `at ${String(price)}`;
  const parts = [instrument, side, units, at, amountOf(kind, fields), orderId, message ?? reason];
  const text = parts.filter((part) => part !== undefined && part !== '');
  if (text.length > 0) return text.map(String).join(' ');
  return Object.entries(fields)
    .filter(([, value]) => typeof value !== 'object' && value !== undefined)
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');
}

/** Which order, and every limit that it broke. */
function refusedLine({ orderId, intent, failures }: Fields): string {
  const { instrument, side, units } = (intent ?? {}) as Fields;
  const why = Array.isArray(failures) ? failures.map(({ message }: Fields) => String(message)).join('; ') : '';
  return [instrument, side, units, orderId, why].filter((part) => part !== undefined && part !== '').join(' ');
}

/** The money or the measure that events without an order are about; account currency to the cent. */
function amountOf(
  kind: string,
  { cost, days, ratio, stopPrice, amount, equity, marginUsed }: Fields,
): string | undefined {
  switch (kind) {
    case 'financing':
      return `${paid(cost)} for ${String(days)} ${days === 1 ? 'day' : 'days'}`;
    case 'dividend':
      return paid(cost);
    case 'split':
      return `${String(ratio)} for 1`;
    case 'trailed':
      return `stop ${String(stopPrice)}`;
    case 'transfer':
      return cents(amount);
    case 'margin-call':
      return `equity ${cents(equity)}, margin used ${cents(marginUsed)}`;
    default:
      return undefined;
  }
}

/** A cost in words, since its sign is not what one expects: positive is paid. */
function paid(cost: unknown): string {
  if (typeof cost !== 'number') return '';
  return cost < 0 ? `earned ${cents(-cost)}` : `paid ${cents(cost)}`;
}

function cents(value: unknown): string {
  return typeof value === 'number' ? decimal(value, 2) : '';
}
