import { expect, it } from 'vitest';
import { csvFiles } from '../../../src/core/report/csv-files.js';
import { aRunRecord } from '../../helpers/a-run-record.js';

const record = aRunRecord();
const text = (name: string): string => csvFiles(record).find((file) => file.name === name)?.text ?? '';

it.each`
  name             | header                                                                                                                         | rows
  ${'equity.csv'}  | ${'time,equity,cash,drawdown'}                                                                                                 | ${record.curve.time.length}
  ${'returns.csv'} | ${'date,return'}                                                                                                               | ${record.daily.date.length}
  ${'trades.csv'}  | ${'instrument,side,units,entryTime,entryPrice,exitTime,exitPrice,grossPnl,commission,financing,netPnl,entryReason,exitReason'} | ${record.trades.length}
  ${'monthly.csv'} | ${'month,return,carry,spot,costs,equity'}                                                                                      | ${240}
`('$name has the columns of the contract and $rows rows', ({ name, header, rows }) => {
  const lines = text(name).trimEnd().split('\n');
  expect(lines[0]).toBe(header);
  expect(lines).toHaveLength(rows + 1);
  const width = header.split(',').length;
  for (const line of lines) expect(line.split(',')).toHaveLength(width);
  expect(text(name)).not.toMatch(/NaN|Infinity|undefined|null/);
});

it('a reason that looks like a formula is kept as text', () => {
  const trades = record.trades.slice(0, 1).map((trade) => ({ ...trade, exitReason: '=HYPERLINK("x")' }));
  const [, , file] = csvFiles({ ...record, trades });
  expect(file?.text).toContain(',"\'=HYPERLINK(""x"")"\n');
});
