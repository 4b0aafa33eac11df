import { isFinal, type LiveState } from '../../core/orders/live-orders.js';
import type { RiskLimits } from '../../core/risk/rule.js';
import { type BookFacts, waitingApprovals } from '../../core/state/emergency/book-facts.js';
import {
  type HeldBlock,
  type HeldOrder,
  type HeldPosition,
  readHoldings,
} from '../../core/state/emergency/holdings.js';
import { type OrderLog, readOrderLog } from '../../core/state/emergency/order-log.js';
import { readRiskMarks } from '../../core/state/emergency/risk-marks.js';
import type { HaltLine } from '../../core/state/halt-file.js';
import { livingHolder } from '../../core/state/lock/lock-file.js';

/** How far a limit is used. */
export interface LimitUse {
  readonly limit: string;
  readonly value: number;
  readonly max: number;
  readonly unit: 'bps' | 'positions';
}

/** How old the newest prices of a book are. */
export interface FeedAge {
  readonly name: string;
  readonly at: string | null;
  readonly ageMs: number | null;
}

export interface BookStatus {
  readonly name: string;
  readonly mode: string;
  readonly kind: string | null;
  readonly strategy: string | null;
  readonly account: string | null;
  readonly broker: string;
  readonly environment: string | null;
  /** The session that holds it; null when none does. */
  readonly lock: { readonly pid: number } | null;
  readonly equity: number | null;
  readonly currency: string | null;
  readonly positions: readonly HeldPosition[];
  readonly orders: readonly (HeldOrder & { readonly state: string })[];
  readonly approvals: readonly string[];
  readonly limits: readonly LimitUse[];
  readonly blocks: readonly HeldBlock[];
  readonly breaks: readonly string[];
  readonly feeds: readonly FeedAge[];
  readonly writtenAt: string | null;
  /** What is wrong with its files. */
  readonly damage: string | null;
}

/** One book from its files alone, whoever is writing them. */
export function statusOf(
  facts: BookFacts,
  limits: RiskLimits | undefined,
  now: number,
): { readonly status: BookStatus; readonly halts: readonly HaltLine[] } {
  const { name, folder, mode, book, kind, strategy, arguments: given } = facts;
  const pid = livingHolder(folder);
  const holdings = readHoldings(folder);
  const log = logOf(folder);
  const marks = readRiskMarks(folder);
  const { positions, blocks, breaks, barAt, writtenAt, badLines } = holdings;
  const status: BookStatus = {
    name: book,
    mode,
    kind: kind ?? null,
    strategy: given['name'] ?? strategy ?? null,
    account: given['account'] ?? null,
    broker: given['broker'] ?? 'sim',
    environment: given['environment'] ?? null,
    lock: pid === undefined ? null : { pid },
    equity: marks?.equity ?? null,
    currency: given['currency'] ?? null,
    positions,
    orders: holdings.orders.flatMap((order) => {
      const state = stateOf(order, log);
      // The broker has ended it, and the session has not heard of that yet.
      return isFinal(state) ? [] : [{ ...order, state }];
    }),
    approvals: waitingApprovals(folder, now),
    limits: limits === undefined || marks === undefined ? [] : usesOf(limits, marks, positions.length),
    blocks,
    breaks,
    feeds: kind === 'replay' ? [] : [ageOf(barAt, now)],
    writtenAt: isoOf(writtenAt),
    damage: badLines > 0 ? `${badLines} line(s) of the journal of ${name} cannot be read: fxtrade audit verify` : null,
  };
  return { status, halts: kind === 'replay' ? [] : (log?.halts ?? []) };
}

function logOf(folder: string): OrderLog | undefined {
  try {
    return readOrderLog(folder);
  } catch {
    return undefined;
  }
}

/** At a real venue an order may be in doubt; at the simulated one it works. */
function stateOf({ clientId }: HeldOrder, log: OrderLog | undefined): LiveState {
  const known = [...(log?.orders.values() ?? [])].find((order) => order.clientId === clientId);
  if (known === undefined || known.state === 'intended' || known.state === 'dormant') return 'working';
  return known.state;
}

function usesOf(
  limits: RiskLimits,
  marks: NonNullable<ReturnType<typeof readRiskMarks>>,
  open: number,
): readonly LimitUse[] {
  const lost = (from: number): number => Math.max(0, from > 0 ? ((from - marks.equity) / from) * 10_000 : 0);
  const uses: readonly (readonly [keyof RiskLimits & string, number, LimitUse['unit']])[] = [
    ['dailyLossBps', lost(marks.dayStart), 'bps'],
    ['weeklyLossBps', lost(marks.weekStart), 'bps'],
    ['drawdownReduceBps', lost(marks.peak), 'bps'],
    ['drawdownHaltBps', lost(marks.peak), 'bps'],
    ['drawdownStopBps', lost(marks.peak), 'bps'],
    ['maxOpenPositions', open, 'positions'],
    ['maxNewPositionsPerDay', marks.newPositionsToday, 'positions'],
  ];
  return uses.flatMap(([limit, value, unit]) => {
    const max = limits[limit];
    return typeof max === 'number' ? [{ limit, value: Math.round(value * 100) / 100, max, unit }] : [];
  });
}

function ageOf(barAt: number | undefined, now: number): FeedAge {
  return { name: 'bars', at: isoOf(barAt), ageMs: barAt === undefined ? null : Math.max(0, now - barAt) };
}

const isoOf = (ts: number | undefined): string | null => (ts === undefined ? null : new Date(ts).toISOString());
