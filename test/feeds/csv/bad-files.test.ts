import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { closeOfDate } from '../../../src/core/model/calendar/sessions.js';
import { openSeries } from '../../../src/feeds/csv/series.js';
import { aFile, anInstrument, failureOf, rowsOf } from './support.js';

const H = 'time,open,high,low,close\n';
const A = '2020-01-06 10:00,1,2,0.5,1.5\n';
const B = '2020-01-06 11:00,1,2,0.5,1.5\n';
const V = 'time,open,high,low,close,volume\n2020-01-06 10:00,1,2,0.5,1.5,0\n2020-01-06 11:00,1,2,0.5,1.5,\n';
const Q = 'time,bid,ask\n2020-01-06 10:00:00,1,1.1\n';

async function failing(name: string, content: string | Uint8Array, options = {}) {
  const path = aFile(name, content);
  return failureOf(
    openSeries([path], { instruments: [anInstrument('EUR/USD')], closeOfDate, ...options }).then((opened) =>
      rowsOf(opened.sources[0]!),
    ),
  );
}

describe('a run stops at the first bad row and says where', () => {
  it.each`
    what                     | text                                                                  | code                | where                 | reason
    ${'a word'}              | ${`${H}${A}${B}2020-01-06 12:00,1,2,x,1\n`}                           | ${'DATA.NUMBER'}    | ${'4: column low'}    | ${"'x' is not a number"}
    ${'NaN'}                 | ${`${H}${A}${B}2020-01-06 12:00,NaN,2,1,1\n`}                         | ${'DATA.NUMBER'}    | ${'4: column open'}   | ${"'NaN' is not a number"}
    ${'an empty cell'}       | ${`${H}${A}${B}2020-01-06 12:00,1,,1,1\n`}                            | ${'DATA.NUMBER'}    | ${'4: column high'}   | ${"'' is not a number"}
    ${'infinity'}            | ${`${H}${A}${B}2020-01-06 12:00,1,1e999,1,1\n`}                       | ${'DATA.PRICE'}     | ${'4: column high'}   | ${'price Infinity is not above zero'}
    ${'zero'}                | ${`${H}${A}${B}2020-01-06 12:00,0,2,1,1\n`}                           | ${'DATA.PRICE'}     | ${'4: column open'}   | ${'price 0 is not above zero'}
    ${'a negative price'}    | ${`${H}${A}${B}2020-01-06 12:00,1,2,-1,1\n`}                          | ${'DATA.PRICE'}     | ${'4: column low'}    | ${'price -1 is not above zero'}
    ${'high below low'}      | ${`${H}${A}${B}2020-01-06 12:00,1,1,2,1\n`}                           | ${'DATA.PRICE'}     | ${'4: column high'}   | ${'high 1 is below low 2'}
    ${'close above high'}    | ${`${H}${A}${B}2020-01-06 12:00,1,2,1,3\n`}                           | ${'DATA.PRICE'}     | ${'4: column high'}   | ${'high 2 is below close 3'}
    ${'open below low'}      | ${`${H}${A}${B}2020-01-06 12:00,1,3,2,2\n`}                           | ${'DATA.PRICE'}     | ${'4: column low'}    | ${'low 2 is above open 1'}
    ${'crossed'}             | ${`${Q}2020-01-06 10:00:01,1.2,1.1\n`}                                | ${'DATA.CROSSED'}   | ${'3: column bid'}    | ${'bid 1.2 is above ask 1.1'}
    ${'a volume below zero'} | ${`${V}2020-01-06 12:00,1,2,1,1,-5\n`}                                | ${'DATA.VOLUME'}    | ${'4: column volume'} | ${'volume -5 is below zero'}
    ${'an endless volume'}   | ${`${V}2020-01-06 12:00,1,2,1,1,1e999\n`}                             | ${'DATA.VOLUME'}    | ${'4: column volume'} | ${"the volume is not finite (cell '1e999')"}
    ${'out of order'}        | ${`${H}${A}${B}2020-01-06 12:00,1,2,1,1\n2020-01-06 11:30,1,2,1,1\n`} | ${'DATA.UNSORTED'}  | ${'5: column time'}   | ${'earlier than that of the row before'}
    ${'twice, differently'}  | ${`${H}${A}${B}2020-01-06 11:00,1,2,1,1\n`}                           | ${'DATA.DUPLICATE'} | ${'4: column time'}   | ${'same time and other prices'}
    ${'no such date'}        | ${`${H}${A}${B}2020-02-30 12:00,1,2,1,1\n`}                           | ${'DATA.TIME'}      | ${'4: column time'}   | ${"'2020-02-30 12:00' is not a time"}
    ${'a short row'}         | ${`${H}${A}${B}2020-01-06 12:00,1,2\n`}                               | ${'DATA.COLUMN'}    | ${'4: column low'}    | ${'the row ends before this column'}
  `('$what is $code', async ({ text, code, where, reason }) => {
    const error = await failing('EURUSD.csv', text);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`EURUSD.csv:${where}`);
    expect(error.message).toContain(reason);
    expect(error.facts).toMatchObject({ line: Number(where.split(':')[0]), column: where.split(' ').at(-1) });
    expect(error.next).not.toBe('');
  });

  it.each`
    what                 | row                                           | code             | where               | value
    ${'high below low'}  | ${'2020-01-06 10:00,1,1,2,1'}                 | ${'DATA.PRICE'}  | ${'2: column high'} | ${'1'}
    ${'close outside'}   | ${'2020-01-06 10:00,1,2,1,3'}                 | ${'DATA.PRICE'}  | ${'2: column high'} | ${'2'}
    ${'no finite price'} | ${'2020-01-06 10:00,1,1.1e400,1,1'}           | ${'DATA.PRICE'}  | ${'2: column high'} | ${'1.1e400'}
    ${'infinity'}        | ${'2020-01-06 10:00,1,Infinity,1,1'}          | ${'DATA.NUMBER'} | ${'2: column high'} | ${'Infinity'}
    ${'a missing cell'}  | ${'2020-01-06 10:00,1,,1,1'}                  | ${'DATA.NUMBER'} | ${'2: column high'} | ${''}
    ${'an open quote'}   | ${'2020-01-06 10:00,1,"2,1,1'}                | ${'DATA.NUMBER'} | ${'2: column high'} | ${'"2'}
    ${'hexadecimal'}     | ${'2020-01-06 10:00,1,0x2,1,1'}               | ${'DATA.NUMBER'} | ${'2: column high'} | ${'0x2'}
    ${'decimal commas'}  | ${'2020-01-06 10:00,"1,1","1,2","1,0","1,1"'} | ${'DATA.NUMBER'} | ${'2: column open'} | ${'"1'}
  `('$what in the only row is $code', async ({ row, code, where, value }) => {
    const error = await failing('EURUSD.csv', `${H}${row}\n`);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`EURUSD.csv:${where}`);
    expect(error.facts).toMatchObject({ line: 2, value });
  });

  it('a local time that the clock skipped is no time', async () => {
    const text = `${H}2018-03-11 01:00,1,2,1,1\n2018-03-11 01:30,1,2,1,1\n2018-03-11 02:00,1,2,1,1\n`;
    const error = await failing('EURUSD.csv', text, { timeZone: 'America/New_York' });
    expect(error).toMatchObject({ code: 'DATA.TIME', facts: { line: 4, value: '2018-03-11 02:00' } });
    expect(error.message).toContain('does not exist in America/New_York');
  });

  it('the same row twice is left out and told', async () => {
    const { sources, warnings } = await openSeries([aFile('EURUSD.csv', `${H}${A}${B}${B}`)], {
      instruments: [anInstrument('EUR/USD')],
      closeOfDate,
    });
    expect(await rowsOf(sources[0]!)).toHaveLength(2);
    expect(warnings()).toEqual([expect.stringContaining('1 repeated rows left out')]);
  });
});

