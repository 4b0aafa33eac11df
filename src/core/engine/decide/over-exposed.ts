import type { OrderId } from '../../model/ids.js';
import { overExposed } from '../../risk/gate.js';
import type { BookView, InstrumentView } from '../../risk/rule.js';
import type { DecisionState } from './decisions.js';

type Books = Pick<DecisionState, 'ledger' | 'orders' | 'valuation' | 'parts'>;

/**
 * The exposure limits that an entry would break if it left now, in words; undefined when it fits, and for an exit. When it
 * passed the gate, the exits before it counted as filled and what hedges it as coming; by now some may have failed, or nobody
 * knows. Valued with the prices and the equity of the decision, which `shown` is: what has moved since is no reason, because
 * sizes are often cut to a limit exactly.
 */
export function overExposedNow(id: OrderId, books: Books, shown: BookView): string | undefined {
  const { ledger, orders, valuation, parts } = books;
  const order = orders.find(id);
  if (order === undefined || order.intent.reduceOnly) return undefined;
  const instruments = new Map<InstrumentView['instrument']['id'], InstrumentView>();
  for (const [instrument, view] of shown.instruments) {
    instruments.set(instrument, {
      ...view,
      units: ledger.units(ledger.indexOf(instrument)),
      pendingUnits: orders.pendingUnits(instrument, id),
      pendingSides: orders.pendingSides(instrument, id),
      leavingUnits: orders.leavingUnits(instrument, id),
    });
  }
  const left = { ...order.intent, units: order.intent.units - order.filledUnits };
  const book = { ...shown, marginUsed: valuation.marginUsed(ledger), instruments };
  const failures = overExposed(parts.limits, left, book);
  return failures.length === 0 ? undefined : failures.map(({ message }) => message).join('; ');
}
