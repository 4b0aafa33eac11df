import Table from 'cli-table3';
import { oneLine, visible } from '../../core/base/text.js';
import type { Terminal } from './terminal.js';

export interface Column {
  readonly name: string;
  readonly align?: 'left' | 'right';
  /** Narrowed last when the table is too wide: ids, amounts. Default: numbers (right) keep, text gives way. */
  readonly keep?: boolean;
}

const MAX_WIDTH = 100;
const MIN_COLUMN = 6;
const GAP = 2;

/**
 * Rows under headers, drawn to fit the terminal, or 100 columns where nobody looks. Cells may carry our colours; every
 * other control character is shown escaped and new lines are kept out, so a cell from a file stays in its cell.
 */
export function drawTable(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const cells = rows.map((row) => row.map((cell) => safe(cell, terminal.color)));
  const widths = fitted(columns, cells, Math.min(terminal.isTTY ? terminal.columns : MAX_WIDTH, 200));
  // The table wraps letter by letter and cuts colors in two: where a cell must wrap, the head is plain.
  const fits = cells.every((row) => row.every((cell, index) => displayed(cell).length <= (widths[index] ?? 0)));
  const headPaint = fits ? terminal.style.dim : String;
  const table = new Table({
    head: columns.map((column, index) => clip(column.name, widths[index] ?? MIN_COLUMN)).map((name) => headPaint(name)),
    colAligns: columns.map((column) => column.align ?? 'left'),
    colWidths: widths.map((width) => width + GAP),
    wordWrap: !fits,
    wrapOnWordBoundary: false,
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
  });
  for (const row of cells) table.push([...row]);
  for (const line of table.toString().split('\n')) terminal.out(line.trimEnd());
}

/** Names and values, one a line: the form of a single thing. */
export function drawPairs(terminal: Terminal, pairs: readonly (readonly [string, string])[]): void {
  const width = Math.max(0, ...pairs.map(([name]) => name.length));
  for (const [name, value] of pairs) {
    terminal.out(`${terminal.style.dim(name.padEnd(width))}  ${safe(value, terminal.color)}`);
  }
}

/** Widths that fit: text columns give way before numbers, the widest first, none below six characters. */
function fitted(columns: readonly Column[], rows: readonly (readonly string[])[], room: number): number[] {
  const widths = columns.map((column, index) =>
    Math.max(column.name.length, ...rows.map((row) => displayed(row[index] ?? '').length), 1),
  );
  const givesWay = (index: number): boolean => !(columns[index]?.keep ?? columns[index]?.align === 'right');
  const total = (): number => widths.reduce((sum, width) => sum + width + GAP, 0);
  for (let over = total() - room; over > 0; over = total() - room) {
    const soft = widths.map((width, index) => (givesWay(index) && width > MIN_COLUMN ? width : 0));
    const hard = widths.map((width) => (width > MIN_COLUMN ? width : 0));
    const from = Math.max(...soft) > 0 ? soft : hard;
    const widest = from.indexOf(Math.max(...from));
    if ((from[widest] ?? 0) === 0) break;
    widths[widest] = Math.max(MIN_COLUMN, (widths[widest] ?? 0) - over, secondWidest(from, widest));
    if (widths[widest] === from[widest]) widths[widest] = (from[widest] ?? 0) - 1;
  }
  return widths;
}

function secondWidest(widths: readonly number[], widest: number): number {
  return Math.max(0, ...widths.filter((_, index) => index !== widest));
}

function safe(cell: string, colors: boolean): string {
  return colors ? visible(cell, true).replaceAll('\n', ' ').replaceAll('\t', ' ') : oneLine(cell);
}

function displayed(cell: string): string {
  return cell.replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(1, width - 1))}…`;
}

const BORDERLESS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
