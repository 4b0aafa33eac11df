import { FxError } from '../../base/errors.js';
import { suggest } from '../../base/suggest.js';
import type { InstrumentId } from '../../model/ids.js';
import type { Wish, Wishes } from '../../strategies/strategy.js';

const SIDES: readonly unknown[] = ['buy', 'sell'];
const TYPES: readonly unknown[] = ['market', 'limit', 'stop', 'stop-limit', 'trailing-stop'];
const LIFETIMES: readonly unknown[] = ['GTC', 'GTD', 'DAY', 'IOC', 'FOK'];
/**
 * What a callback returned, checked: strategies are written by users, and rubbish must not become an order.
 * Throws `STRATEGY.WISH` that names the field and the value.
 */
export function checkedWishes(returned: Wishes, strategy: string, ids: readonly InstrumentId[]): readonly Wish[] {
  if (returned === undefined || returned === null) return [];
  if (!Array.isArray(returned)) return [checkedWish(returned, strategy, ids)];
  return returned.map((wish) => checkedWish(wish, strategy, ids));
}

function checkedWish(wish: unknown, strategy: string, ids: readonly InstrumentId[]): Wish {
  const bad = (field: string, value: unknown, expected: string): never => {
    throw new FxError('STRATEGY.WISH', {
      message: `strategy ${strategy} returned ${field} = ${show(value)}; expected ${expected}`,
      next: 'return targets, signals, orders, cancels or undefined, as docs/strategies.md shows',
      facts: { strategy, field, value: show(value) },
    });
  };
  if (wish instanceof Promise) return bad('a promise', wish, 'wishes at once: callbacks are not async');
  if (typeof wish !== 'object' || wish === null) return bad('a wish', wish, 'an object with a kind');
  const given = wish as Record<string, unknown>;
  const { instrument, reason } = given;
  if (typeof instrument !== 'string' || !(ids as readonly string[]).includes(instrument)) {
    const near = suggest(String(instrument), ids);
    return bad(
      'instrument',
      instrument,
      near === undefined ? `one of ${ids.join(', ')}` : `one of ${ids.join(', ')} (${near}?)`,
    );
  }
  if (typeof reason !== 'string' || reason.trim() === '') return bad('reason', reason, 'a text that says why');
  const field = badNumber(given);
  if (field !== undefined) return bad(field, given[field], 'a finite number above zero');
  return checkedKind(wish as Wish, given, bad);
}

/** The first of the numbers that is there and is none; named one by one, because a loop over names is much slower. */
function badNumber(given: Record<string, unknown>): string | undefined {
  if (isBad(given['stop'])) return 'stop';
  if (isBad(given['takeProfit'])) return 'takeProfit';
  if (isBad(given['trailStop'])) return 'trailStop';
  if (isBad(given['price'])) return 'price';
  if (isBad(given['stopPrice'])) return 'stopPrice';
  if (isBad(given['trailDistance'])) return 'trailDistance';
  if (isBad(given['stopLoss'])) return 'stopLoss';
  return isBad(given['expiresAt']) ? 'expiresAt' : undefined;
}

function checkedKind(wish: Wish, given: Record<string, unknown>, bad: Bad): Wish {
  const { kind } = given;
  switch (kind) {
    case 'target':
      return isNumber(given['weight']) ? wish : bad('weight', given['weight'], 'a finite share of equity');
    case 'signal': {
      const { exposure } = given;
      const fits = isNumber(exposure) && Math.abs(exposure) <= 1;
      return fits ? wish : bad('exposure', exposure, 'a number from -1 to 1');
    }
    case 'order':
      checkedOrder(given, bad);
      return wish;
    case 'cancel':
      return wish;
    default:
      return bad('kind', kind, 'target, signal, order or cancel');
  }
}

type Bad = (field: string, value: unknown, expected: string) => never;

function checkedOrder(order: Record<string, unknown>, bad: Bad): unknown {
  const { side, units, type = 'market', timeInForce = 'GTC' } = order;
  if (!SIDES.includes(side)) return bad('side', side, 'buy or sell');
  if (!isPositive(units)) return bad('units', units, 'a finite number above zero');
  if (!TYPES.includes(type)) return bad('type', type, TYPES.join(', '));
  if (!LIFETIMES.includes(timeInForce)) return bad('timeInForce', timeInForce, LIFETIMES.join(', '));
  if ((type === 'limit' || type === 'stop-limit') && order['price'] === undefined)
    return bad('price', undefined, `a price for a ${type}`);
  if ((type === 'stop' || type === 'stop-limit' || type === 'trailing-stop') && order['stopPrice'] === undefined) {
    return bad('stopPrice', undefined, `a trigger for a ${String(type)}`);
  }
  if (type === 'trailing-stop' && order['trailDistance'] === undefined)
    return bad('trailDistance', undefined, 'a distance in price');
  if (timeInForce === 'GTD' && order['expiresAt'] === undefined) return bad('expiresAt', undefined, 'a time for GTD');
  return order;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isBad(value: unknown): boolean {
  return value !== undefined && !isPositive(value);
}

function isPositive(value: unknown): value is number {
  return isNumber(value) && value > 0;
}

/** Short and safe in a message, whatever a strategy returned. */
function show(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 60)}"`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  if (typeof value === 'function') return 'a function';
  return String(value);
}
