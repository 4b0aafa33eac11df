import type { ClientId, OrderId } from '../model/ids.js';
import type { ApprovedOrder, OrderIntent } from '../model/order.js';
import { type Candidate, flaw, Projection, type Rule } from './candidate.js';
import { correlatedGroup, currencyNet, perSide, sector } from './concentration.js';
import { cashReserve, grossLeverage, netLeverage, newPositions, openPositions, position } from './exposure.js';
import { knownPrice, orderNotional, priceCollar, quoteAge, rateAge, slippage, spread } from './market.js';
import { duplicate, malformed, orderRate, unknownInstrument } from './orders.js';
import type { BookView, Failure, RiskLimits } from './rule.js';
import { stopPresent, stopSide, tradeRisk } from './stops.js';
import { tailRisk } from './var.js';

/** What the gate says of one intent. `failures` names every broken limit, not only the first. */
export type Verdict =
  /** `exit`: it can only shrink the position, after the earlier orders of its batch too. */
  | { readonly kind: 'passed'; readonly exit: boolean }
  | { readonly kind: 'refused'; readonly failures: readonly Failure[] };

/** One verdict an intent, in their order. */
export type GateVerdict = readonly Verdict[];

/** The verdict with what may be sent, or with why nothing may. */
export type Judgement =
  | { readonly kind: 'passed'; readonly intent: OrderIntent; readonly order: ApprovedOrder; readonly exit: boolean }
  | { readonly kind: 'refused'; readonly intent: OrderIntent; readonly failures: readonly Failure[] };

/** Makes the ids of an order that passed, by its place in the batch; not called for one that did not. */
export type Mint = (intent: OrderIntent, place: number) => { readonly id: OrderId; readonly clientId: ClientId };

/** What an entry would break of the exposure limits alone, with everything in flight counted; nothing for an exit. */
export function overExposed(limits: RiskLimits, intent: OrderIntent, book: BookView): readonly Failure[] {
  const view = book.instruments.get(intent.instrument);
  if (view === undefined) return [unknownInstrument(intent)];
  const order = new Projection(book).candidate(intent, view);
  if (order.exit) return [];
  const failures = EXPOSURE_RULES.flatMap((rule) => rule(limits, order, book) ?? []);
  return [...failures, ...tailRisk(limits, order, book)];
}

/** How much of everything may come to be held. */
const EXPOSURE_RULES: readonly Rule[] = [
  position,
  grossLeverage,
  netLeverage,
  perSide,
  openPositions,
  currencyNet,
  sector,
  correlatedGroup,
  cashReserve,
];

/** Every rule an entry must pass; exits pass none of them. */
const ENTRY_RULES: readonly Rule[] = [
  tradeRisk,
  position,
  grossLeverage,
  netLeverage,
  perSide,
  openPositions,
  newPositions,
  currencyNet,
  sector,
  correlatedGroup,
  cashReserve,
  stopPresent,
  stopSide,
  orderRate,
  priceCollar,
  spread,
  slippage,
  orderNotional,
  quoteAge,
  rateAge,
];

/**
 * Judges a batch and makes orders of what passed: the only way from an intent to something that can be sent. Intents are
 * judged in their order, each against the book with the ones that passed before it counted as filled.
 */
export function judge(
  limits: RiskLimits,
  proposals: readonly OrderIntent[],
  view: BookView,
  mint: Mint,
): readonly Judgement[] {
  const projection = new Projection(view);
  return proposals.map((intent, place): Judgement => {
    const verdict = judgeOne(limits, intent, view, projection);
    if (verdict.kind === 'refused') return { kind: 'refused', intent, failures: verdict.failures };
    const { exit } = verdict;
    const leaves = exit ? asExit(intent) : intent;
    return { kind: 'passed', intent: leaves, order: approve(leaves, view, mint(intent, place)), exit };
  });
}

/** The verdicts alone, without ids: for a question that sends nothing, such as whether an order is worth asking a person. */
export function assess(limits: RiskLimits, proposals: readonly OrderIntent[], view: BookView): GateVerdict {
  const projection = new Projection(view);
  return proposals.map((intent) => judgeOne(limits, intent, view, projection));
}

/**
 * What passed as an exit may open nothing, whatever else fills before it: it leaves reduce-only, and protects nothing that it
 * does not open.
 */
function asExit(intent: OrderIntent): OrderIntent {
  if (intent.reduceOnly) return intent;
  const { stopLoss: _, takeProfit: __, trailStop: ___, ...rest } = intent;
  return { ...rest, reduceOnly: true };
}

function approve(intent: OrderIntent, view: BookView, { id, clientId }: ReturnType<Mint>): ApprovedOrder {
  return { intent, id, clientId, createdAt: view.now } as ApprovedOrder;
}

const NO_BLOCKS: readonly Failure[] = [];
const ENTRY_PASSED: Verdict = { kind: 'passed', exit: false };
const EXIT_PASSED: Verdict = { kind: 'passed', exit: true };

function judgeOne(limits: RiskLimits, intent: OrderIntent, book: BookView, projection: Projection): Verdict {
  const view = book.instruments.get(intent.instrument);
  if (view === undefined) return refused([unknownInstrument(intent)], book);
  const flaws = malformed(intent, view);
  // Arithmetic on a malformed order says nothing.
  if (flaws.length > 0) return refused(flaws, book);
  const order = projection.candidate(intent, view);
  const failures: Failure[] = book.nothingMayLeave || view.nothingMayLeave === true ? [HALTED] : [];
  const doubled = duplicate(limits, order, book);
  if (doubled !== undefined) failures.push(doubled);
  if (!order.exit) judgeEntry(limits, order, book, failures);
  if (failures.length > 0) return { kind: 'refused', failures };
  projection.count(order);
  return order.exit ? EXIT_PASSED : ENTRY_PASSED;
}

function judgeEntry(limits: RiskLimits, order: Candidate, book: BookView, failures: Failure[]): void {
  for (const block of book.blocked) failures.push(block);
  for (const block of order.view.blocked ?? NO_BLOCKS) failures.push(block);
  const unknown = knownPrice(limits, order, book);
  if (unknown !== undefined) {
    failures.push(unknown);
    return;
  }
  for (const rule of ENTRY_RULES) {
    const found = rule(limits, order, book);
    if (found !== undefined) failures.push(found);
  }
  for (const found of tailRisk(limits, order, book)) failures.push(found);
}

const HALTED: Failure = flaw('halted', 'halted: nothing may leave, exits neither');

function refused(failures: readonly Failure[], book: BookView): Verdict {
  return { kind: 'refused', failures: book.nothingMayLeave ? [...failures, HALTED] : failures };
}
