import { oneLine } from '../../core/base/text.js';
import { ABSENT, age, bps, money, price, ratio, time, units } from './format.js';
import { type Column, drawPairs, drawTable } from './table.js';
import type { Terminal } from './terminal.js';

/** An order that waits for an answer, as `approve --list` tells it. Amounts in `currency`, positive when lost or paid. */
export interface WaitingOrder {
  readonly id: string;
  readonly hash: string;
  readonly instrument: string;
  readonly side: string;
  readonly units: number;
  readonly price: number;
  readonly stopPrice: number | null;
  readonly worstLoss: number | null;
  readonly expiresAt: string;
  readonly book: string;
  readonly account: string;
  readonly type: string;
  readonly takeProfit: number | null;
  readonly currency: string;
  readonly notional: number;
  readonly usualUnits: number | null;
  readonly multiple: number | null;
  /** Its units must be typed. */
  readonly needsAmount: boolean;
  readonly financingPerDay: number | null;
  readonly marginBefore: number;
  readonly marginAfter: number;
  readonly limits: readonly {
    readonly limit: string;
    readonly unit: string;
    readonly max: number;
    readonly before: number;
    readonly after: number;
    readonly usedBefore: number | null;
    readonly usedAfter: number | null;
  }[];
  readonly driftBps: number | null;
  readonly bandBps: number | null;
  readonly reason: string;
  readonly askedAt: string;
}

const COLUMNS: readonly Column[] = [
  { name: 'order', keep: true },
  { name: 'book' },
  { name: 'instrument', keep: true },
  { name: 'side', keep: true },
  { name: 'units', align: 'right' },
  { name: 'price', align: 'right' },
  { name: 'stop', align: 'right' },
  { name: 'worst loss', align: 'right' },
  { name: 'time left', align: 'right' },
];

export function drawWaiting(orders: readonly WaitingOrder[], now: number, terminal: Terminal): void {
  if (orders.length === 0) {
    terminal.out('nothing waits for an answer');
    return;
  }
  const rows = orders.map((one) => [
    one.id,
    one.book,
    one.instrument,
    one.side,
    units(one.units),
    price(one.price),
    price(one.stopPrice),
    money(one.worstLoss, one.currency),
    age(Date.parse(one.expiresAt) - now),
  ]);
  drawTable(terminal, COLUMNS, rows);
}

export interface AnsweredOrder {
  readonly id: string;
  readonly book: string;
  readonly outcome: string;
  readonly instrument: string;
  readonly side: string;
  readonly units: number;
  readonly sessionRuns: boolean;
}

export function drawAnswered(one: AnsweredOrder, terminal: Terminal): void {
  const { outcome, id, book, side, instrument } = one;
  terminal.out(`${outcome.toUpperCase()} ${id} in ${book}: ${side} ${units(one.units)} ${instrument}`);
  if (one.sessionRuns) return;
  terminal.err(`no session of ${book} runs: the next one hears it, if it comes before the deadline`);
}

/** All that a person should know before a yes. */
export function drawQuestion(one: WaitingOrder, now: number, terminal: Terminal): void {
  const { currency } = one;
  const size =
    one.multiple === null ? 'no earlier order' : `${ratio(one.multiple)} times the usual ${units(one.usualUnits)}`;
  const large = one.needsAmount ? `  ${terminal.style.red('UNUSUALLY LARGE')}` : '';
  const band = one.bandBps === null ? 'any' : bps(one.bandBps);
  drawPairs({ ...terminal, out: (line) => terminal.err(line) }, [
    ['order', `${one.id} in ${one.book} (${oneLine(one.account)})`],
    ['what', `${one.side} ${units(one.units)} ${one.instrument} (${one.type})  ${size}${large}`],
    ['value', money(one.notional, currency)],
    ['price', `${price(one.price)}  moved ${bps(one.driftBps, 1)} since it was proposed, at most ${band}`],
    ['stop', price(one.stopPrice)],
    ['target', price(one.takeProfit)],
    ['loss at the stop', money(one.worstLoss, currency)],
    ['financing a day', one.financingPerDay === null ? ABSENT : money(one.financingPerDay, currency)],
    ['margin', `${money(one.marginBefore, currency)} → ${money(one.marginAfter, currency)}`],
    ...one.limits.map(
      ({ limit, unit, max, before, after }) =>
        [limit, `${ratio(before)} → ${ratio(after)} of ${ratio(max)} ${unit}`] as [string, string],
    ),
    ['why', oneLine(one.reason)],
    ['until', `${time(one.expiresAt)}  ${age(Date.parse(one.expiresAt) - now)} left`],
  ]);
}
