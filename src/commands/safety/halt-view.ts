import { oneLine } from '../../core/base/text.js';
import { drawTable } from '../ui/table.js';
import type { Terminal } from '../ui/terminal.js';
import type { EngineReport } from './engines.js';
import type { NamedOrder, NotProven } from './halt-desk.js';

export interface HaltShown {
  readonly accounts: readonly { readonly broker: string; readonly account: string }[];
  readonly cancelled: readonly NamedOrder[];
  readonly kept: readonly NamedOrder[];
  readonly notProven: readonly NotProven[];
  readonly sessions: readonly EngineReport[];
}

/** What became of the orders, what is kept, and what could not be proven: that last and loud. */
export function showHalt(shown: HaltShown, terminal: Terminal): void {
  const { accounts, cancelled, kept, notProven, sessions } = shown;
  const { red, green, dim } = terminal.style;
  if (accounts.length > 0) {
    terminal.out(`asked: ${accounts.map(({ broker, account }) => oneLine(`${broker} ${account}`)).join(', ')}`);
  }
  for (const { book, pid, confirmed, killed } of sessions) {
    const how = killed
      ? red('did not answer and was ended')
      : confirmed
        ? 'has seen the halt'
        : 'reads the latch itself';
    terminal.out(`session ${oneLine(book)} (process ${pid}): ${how}`);
  }
  if (cancelled.length > 0) showOrders(`cancelled (${cancelled.length})`, cancelled, terminal);
  if (kept.length > 0) showOrders(`kept: they can only shrink a position (${kept.length})`, kept, terminal);
  if (notProven.length === 0) {
    terminal.out(green('proven: no order that could open or grow risk works'));
    return;
  }
  terminal.out(red(`NOT PROVEN (${notProven.length})`));
  for (const { broker, account, reason, next } of notProven) {
    const where = broker === '' ? '' : `${broker} ${account}: `;
    terminal.out(`  ${oneLine(where + reason)}`);
    terminal.out(dim(`    next: ${oneLine(next)}`));
  }
}

/** Orders as a table under a title. */
export function showOrders(title: string, orders: readonly NamedOrder[], terminal: Terminal): void {
  terminal.out(title);
  drawTable(
    terminal,
    [
      { name: 'Order', keep: true },
      { name: 'Account' },
      { name: 'Instrument', keep: true },
      { name: 'Side' },
      { name: 'Units', align: 'right' },
      { name: 'Type' },
      { name: 'Price', align: 'right' },
      { name: 'Whose' },
    ],
    orders.map((order) => [
      order.venueId,
      order.account,
      order.instrument,
      order.side ?? '–',
      order.units === null ? '–' : String(order.units),
      order.type,
      order.price === null ? '–' : String(order.price),
      order.ours ? 'ours' : 'not ours',
    ]),
  );
}
