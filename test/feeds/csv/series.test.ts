import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeOfDate } from '../../../src/core/model/calendar/sessions.js';
import { recognize } from '../../../src/feeds/csv/recognize.js';
import { RowReader } from '../../../src/feeds/csv/rows.js';
import { openSeries, type SeriesOptions } from '../../../src/feeds/csv/series.js';
import { aFile, anInstrument, failureOf, rowsOf } from './support.js';

const eurusd = anInstrument('EUR/USD');
const usdjpy = anInstrument('USD/JPY');
const btc = anInstrument('BTC/USDT', 'crypto');
const aapl = anInstrument('AAPL', 'stock');

async function read(name: string, text: string | Uint8Array, options: Partial<SeriesOptions> = {}) {
  const opened = await openSeries([aFile(name, text)], { instruments: [eurusd], closeOfDate, ...options });
  return { ...opened, info: opened.sources[0]!.info, rows: await rowsOf(opened.sources[0]!) };
}

const BARS = '1,2,0.5,1.5,10';

describe('formats', () => {
  it.each`
    format                 | text                                                                                                                                                                                       | times
    ${'iso'}               | ${`time,open,high,low,close,volume\n2020-01-06T10:00:00Z,${BARS}\n2020-01-06T10:05:00Z,${BARS}`}                                                                                           | ${['10:05', '10:10']}
    ${'no header'}         | ${`2020-01-06 10:00:00,${BARS}\n2020-01-06 10:05:00,${BARS}\n`}                                                                                                                            | ${['10:05', '10:10']}
    ${'epoch seconds'}     | ${`ts,open,high,low,close,volume\n1578304800,${BARS}\n1578305100,${BARS}\n`}                                                                                                               | ${['10:05', '10:10']}
    ${'epoch ms'}          | ${`Open Time,Open,High,Low,Close,Volume,Close Time\n1578304800000,${BARS},1\n1578305100000,${BARS},1\n`}                                                                                   | ${['10:05', '10:10']}
    ${'ccxt rows'}         | ${`1578304800000,${BARS}\n1578305100000,${BARS}\n`}                                                                                                                                        | ${['10:05', '10:10']}
    ${'semicolons'}        | ${`time;open;high;low;close;volume\n2020-01-06 10:00;1;2;0.5;1.5;10\n2020-01-06 10:05;1;2;0.5;1.5;10\n`}                                                                                   | ${['10:05', '10:10']}
    ${'quoted, crlf, bom'} | ${`\uFEFF"time","open","high","low","close","volume"\r\n"2020-01-06 10:00","1","2","0.5","1.5","10"\r\n"2020-01-06 10:05","1","2","0.5","1.5","10"\r\n`}                                   | ${['10:05', '10:10']}
    ${'metatrader'}        | ${`<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n2020.01.06\t10:00:00\t1\t2\t0.5\t1.5\t10\n2020.01.06\t10:05:00\t1\t2\t0.5\t1.5\t10\n`}                                       | ${['10:05', '10:10']}
    ${'metatrader bare'}   | ${`2020.01.06,10:00,${BARS}\n2020.01.06,10:05,${BARS}\n`}                                                                                                                                  | ${['10:05', '10:10']}
    ${'histdata'}          | ${'20200106 050000;1;2;0.5;1.5;10\n20200106 050500;1;2;0.5;1.5;10\n'}                                                                                                                      | ${['10:05', '10:10']}
    ${'dukascopy csv'}     | ${`Gmt time,Open,High,Low,Close,Volume\n06.01.2020 10:00:00.000,${BARS}\n06.01.2020 10:05:00.000,${BARS}\n`}                                                                               | ${['10:05', '10:10']}
    ${'date and time'}     | ${`Date,Time,Open,High,Low,Close,Volume\n2020-01-06,10:00,${BARS}\n2020-01-06,10:05,${BARS}\n`}                                                                                            | ${['10:05', '10:10']}
    ${'a title above'}     | ${`https://www.cryptodatadownload.com\nunix,date,symbol,open,high,low,close,Volume BTC\n1578305100,2020-01-06 10:05:00,EUR/USD,${BARS}\n1578304800,2020-01-06 10:00:00,EUR/USD,${BARS}\n`} | ${['10:05', '10:10']}
  `('$format', async ({ text, times }) => {
    const { rows, info } = await read('EURUSD.csv', text);
    expect(rows.map((row) => row.time.slice(11, 16))).toEqual(times);
    expect(rows[1]).toEqual({ time: '2020-01-06T10:10:00.000Z', prices: [1, 2, 0.5, 1.5], volume: 10 });
    expect(info.timeframeMs).toBe(300_000);
  });

  it('bid and ask columns keep both sides, their middle is the price', async () => {
    const header = 'time,bid_open,bid_high,bid_low,bid_close,ask_open,ask_high,ask_low,ask_close';
    const { rows, info } = await read(
      'EURUSD.csv',
      `${header}\n2020-01-06 10:00,1,2,0.5,1.5,1.5,2.5,1,2\n2020-01-06 11:00,1,2,0.5,1.5,1.5,2.5,1,2\n`,
    );
    expect(info.side).toBe('both');
    expect(rows[0]).toMatchObject({ prices: [1.25, 2.25, 0.75, 1.75], bid: [1, 2, 0.5, 1.5], ask: [1.5, 2.5, 1, 2] });
  });

  it('ticks keep their own times, repeated ones too', async () => {
    const { rows, info } = await read(
      'EURUSD.csv',
      'time,bid,ask\n2020-01-06 10:00:00.001,1,1.5\n2020-01-06 10:00:00.001,1,1.25\n',
    );
    expect(info).toMatchObject({ side: 'both', timeframeMs: 0 });
    expect(rows.map((row) => [row.time.slice(17), row.ask?.[0]])).toEqual([
      ['00.001Z', 1.5],
      ['00.001Z', 1.25],
    ]);
  });

  it('dates are the close of the market: FX 17:00 New York, stocks 16:00, crypto the last ms of the day', async () => {
    const text = `date,open,high,low,close,volume\n2020-01-06,${BARS}\n2020-07-06,${BARS}\n`;
    const times = async (instrument: typeof eurusd) =>
      (await read('prices.csv', text, { instruments: [instrument] })).rows.map((row) => row.time);
    expect(await times(eurusd)).toEqual(['2020-01-06T22:00:00.000Z', '2020-07-06T21:00:00.000Z']);
    expect(await times(aapl)).toEqual(['2020-01-06T21:00:00.000Z', '2020-07-06T20:00:00.000Z']);
    expect(await times(btc)).toEqual(['2020-01-06T23:59:59.999Z', '2020-07-06T23:59:59.999Z']);
  });

  it('the label, the zone and the scale are overruled by the user', async () => {
    const text =
      'time,open,high,low,close\n2020-07-06 10:00,100000,200000,50000,150000\n2020-07-06 11:00,100000,200000,50000,150000\n';
    const { rows } = await read('EURUSD.csv', text, {
      timeLabel: 'close',
      timeZone: 'Europe/Athens',
      priceScale: 100_000,
    });
    expect(rows[0]).toMatchObject({ time: '2020-07-06T07:00:00.000Z', prices: [1, 2, 0.5, 1.5] });
    const other = await read('EURUSD.csv', text, { priceScale: 0.00001 });
    expect(other.rows[0]?.prices).toEqual([1, 2, 0.5, 1.5]);
  });

  it('points with the dust of binary fractions become the decimals they stand for', async () => {
    const text =
      'time,open,high,low,close\n2020-07-06 10:00,100133.99999999999,100201.99999999999,100113.00000000001,100119.0\n2020-07-06 11:00,1e5,1e5,1e5,1e5\n';
    const { rows } = await read('USDCAD.csv', text, { instruments: [anInstrument('USD/CAD')], priceScale: 100_000 });
    expect(rows[0]?.prices).toEqual([1.00134, 1.00202, 1.00113, 1.00119]);
  });

  it('dividends and splits of a newest-first file are actions before their bar', async () => {
    const header = 'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient';
    const text = `${header}\n2020-01-08,1,2,0.5,1.5,1,10,0.25,1.0\n2020-01-07,1,2,0.5,1.5,1,10,0.0000,2.0\n2020-01-06,1,2,0.5,1.5,1,10,0,1.0\n`;
    const { sources, rows } = await read('AAPL.csv', text, { instruments: [aapl] });
    expect(rows.map((row) => row.time.slice(0, 10))).toEqual(['2020-01-06', '2020-01-07', '2020-01-08']);
    for await (const chunk of sources[0]!.chunks(new AbortController().signal)) {
      expect(chunk.actions).toEqual([
        { instrument: 'AAPL', ts: Date.parse('2020-01-06T21:00:00Z'), kind: 'split', value: 2 },
        { instrument: 'AAPL', ts: Date.parse('2020-01-07T21:00:00Z'), kind: 'dividend', value: 0.25 },
      ]);
    }
  });

  it('a cross of a wide file is the quotient of its legs; a missing leg is no row', async () => {
    const text = 'Date,USD,JPY,XAF,\n2020-01-07,1.25,N/A,1,\n2020-01-06,1.25,125,1,\n';
    const { rows, notes, warnings } = await read('eurofxref-hist.csv', text, { instruments: [usdjpy] });
    expect(rows).toEqual([{ time: '2020-01-06T22:00:00.000Z', prices: [100, 100, 100, 100], volume: Number.NaN }]);
    expect(notes[0]).toContain('ecb');
    expect(warnings()[0]).toContain('1 dates without a value of USD/JPY');
  });

  it('gzip reads the same as plain, and the hash is of the bytes on disk', async () => {
    const text = `time,open,high,low,close,volume\n1578304800,${BARS}\n1578305100,${BARS}\n`;
    const plain = await read('EURUSD.csv', text);
    const packed = await read('EURUSD.csv.gz', gzipSync(text));
    expect(packed.rows).toEqual(plain.rows);
    expect(await plain.hash()).toMatch(/^[0-9a-f]{64}$/);
    expect(await packed.hash()).not.toBe(await plain.hash());
  });
});

describe('whose file it is', () => {
  const bars = (price: number): string =>
    `time,open,high,low,close\n2020-01-06 10:00,${price},${price},${price},${price}\n2020-01-06 11:00,${price},${price},${price},${price}\n`;
  const open = async (files: readonly [string, number][], instruments: readonly ReturnType<typeof anInstrument>[]) => {
    const paths = files.map(([name, price]) => aFile(name, bars(price)));
    const lookup = (symbol: string) =>
      /^(EUR\/USD|USD\/JPY|BTC\/USDT|AAPL)$/.test(symbol) ? anInstrument(symbol) : undefined;
    const opened = await openSeries(paths, { instruments, lookup, closeOfDate });
    const firsts: [string, number | undefined][] = [];
    for (const source of opened.sources) firsts.push([source.info.instrument, (await rowsOf(source))[0]?.prices[0]]);
    return firsts;
  };

  it.each(['EURUSD.csv', 'eur_usd_h1.csv', 'EUR-USD.csv', 'DAT_ASCII_EURUSD_M1_2018.csv', 'eurusdh1.csv'])(
    '%s names EUR/USD',
    async (name) => {
      expect(
        await open(
          [
            [name, 1],
            ['USDJPY.csv', 100],
          ],
          [usdjpy, eurusd],
        ),
      ).toEqual([
        ['USD/JPY', 100],
        ['EUR/USD', 1],
      ]);
    },
  );

  it('files without a symbol go by order', async () => {
    expect(
      await open(
        [
          ['a.csv', 1],
          ['b.csv', 100],
        ],
        [eurusd, usdjpy],
      ),
    ).toEqual([
      ['EUR/USD', 1],
      ['USD/JPY', 100],
    ]);
  });

  it('without --instruments the names say it', async () => {
    expect(
      await open(
        [
          ['BTCUSDT.csv', 1],
          ['aapl_daily.csv', 2],
        ],
        [],
      ),
    ).toEqual([
      ['BTC/USDT', 1],
      ['AAPL', 2],
    ]);
  });

  it.each`
    files                                 | instruments                                    | message
    ${[['a.csv', 1], ['b.csv', 1]]}       | ${[eurusd, usdjpy, btc]}                       | ${'2 of 2 files name no instrument'}
    ${[['USDJPY.csv', 1]]}                | ${[eurusd]}                                    | ${'no file has prices of EUR/USD'}
    ${[['BTCUSDT.csv', 1], ['x.csv', 1]]} | ${[anInstrument('BTC/USD', 'crypto'), eurusd]} | ${'1 of 2 files name no instrument'}
    ${[['a.csv', 1]]}                     | ${[]}                                          | ${'neither a column nor the name says'}
    ${[['EURUSD_USDJPY.csv', 1]]}         | ${[eurusd, usdjpy]}                            | ${'its name fits EUR/USD and USD/JPY'}
  `('doubt is refused: $message', async ({ files, instruments, message }) => {
    const error = await failureOf(open(files, instruments));
    expect(error.code).toBe('DATA.SYMBOL');
    expect(error.message).toContain(message);
  });

  it('a symbol column sorts the rows', async () => {
    const text =
      'time,symbol,open,high,low,close\n2020-01-06 10:00,EURUSD,1,1,1,1\n2020-01-06 10:00,USD/JPY,100,100,100,100\n2020-01-06 11:00,EURUSD,2,2,2,2\n2020-01-06 11:00,USD/JPY,200,200,200,200\n';
    const { sources } = await openSeries([aFile('all.csv', text)], {
      instruments: [usdjpy, eurusd],
      closeOfDate,
      timeframeMs: 3_600_000,
    });
    const prices = await Promise.all(sources.map(async (source) => (await rowsOf(source)).map((row) => row.prices[0])));
    expect(prices).toEqual([
      [100, 200],
      [1, 2],
    ]);
  });

  it('bids and asks in two files are one series; a minute that one lacks is left out and told', async () => {
    const bid = aFile(
      'eurusd-bid.csv',
      'time,open,high,low,close\n2020-01-06 10:00,1,1,1,1\n2020-01-06 10:01,1,1,1,1\n2020-01-06 10:03,1,1,1,1\n',
    );
    const ask = aFile(
      'eurusd-ask.csv',
      'time,open,high,low,close\n2020-01-06 10:00,2,2,2,2\n2020-01-06 10:01,2,2,2,2\n2020-01-06 10:02,2,2,2,2\n2020-01-06 10:03,2,2,2,2\n',
    );
    const { sources, warnings } = await openSeries([ask, bid], { instruments: [eurusd], closeOfDate });
    const rows = await rowsOf(sources[0]!);
    expect(rows.map((row) => [row.time.slice(11, 16), row.prices[0]])).toEqual([
      ['10:01', 1.5],
      ['10:02', 1.5],
      ['10:04', 1.5],
    ]);
    expect(warnings()).toEqual([expect.stringContaining('0 bars without an ask and 1 without a bid')]);
  });

  it('files of one instrument follow each other by time', async () => {
    const year = (n: number) =>
      aFile(`EURUSD_${n}.csv`, `time,open,high,low,close\n${n}-01-06 10:00,1,1,1,1\n${n}-01-06 11:00,1,1,1,1\n`);
    const { sources } = await openSeries([year(2021), year(2020)], { instruments: [eurusd], closeOfDate });
    expect((await rowsOf(sources[0]!)).map((row) => row.time.slice(0, 4))).toEqual(['2020', '2020', '2021', '2021']);
  });
});

describe('blocks', () => {
  it('how the bytes are cut into blocks never changes the rows', () => {
    const lines = Array.from(
      { length: 60 },
      (_, i) => `${1_578_304_800 + i * 60 + (i > 30 ? 60 : 0)},1.${i},2.5,0.5,1.${i},${i}`,
    );
    const text = Buffer.from(`time,open,high,low,close,volume\r\n${lines.join('\r\n')}`);
    const layout = recognize({ path: 'x.csv', name: 'x.csv', bytes: text }, {});
    const readIn = (cuts: readonly number[]): number[] => {
      const reader = new RowReader(layout, { file: 'x.csv', assetClass: 'fx', closeOfDate });
      const out: number[] = [];
      const drain = (): void => {
        do {
          const length = reader.read();
          for (let i = 0; i < length; i++)
            out.push(reader.bars.ts[i]!, reader.bars.price.open[i]!, reader.bars.volume[i]!);
        } while (reader.hasMore);
      };
      let from = 0;
      for (const cut of [...cuts].sort((a, b) => a - b)) {
        reader.feed(text.subarray(from, cut), false);
        from = cut;
        drain();
      }
      reader.feed(text.subarray(from), true);
      drain();
      return out;
    };
    const whole = readIn([]);
    expect(whole).toHaveLength(180);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 40 }), (cuts) => {
        expect(readIn(cuts)).toEqual(whole);
      }),
    );
  });
});
