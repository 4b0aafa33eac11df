import { assert } from '../../base/assert.js';
import { floorTo } from '../../base/num.js';
import type { Order, OrderIntent } from '../../model/order.js';
import { judge } from '../../risk/gate.js';
import type { BookView, Failure, RiskLimits } from '../../risk/rule.js';
import { drawnIn } from './parked.js';

/** Limits that cut a size before a person is asked: a price that moved since must not make the same size too large. */
const CUTTING: ReadonlySet<string> = new Set(['maxPositionBps', 'perTradeRiskBps']);

/** An order that was approved, as it may leave now, and what the gate says of it. */
export interface JudgedAgain {
  readonly intent: OrderIntent;
  readonly judgement: ReturnType<typeof judge>[number];
}

/**
 * Judges an approved order at the prices of now. Its limit price is drawn in to today's collar, and a size that
 * came from sizing to the limits that cut it, by no more than the price may have moved since the person saw it (`bandBps`): a size
 * may shrink, never grow.
 */
export function judgeAgain(
  { id, clientId, intent, isSized = false }: Order,
  limits: RiskLimits,
  view: BookView,
  bandBps: number | null,
): JudgedAgain {
  const judged = (one: OrderIntent): JudgedAgain => {
    const [judgement] = judge(limits, [one], view, () => {
      assert(clientId !== '', 'an order that waits has its client id');
      return { id, clientId };
    });
    assert(judgement !== undefined, 'the gate answers for each intent');
    return { intent: one, judgement };
  };
  const { instrument } = intent;
  const first = judged(drawnIn(limits, intent, view.instruments.get(instrument)));
  if (first.judgement.kind === 'passed' || !isSized) return first;
  const lotStep = view.instruments.get(instrument)?.instrument.lotStep ?? 1;
  const units = floorTo(first.intent.units * shrinkTo(first.judgement.failures, bandBps ?? 0), lotStep);
  return units > 0 && units < first.intent.units ? judged({ ...first.intent, units }) : first;
}

/** Share of the size that the limits leave room for; 1 where something else is broken, or more than the band. */
function shrinkTo(failures: readonly Failure[], bandBps: number): number {
  let share = 1;
  for (const { limit, value, max } of failures) {
    if (!CUTTING.has(limit) || value === null || max === null || value <= 0) return 1;
    share = Math.min(share, max / value);
  }
  return share < 1 - bandBps / 10_000 ? 1 : share;
}
