import { assert } from '../base/assert.js';
import { roundHalfEven } from '../base/num.js';

/** The one function through which every change of cash goes: half-even, to the currency's minor unit (`digits`). */
export function toMinorUnit(amount: number, digits: number): number {
  assert(Number.isFinite(amount), 'an amount that enters the ledger is finite');
  return roundHalfEven(amount, digits);
}
