import type { Alert } from '../../core/alerts/alert.js';
import { oneLine } from '../../core/base/text.js';
import type { HaltLine } from '../../core/state/halt-file.js';
import { age, money, price, units } from '../ui/format.js';
import { drawTable } from '../ui/table.js';
import type { Terminal } from '../ui/terminal.js';
import type { BookStatus } from './status-book.js';

/** A halt in force; `missing`: its line was taken out of `HALT` by somebody, and no resume is on record. */
export type ShownHalt = HaltLine & { readonly missing: boolean };

export interface StatusAnswer {
  readonly halted: boolean;
  readonly halts: readonly ShownHalt[];
  readonly books: readonly BookStatus[];
  /** Critical alerts of the last day that nobody had acknowledged, oldest first. */
  readonly alerts: readonly (Omit<Alert, 'ts'> & { readonly time: string })[];
  /** They were acknowledged now. */
  readonly acknowledged: boolean;
  readonly home: string;
  readonly notes: readonly string[];
}

/** One screen: what is halted, then a block a book. */
export function showStatus(answer: StatusAnswer, terminal: Terminal): void {
  const { halted, halts, books, home, notes } = answer;
  const { bold, red, green, yellow } = terminal.style;
  terminal.out(halted ? red(bold('HALTED')) : green('not halted'));
  for (const { scope, mode, time, who, reason, missing } of halts) {
    const gone = missing ? yellow(' (its line is gone from HALT, and nobody resumed)') : '';
    const since = time === '' ? '' : ` since ${oneLine(time)}`;
    terminal.out(`  ${oneLine(scope)}, ${mode}${since} by ${oneLine(who)}: ${oneLine(reason)}${gone}`);
  }
  showAlerts(answer, terminal);
  for (const note of notes) terminal.out(`${yellow('note')}: ${oneLine(note)}`);
  if (books.length === 0) terminal.out(`no book in ${oneLine(home)}: begin one with fxtrade paper`);
  for (const book of books) showBook(book, terminal);
}

function showAlerts({ alerts, acknowledged }: StatusAnswer, { out, style: { red, dim } }: Terminal): void {
  for (const { time, kind, subject, source, text } of alerts) {
    out(`${red('alert')} ${time} ${oneLine(`${kind} ${subject} (${source}): ${text}`)}`);
  }
  if (acknowledged) out(dim(`${alerts.length} alert(s) acknowledged`));
  else if (alerts.length > 0) out(dim('seen? fxtrade status --ack ends the reminders'));
}

function showBook(book: BookStatus, terminal: Terminal): void {
  const { bold, red, green, yellow, dim } = terminal.style;
  const where = book.account === null ? book.broker : `${book.broker} ${book.account} (${book.environment ?? '?'})`;
  const runs = book.lock === null ? dim('no session') : green(`session ${book.lock.pid}`);
  terminal.out('');
  terminal.out(
    `${bold(oneLine(`${book.mode} ${book.name}`))}  ${oneLine(book.strategy ?? '?')} at ${oneLine(where)}, ${runs}`,
  );
  const feeds = book.feeds.map(({ name, ageMs }) => `${name} ${age(ageMs)} old`).join(', ');
  const equity = book.equity === null ? '' : `equity ${money(book.equity, book.currency ?? 'USD')}`;
  const line = [equity, feeds].filter((one) => one !== '').join(', ');
  if (line !== '') terminal.out(`  ${line}`);
  if (book.damage !== null) terminal.out(`  ${red(oneLine(book.damage))}`);
  for (const one of book.breaks) terminal.out(`  ${red(`differs from the broker: ${oneLine(one)}`)}`);
  for (const { key, until, message } of book.blocks) {
    terminal.out(`  ${yellow(`${oneLine(key)} until ${until ?? 'somebody resumes'}: ${oneLine(message)}`)}`);
  }
  if (book.approvals.length > 0)
    terminal.out(`  ${yellow(`waiting for approval: ${oneLine(book.approvals.join(', '))}`)}`);
  showHoldings(book, terminal);
  const used = book.limits.filter(({ value }) => value > 0);
  if (used.length > 0) {
    terminal.out(`  limits used: ${used.map(({ limit, value, max }) => `${limit} ${value} of ${max}`).join(', ')}`);
  }
}

function showHoldings({ positions, orders }: BookStatus, terminal: Terminal): void {
  if (positions.length + orders.length === 0) {
    terminal.out('  flat, no orders');
    return;
  }
  drawTable(
    terminal,
    [
      { name: 'What', keep: true },
      { name: 'Instrument', keep: true },
      { name: 'Side' },
      { name: 'Units', align: 'right' },
      { name: 'Price', align: 'right' },
      { name: 'State' },
    ],
    [
      ...positions.map((held) => [
        'position',
        held.instrument,
        held.units > 0 ? 'long' : 'short',
        units(Math.abs(held.units)),
        price(Number(held.averagePrice.toPrecision(7))),
        'open',
      ]),
      ...orders.map((order) => [
        order.reduceOnly ? 'exit' : 'entry',
        order.instrument,
        order.side,
        units(order.units - order.filledUnits),
        price(order.price ?? order.stopPrice),
        `${order.type}, ${order.state}`,
      ]),
    ],
  );
}
