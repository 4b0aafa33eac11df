import { oneLine } from '../../core/base/text.js';
import { price, units } from '../ui/format.js';
import { drawTable } from '../ui/table.js';
import type { Terminal } from '../ui/terminal.js';
import type { DeskClose, DeskPlan } from './close-desk.js';
import { showOrders } from './halt-view.js';

/** The answer of a close-all. */
export interface CloseAnswer {
  readonly dryRun: boolean;
  readonly haltedAt: string | null;
  readonly latch: string | null;
  readonly closed: DeskClose['closed'];
  readonly residual: DeskClose['residual'];
  /** True when every account was seen without position and order twice; null when an account is not known. */
  readonly flat: boolean | null;
  readonly accounts: readonly DeskClose[];
  /** With `--dry-run`: what would be done. */
  readonly plan: readonly DeskPlan[];
  /** What the person must know besides. */
  readonly notes: readonly string[];
}

/** What was closed, what is left and what to do about it; the verdict first. */
export function showClose(data: CloseAnswer, terminal: Terminal): void {
  const { bold, red, green, yellow, dim } = terminal.style;
  for (const note of data.notes) terminal.out(`${yellow('note')}: ${oneLine(note)}`);
  if (data.dryRun) {
    showPlans(data.plan, terminal);
    return;
  }
  const verdict =
    data.flat === null ? red('NOT KNOWN TO BE FLAT') : data.flat ? green('FLAT') : red('NOT FLAT: something is left');
  terminal.out(`${bold('CLOSE-ALL')} at ${data.haltedAt}: ${verdict}`);
  terminal.out(
    data.latch === null ? red('no latch: a session that is started now trades') : `latch: ${oneLine(data.latch)}`,
  );
  for (const account of data.accounts) showAccount(account, terminal);
  if (data.closed.length > 0) showClosed(data.closed, terminal);
  for (const one of data.residual) {
    terminal.out(
      red(`left: ${units(one.units)} ${oneLine(one.instrument)} (${oneLine(one.account)}): ${oneLine(one.reason)}`),
    );
    terminal.out(dim(`  next: ${oneLine(one.next)}`));
  }
  terminal.out('the way out: fxtrade resume --reason TEXT');
}

function showAccount(one: DeskClose, terminal: Terminal): void {
  const { red, green } = terminal.style;
  const { broker, account, flat, unknown, cancelled, notCancelled, stopped } = one;
  const is = flat === null ? red(`unknown: ${oneLine(unknown ?? '')}`) : flat ? green('flat') : red('not flat');
  const ended = stopped.length === 0 ? '' : `, session stopped (process ${stopped.join(', ')})`;
  terminal.out(`${broker} ${oneLine(account)}: ${is}, ${cancelled.length} order(s) cancelled${ended}`);
  if (notCancelled.length > 0) showOrders(red('orders that would not go away'), notCancelled, terminal);
}

function showClosed(closed: DeskClose['closed'], terminal: Terminal): void {
  drawTable(
    terminal,
    [
      { name: 'Closed', keep: true },
      { name: 'Account' },
      { name: 'Units', align: 'right' },
      { name: 'Price', align: 'right' },
      { name: 'Mid before', align: 'right' },
      { name: 'Orders', align: 'right' },
    ],
    closed.map((one) => [
      one.instrument,
      one.account,
      units(one.units),
      price(one.price),
      price(one.mid),
      String(one.orders),
    ]),
  );
}

function showPlans(plans: readonly DeskPlan[], terminal: Terminal): void {
  if (plans.length === 0) terminal.out('no account is at stake: nothing would be done');
  for (const { broker, account, cancel, close, left, unknown } of plans) {
    terminal.out(`${terminal.style.bold(`${broker} ${oneLine(account)}`)}: nothing was changed`);
    if (unknown !== null) terminal.out(terminal.style.red(`  not known: ${oneLine(unknown)}`));
    if (cancel.length > 0) showOrders(`would cancel (${cancel.length})`, cancel, terminal);
    for (const order of close) {
      terminal.out(`would ${order.side} ${units(order.units)} ${oneLine(order.instrument)} at the market, reduce-only`);
    }
    for (const one of left) terminal.out(`would leave ${one.units} ${oneLine(one.instrument)}: ${oneLine(one.reason)}`);
    if (unknown === null && cancel.length + close.length + left.length === 0)
      terminal.out('flat already: nothing to do');
  }
}
