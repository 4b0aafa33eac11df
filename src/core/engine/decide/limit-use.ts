import type { LimitUse } from '../../approvals/request.js';
import { bpsOf, type Candidate, notional, type Row } from '../../risk/candidate.js';
import type { BookView, RiskLimits } from '../../risk/rule.js';

type When = 'before' | 'after';

/**
 * The exposure limits and how much of each is used, without the order and with it; orders in flight count as filled, as they do
 * in the gate. Limits that are off are left out.
 */
export function limitUse(limits: RiskLimits, order: Candidate, book: BookView): readonly LimitUse[] {
  const { instrument } = order.view;
  const gross = (when: When) => sum(order.rows, (row) => Math.abs(notional(row.view, row[when])));
  const inBps = (amount: (when: When) => number) => (when: When) => bpsOf(amount(when), book.equity);
  const of = (belongs: (row: Row) => boolean) => (when: When) =>
    sum(order.rows, (row) => (belongs(row) ? Math.abs(notional(row.view, row[when])) : 0));
  const positions = (when: When) => order.rows.filter((row) => row[when] !== 0).length;
  const bps = 'bps of equity';
  const lines: readonly (LimitUse | undefined)[] = [
    use('maxPositionBps', bps, limits.maxPositionBps, inBps(of(({ view }) => view === order.view))),
    use('maxGrossLeverage', 'times equity', limits.maxGrossLeverage, (when) => inBps(gross)(when) / 10_000),
    use('maxOpenPositions', 'positions', limits.maxOpenPositions, positions),
    instrument.sector === undefined
      ? undefined
      : use(
          'maxSectorBps',
          bps,
          limits.maxSectorBps,
          inBps(of(({ view }) => view.instrument.sector === instrument.sector)),
        ),
    instrument.group === undefined
      ? undefined
      : use(
          'maxCorrelatedGroupBps',
          bps,
          limits.maxCorrelatedGroupBps,
          inBps(of(({ view }) => view.instrument.group === instrument.group)),
        ),
    marginUse(limits, order, book),
  ];
  return lines.filter((line) => line !== undefined);
}

/** What positions and orders tie up, without the order and with it: the venue's figure for what is held, ours for the rest. */
export function marginOf(order: Candidate, book: BookView, when: When): number {
  return (
    book.marginUsed +
    sum(
      order.rows,
      ({ view, [when]: units }) => notional(view, Math.abs(units) - Math.abs(view.units)) * view.instrument.marginRate,
    )
  );
}

/** A reserve is a minimum; what it leaves for margin is the limit. */
function marginUse({ minCashReserveBps }: RiskLimits, order: Candidate, book: BookView): LimitUse | undefined {
  const most = minCashReserveBps === null ? null : 10_000 - minCashReserveBps;
  return use('minCashReserveBps', 'bps of equity tied up', most, (when) =>
    bpsOf(marginOf(order, book, when), book.equity),
  );
}

function use(limit: string, unit: string, max: number | null, amount: (when: When) => number): LimitUse | undefined {
  if (max === null) return undefined;
  const [before, after] = [rounded(amount('before')), rounded(amount('after'))];
  // Without equity there is no share of it; the gate has refused such an order.
  if (!Number.isFinite(before) || !Number.isFinite(after)) return undefined;
  const share = (value: number) => (max > 0 ? rounded(value / max) : null);
  return { limit, unit, max, before, after, usedBefore: share(before), usedAfter: share(after) };
}

function sum(rows: readonly Row[], of: (row: Row) => number): number {
  let total = 0;
  for (const row of rows) total += of(row);
  return total;
}

/** Four places: for people, and the same on every machine. */
function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