describe('files that are no files of prices', () => {
  it.each`
    what               | name                | content                                                 | code                 | message
    ${'empty'}         | ${'EURUSD.csv'}     | ${''}                                                   | ${'DATA.EMPTY'}      | ${'the file is empty'}
    ${'blank lines'}   | ${'EURUSD.csv'}     | ${'\n\n \n'}                                            | ${'DATA.EMPTY'}      | ${'the file is empty'}
    ${'a header only'} | ${'EURUSD.csv'}     | ${H}                                                    | ${'DATA.EMPTY'}      | ${'has no rows with prices of EUR/USD'}
    ${'zero bytes'}    | ${'EURUSD.csv'}     | ${Buffer.from([1, 0, 2, 0])}                            | ${'DATA.BINARY'}     | ${'this is not text'}
    ${'prose'}         | ${'EURUSD.csv'}     | ${'Dear reader,\nthis is a letter.\n'}                  | ${'DATA.FORMAT'}     | ${'not recognised as a file of prices'}
    ${'html'}          | ${'EURUSD.csv'}     | ${'<!DOCTYPE html><html>\n'}                            | ${'DATA.FORMAT'}     | ${'not recognised as a file of prices'}
    ${'no prices'}     | ${'EURUSD.csv'}     | ${'time,open,high\n2020-01-01,1,2\n'}                   | ${'DATA.COLUMN'}     | ${'the header has no complete prices'}
    ${'cut gzip'}      | ${'EURUSD.csv.gz'}  | ${gzipSync(`${H}${A}${B}`).subarray(0, 50)}             | ${'DATA.UNREADABLE'} | ${'damaged or cut short'}
    ${'policy rates'}  | ${'EURUSD.csv'}     | ${'iso2,month,policy_rate_pct\nUS,2018-01,1.5\n'}       | ${'DATA.FORMAT'}     | ${'this is a file of interest rates (BIS)'}
    ${'points'}        | ${'EURUSD.csv'}     | ${`${H}2020-01-06 10:00,112000,112010,111990,112005\n`} | ${'DATA.POINTS'}     | ${'these look like points'}
    ${'a single bar'}  | ${'EURUSD.csv'}     | ${`${H}${A}`}                                           | ${'DATA.TIMEFRAME'}  | ${'too few rows to show how long a bar is'}
    ${'only asks'}     | ${'EURUSD-ask.csv'} | ${`${H}${A}${B}`}                                       | ${'DATA.COLUMN'}     | ${'no file of bids beside it'}
    ${'other json'}    | ${'EURUSD.json'}    | ${'{"prices":[1,2]}'}                                   | ${'DATA.FORMAT'}     | ${'not recognised as Dukascopy candles'}
  `('$what is $code', async ({ name, content, code, message }) => {
    const error = await failing(name, content);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('points are refused with the flag that reads them', async () => {
    const error = await failing(
      'EURGBP.csv',
      `${H}2020-01-06 10:00,80439,80442,80292,80313\n2020-01-06 11:00,80439,80442,80292,80313\n`,
      {
        instruments: [anInstrument('EUR/GBP')],
      },
    );
    expect(error.next).toContain('--price-scale 100000');
  });

  it('a path that is not there is DATA.MISSING_FILE, a folder DATA.UNREADABLE', async () => {
    const options = { instruments: [anInstrument('EUR/USD')], closeOfDate };
    expect((await failureOf(openSeries(['/nowhere/EURUSD.csv'], options))).code).toBe('DATA.MISSING_FILE');
    expect((await failureOf(openSeries(['/'], options))).code).toBe('DATA.UNREADABLE');
  });

  it('an unknown --format names the known ones', async () => {
    const error = await failing('EURUSD.csv', `${H}${A}${B}`, { format: 'xls' });
    expect(error.code).toBe('USAGE.FORMAT');
    expect(error.next).toContain('histdata');
  });
});
