import { describe, expect, it } from 'vitest';
import { exportLine } from '../../src/commands/audit/export.js';
import { clientId, instrumentId, orderId } from '../../src/core/model/ids.js';
import type { Order, Trade } from '../../src/core/model/order.js';
import { csvFiles } from '../../src/core/report/csv-files.js';
import { HEADERS, orderRow, TimeFormat, tradeRow } from '../../src/core/state/runs/row-format.js';
import { aRunRecord } from '../helpers/a-run-record.js';

const FORMULAS = [
  '=1+1',
  '=HYPERLINK("http://evil","ok")',
  "=cmd|' /C calc'!A0",
  '+1+cmd|x',
  '-2+3+cmd|x',
  '@SUM(1+1)*cmd|x',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  ' =1+1',
  'a;=1+1',
  'a,=1+1',
  '"=1+1',
  '",=1+1,"',
  'a\n=1+1',
  '\u200b=1+1',
  '\u0000=1+1',
  '＝1+1',
];
const NUMBER = /^-?\d+(\.\d+)?(e[+-]\d+)?$/;

/** Cells of a csv as RFC 4180 reads it. */
function cellsOf(text: string, separator = ','): readonly string[] {
  const cells: string[] = [];
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^"${separator}\\n]*))(${separator}|\\n|$)`, 'y');
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) throw new Error(`not a csv at ${cell.lastIndex}: ${text}`);
    cells.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
  }
  return cells;
}

/** Cells that a spreadsheet would run, read with the comma, and cut at `;` or tabs as some are set to. */
function runIn(text: string): readonly string[] {
  const read = [...cellsOf(text), ...text.split(/[;\t\n]/)];
  return read.filter((cell) => /^\s*[=+\-@＝＋－＠]/.test(cell) && !NUMBER.test(cell) && !/^-?[\d.]+,/.test(cell));
}

const trade = (text: string): Trade => ({
  instrument: instrumentId(text),
  side: 'long',
  units: 1,
  entryTime: 0,
  entryPrice: 1,
  exitTime: 1,
  exitPrice: 1,
  grossPnl: -1,
  commission: 0,
  financing: -0.5,
  netPnl: -1.5,
  entryReason: text,
  exitReason: text,
  initialRisk: undefined,
});

describe.each(FORMULAS)('%j', (text) => {
  it('runs in no table of a report', () => {
    const base = aRunRecord();
    const trades = base.trades
      .slice(0, 2)
      .map((one) => ({ ...one, instrument: text, entryReason: text, exitReason: text }));
    for (const { text: table } of csvFiles({ ...base, trades })) expect(runIn(table)).toEqual([]);
  });

  it('runs in no row of a run', () => {
    const times = new TimeFormat();
    const order = {
      id: orderId(text),
      clientId: clientId('fxABC'),
      createdAt: 0,
      intent: { instrument: instrumentId(text), side: 'buy', type: 'market', units: 1, timeInForce: 'GTC' },
      status: 'rejected',
      filledUnits: 0,
      averagePrice: 0,
      reason: text,
    } as unknown as Order;
    expect(runIn(`${HEADERS.orders}${orderRow(order, times)}`)).toEqual([]);
    expect(runIn(`${HEADERS.trades}${tradeRow(trade(text), times)}`)).toEqual([]);
    expect(cellsOf(orderRow(order, times))).toHaveLength(HEADERS.orders.split(',').length);
  });

  it('runs in no line of an exported journal', () => {
    const decision = { reason: text, instrument: text, side: text };
    const record = {
      v: 1,
      seq: text,
      ts: text,
      type: text,
      decision,
      order: { id: text, clientId: text },
      price: text,
      units: text,
    };
    const line = exportLine('csv', text, JSON.stringify(record), 'abc');
    expect(runIn(line)).toEqual([]);
    expect(line.endsWith('\n')).toBe(true);
  });
});
