import { expect, it } from 'vitest';
import { closeOfDate } from '../../../src/core/model/calendar/sessions.js';
import { checkFile, importFile } from '../../../src/feeds/csv/check.js';
import { aFile, anInstrument, failureOf, rowsOf } from './support.js';

const TEXT = [
  'time,open,high,low,close',
  '2020-01-06 10:00,1,2,0.5,1.5',
  '2020-01-06 11:00,1,2,0.5,1.5',
  '2020-01-06 11:00,1,2,0.5,1.5',
  '2020-01-06 11:00,1,2,0.5,1.75',
  '2020-01-06 12:00,1,2,x,1.5',
  '2020-01-06 13:00,3,2,1,1',
  '2020-01-06 09:00,1,2,0.5,1.5',
  '2020-01-06 14:00,1,2,0.5,1.5',
  '2020-01-32 15:00,1,2,0.5,1.5',
  '2020-01-06 16:00,1,2',
  '2020-01-06 17:00,1,2,0.5,1.5',
].join('\n');

it('an import counts and lists every row that it leaves out, and keeps the rest', async () => {
  const path = aFile('EURUSD.csv', TEXT);
  const { bars, report } = await importFile(path, { instrument: anInstrument('EUR/USD'), closeOfDate });
  const rows = await rowsOf(bars);
  expect(rows.map((row) => row.time.slice(11, 16))).toEqual(['11:00', '12:00', '15:00', '18:00']);
  expect(report).toMatchObject({
    rows: 11,
    rowsKept: 4,
    duplicates: 2,
    outOfOrder: 1,
    badRowCount: 6,
    gapCount: 2,
    missingBars: 4,
    span: { from: Date.parse('2020-01-06T11:00:00Z'), to: Date.parse('2020-01-06T18:00:00Z') },
  });
  expect(report.badRows.map((row) => [row.line, row.code])).toEqual([
    [5, 'DATA.DUPLICATE'],
    [6, 'DATA.NUMBER'],
    [7, 'DATA.PRICE'],
    [8, 'DATA.UNSORTED'],
    [10, 'DATA.TIME'],
    [11, 'DATA.COLUMN'],
  ]);
  expect(report.badRows[1]).toEqual({
    line: 6,
    code: 'DATA.NUMBER',
    reason: "column low: 'x' is not a number",
    text: '2020-01-06 12:00,1,2,x,1.5',
  });
  await rowsOf(bars);
  expect(report).toMatchObject({ rows: 11, rowsKept: 4, badRowCount: 6 });
});

it('a bad row is told before that the rows are too few to show how long a bar is', async () => {
  const head = 'time,open,high,low,close\n';
  const options = { instrument: anInstrument('EUR/USD'), closeOfDate };
  const { signal } = new AbortController();
  const bad = await checkFile(aFile('EURUSD.csv', `${head}2020-01-06 10:00,1,1,2,1\n`), options, signal);
  expect(bad).toMatchObject({ rows: 1, rowsKept: 0, badRowCount: 1, badRows: [{ line: 2, code: 'DATA.PRICE' }] });
  const good = aFile('EURUSD.csv', `${head}2020-01-06 10:00,1,2,1,1\n`);
  expect(await failureOf(checkFile(good, options, signal))).toMatchObject({ code: 'DATA.TIMEFRAME' });
  const mixed = aFile('EURUSD.csv', `${head}2020-01-06 10:00,1,2,1,1\nlater,1,2,1,1\n`);
  expect(await failureOf(checkFile(mixed, options, signal))).toMatchObject({ code: 'DATA.TIME', facts: { line: 3 } });
});

it('a weekend of FX is no gap, for crypto it is', async () => {
  const rows = ['2020-01-10 20:00', '2020-01-10 21:00', '2020-01-12 22:00', '2020-01-12 23:00'];
  const path = aFile(
    'prices.csv',
    `time,open,high,low,close\n${rows.map((time) => `${time},1,2,0.5,1.5`).join('\n')}\n`,
  );
  const { signal } = new AbortController();
  const fx = await checkFile(path, { instrument: anInstrument('EUR/USD'), closeOfDate }, signal);
  expect(fx.gapCount).toBe(0);
  const crypto = await checkFile(path, { instrument: anInstrument('BTC/USDT', 'crypto'), closeOfDate }, signal);
  expect(crypto).toMatchObject({ gapCount: 1, missingBars: 48 });
});

it('only twenty bad rows are listed, all are counted', async () => {
  const bad = Array.from({ length: 50 }, (_, i) => `2020-01-07 ${10 + (i % 10)}:00,x,2,1,1`).join('\n');
  const path = aFile(
    'EURUSD.csv',
    `time,open,high,low,close\n2020-01-06 10:00,1,2,1,1\n2020-01-06 11:00,1,2,1,1\n${bad}\n`,
  );
  const report = await checkFile(
    path,
    { instrument: anInstrument('EUR/USD'), closeOfDate },
    new AbortController().signal,
  );
  expect(report.badRows).toHaveLength(20);
  expect(report.badRowCount).toBe(50);
});
