import { type ApprovalRequest, sealed } from '../../approvals/request.js';
import { roundHalfEven } from '../../base/num.js';
import { financingFor } from '../../costs/financing.js';
import type { EpochMs } from '../../model/ids.js';
import type { RateBook } from '../../model/rates.js';
import type { Candidate } from '../../risk/candidate.js';
import type { BookView } from '../../risk/rule.js';
import type { AskedOrder } from '../effect.js';
import type { ApprovalParts, EngineParts } from '../parts.js';
import { limitUse, marginOf } from './limit-use.js';

/** What a question is made of: the order, and the book as the gate saw it. */
export interface QuestionInput {
  readonly parts: EngineParts;
  readonly approval: ApprovalParts;
  readonly order: AskedOrder;
  readonly askedAt: EpochMs;
  readonly candidate: Candidate;
  readonly book: BookView;
  readonly rates: RateBook;
  /** Up to when rates count as known. */
  readonly knowledge: number;
  readonly usualUnits: number | null;
}

/** The question that a person is asked about an order that passed the gate. */
export function questionOf(input: QuestionInput): ApprovalRequest {
  const { parts, approval, order, askedAt, candidate, book, usualUnits } = input;
  const { intent, id, clientId } = order;
  const { view } = candidate;
  const money = (amount: number) => roundHalfEven(amount, parts.minorUnitDigits);
  const price = intent.stopPrice ?? intent.price ?? view.price;
  const { stopLoss, trailStop } = intent;
  const distance = stopLoss === undefined ? trailStop : Math.abs(price - stopLoss);
  const financing = financingOf(input);
  return sealed({
    version: 1,
    id,
    nonce: clientId,
    account: approval.account,
    configHash: approval.configHash,
    broker: approval.broker,
    strategy: parts.strategyName,
    askedAt,
    expiresAt: askedAt + approval.timeoutMs,
    intent,
    instrument: intent.instrument,
    side: intent.side,
    units: intent.units,
    price,
    referencePrice: view.price,
    bandBps: approval.bandBps,
    stopPrice: stopLoss ?? null,
    currency: parts.currency,
    worstLoss: distance === undefined ? null : money(intent.units * distance * view.quoteToAccount),
    notional: money(intent.units * price * view.quoteToAccount),
    financingPerDay: financing === undefined ? null : money(financing),
    marginBefore: money(marginOf(candidate, book, 'before')),
    marginAfter: money(marginOf(candidate, book, 'after')),
    limits: limitUse(parts.limits, candidate, book),
    usualUnits,
    multiple: usualUnits === null ? null : Math.round((intent.units / usualUnits) * 100) / 100,
  });
}

/** Venues that name their rates book a 365th of them a night. */
const DAYS_OF_YEAR = 365;

/**
 * One night's interest, account currency, positive when paid; undefined where a rate is not known, or none is due. What the
 * venue says that it books goes before what policy rates would make of it.
 */
function financingOf({ candidate, rates, knowledge, approval }: QuestionInput): number | undefined {
  const { view, delta } = candidate;
  const { base, quote, assetClass, carry } = view.instrument;
  const own = delta > 0 ? carry?.long : carry?.short;
  if (own !== undefined) return (-own * Math.abs(delta) * view.price * view.quoteToAccount) / DAYS_OF_YEAR + 0;
  if (assetClass !== 'fx' || rates.isEmpty) return undefined;
  const [baseRate, quoteRate] = [rates.at(base, knowledge), rates.at(quote, knowledge)];
  if (baseRate === undefined || quoteRate === undefined) return undefined;
  const { price, quoteToAccount } = view;
  const { markup } = approval;
  return financingFor({ units: delta, price, baseRate, quoteRate, markup, days: 1, base, quote, quoteToAccount });
}
