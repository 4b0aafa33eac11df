import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeOfDate } from '../../../src/core/model/calendar/sessions.js';
import { checkFile } from '../../../src/feeds/csv/check.js';
import { openSeries } from '../../../src/feeds/csv/series.js';
import { anInstrument, failureOf, rowsOf } from './support.js';

const MARKET = join(process.env['FXTRADE_SHARED'] ?? '../shared', 'data/market');
const absent = !existsSync(MARKET);
if (absent) console.log(`skipped: ${MARKET} is not here`);

const classOf = (id: string) => (id.includes('USDT') ? 'crypto' : id.includes('/') ? 'fx' : 'stock');

describe.skipIf(absent)('real files, against what their sources say of them', () => {
  it.each`
    file                                                                  | id            | format              | rows      | from                          | to                            | first                      | last
    ${'fx/ecb_eurofxref_hist_to_2018.csv.gz'}                             | ${'EUR/USD'}  | ${'ecb'}            | ${5120}   | ${'1999-01-04T22:00:00.000Z'} | ${'2018-12-31T22:00:00.000Z'} | ${1.1789}                  | ${1.145}
    ${'fx/ecb_eurofxref_hist_to_2018.csv.gz'}                             | ${'USD/JPY'}  | ${'ecb'}            | ${5120}   | ${'1999-01-04T22:00:00.000Z'} | ${'2018-12-31T22:00:00.000Z'} | ${133.73 / 1.1789}         | ${125.85 / 1.145}
    ${'fx/fred_h10_asia_to_2020/DEXCHUS.csv'}                             | ${'USD/CNY'}  | ${'fred'}           | ${5221}   | ${'2000-01-03T22:00:00.000Z'} | ${'2020-10-16T21:00:00.000Z'} | ${8.2798}                  | ${6.6962}
    ${'fx/mt5_daily/USDSEK.csv'}                                          | ${'USD/SEK'}  | ${'metatrader'}     | ${6859}   | ${'2000-01-03T22:00:00.000Z'} | ${'2025-06-27T21:00:00.000Z'} | ${8.4904}                  | ${9.47688}
    ${'intraday/histdata_m1/EURUSD_M1_2018.csv.gz'}                       | ${'EUR/USD'}  | ${'histdata'}       | ${372607} | ${'2018-01-01T22:01:00.000Z'} | ${'2018-12-31T22:00:00.000Z'} | ${1.20037}                 | ${1.14644}
    ${'intraday/histdata_m1/USDJPY_M1_2018.csv.gz'}                       | ${'USD/JPY'}  | ${'histdata'}       | ${371800} | ${'2018-01-01T22:01:00.000Z'} | ${'2018-12-31T21:59:00.000Z'} | ${112.645}                 | ${109.6}
    ${'intraday/lean/oanda_eurusd_hour_bidask.csv.gz'}                    | ${'EUR/USD'}  | ${'lean'}           | ${74439}  | ${'2007-01-01T22:00:00.000Z'} | ${'2018-12-31T22:00:00.000Z'} | ${(1.31927 + 1.32027) / 2} | ${(1.14607 + 1.14707) / 2}
    ${'intraday/lean/oanda_nzdusd_hour_bidask.csv.gz'}                    | ${'NZD/USD'}  | ${'lean'}           | ${74451}  | ${'2007-01-01T22:00:00.000Z'} | ${'2018-12-31T22:00:00.000Z'} | ${(0.7039 + 0.7049) / 2}   | ${(0.67078 + 0.67278) / 2}
    ${'intraday/lean/oanda_eurgbp_daily_bidask.csv.gz'}                   | ${'EUR/GBP'}  | ${'lean'}           | ${3738}   | ${'2007-01-02T00:00:00.000Z'} | ${'2019-01-01T00:00:00.000Z'} | ${(0.67332 + 0.67432) / 2} | ${(0.89767 + 0.89965) / 2}
    ${'intraday/lean/oanda_eurusd_tick_20140507.csv.gz'}                  | ${'EUR/USD'}  | ${'lean'}           | ${41367}  | ${'2014-05-07T00:00:07.135Z'} | ${'2014-05-07T23:59:42.008Z'} | ${(1.39286 + 1.39298) / 2} | ${(1.39101 + 1.39113) / 2}
    ${'intraday/fxcm_m1_bidask/gbpusd-m1-bid-2012.csv.gz'}                | ${'GBP/USD'}  | ${'generic'}        | ${30117}  | ${'2012-02-01T00:01:00.000Z'} | ${'2012-03-01T00:01:00.000Z'} | ${1.57597}                 | ${1.59208}
    ${'intraday/ticks/truefx_usdjpy_20130101.csv'}                        | ${'USD/JPY'}  | ${'ticks'}          | ${1000}   | ${'2013-01-01T22:00:00.295Z'} | ${'2013-01-01T22:35:13.494Z'} | ${(86.655 + 86.728) / 2}   | ${(86.836 + 86.854) / 2}
    ${'intraday/ticks/histdata_eurusd_20200101.csv'}                      | ${'EUR/USD'}  | ${'histdata-ticks'} | ${9500}   | ${'2020-01-01T22:00:00.065Z'} | ${'2020-01-02T04:00:52.125Z'} | ${(1.1212 + 1.12172) / 2}  | ${(1.1213 + 1.12132) / 2}
    ${'intraday/dukascopy_raw/candles-minute-EUR-USD-BID-2026-7-10.json'} | ${'EUR/USD'}  | ${'dukascopy'}      | ${1258}   | ${'2026-07-10T00:01:00.000Z'} | ${'2026-07-10T21:00:00.000Z'} | ${1.14331}                 | ${1.14122}
    ${'equities/av_daily_adjusted/AAPL.csv.gz'}                           | ${'AAPL'}     | ${'alphavantage'}   | ${5314}   | ${'1999-11-01T21:00:00.000Z'} | ${'2020-12-11T21:00:00.000Z'} | ${80}                      | ${122.41}
    ${'equities/av_daily_adjusted/TLT.csv.gz'}                            | ${'TLT'}      | ${'alphavantage'}   | ${4629}   | ${'2002-07-26T20:00:00.000Z'} | ${'2020-12-11T21:00:00.000Z'} | ${82.67}                   | ${158.77}
    ${'equities/lean/aapl_daily.csv.gz'}                                  | ${'AAPL'}     | ${'lean'}           | ${5849}   | ${'1998-01-02T21:00:00.000Z'} | ${'2021-03-31T20:00:00.000Z'} | ${13.63}                   | ${122.15}
    ${'equities/lean/spy_hour.csv.gz'}                                    | ${'SPY'}      | ${'lean'}           | ${40832}  | ${'1998-01-02T15:00:00.000Z'} | ${'2021-03-31T20:00:00.000Z'} | ${97.31}                   | ${396.33}
    ${'crypto/BTCUSDT_1h_2020_2025.csv.gz'}                               | ${'BTC/USDT'} | ${'generic'}        | ${43780}  | ${'2020-10-07T19:00:00.000Z'} | ${'2025-10-06T18:00:00.000Z'} | ${10639.01}                | ${125296.18}
    ${'crypto/BTCUSDT_1h_2017_2021.csv.gz'}                               | ${'BTC/USDT'} | ${'ccxt'}           | ${34349}  | ${'2017-08-17T05:00:00.000Z'} | ${'2021-07-19T01:00:00.000Z'} | ${16199.91}                | ${31798.94}
    ${'crypto/BTCUSDT_1d_2017_2021.csv.gz'}                               | ${'BTC/USDT'} | ${'ccxt'}           | ${1434}   | ${'2017-08-18T00:00:00.000Z'} | ${'2021-07-21T00:00:00.000Z'} | ${4469.93}                 | ${30870.59}
    ${'crypto/BTC_PERP_1m_20211231_20220201.csv.gz'}                      | ${'BTC/USDT'} | ${'generic'}        | ${45031}  | ${'2021-12-31T23:02:00.000Z'} | ${'2022-02-01T05:32:00.000Z'} | ${46319}                   | ${38544}
  `('$file has $rows rows of $id', async ({ file, id, format, rows, from, to, first, last }) => {
    const options = { instruments: [anInstrument(id, classOf(id))], closeOfDate };
    const { sources, notes } = await openSeries([join(MARKET, file)], options);
    const read = await rowsOf(sources[0]!);
    expect(notes[0]).toContain(`: ${format}, ${id}`);
    expect(read).toHaveLength(rows);
    expect([read[0]?.time, read.at(-1)?.time]).toEqual([from, to]);
    expect([read[0]?.prices[0], read.at(-1)?.prices[3]]).toEqual([first, last]);
  });

  it('the digest is the one that the list of sources has', async () => {
    const path = join(MARKET, 'intraday/histdata_m1/EURUSD_M1_2018.csv.gz');
    const opened = await openSeries([path], { instruments: [anInstrument('EUR/USD')], closeOfDate });
    expect(await opened.hash()).toMatch(/^c0ba7ccb365d/);
  });

  it('points exports are refused, and read with --price-scale and their clock', async () => {
    const path = join(MARKET, 'intraday/ejtrader/EURGBP_h1.csv.gz');
    const instruments = [anInstrument('EUR/GBP')];
    expect(await failureOf(openSeries([path], { instruments, closeOfDate }))).toMatchObject({
      code: 'DATA.POINTS',
      facts: { suggestedScale: 100_000 },
    });
    const { sources } = await openSeries([path], { instruments, closeOfDate, priceScale: 100_000, timeZone: 'EET' });
    const rows = await rowsOf(sources[0]!);
    expect(rows).toHaveLength(57_600);
    expect(rows[0]).toMatchObject({ time: '2012-11-16T07:00:00.000Z', prices: [0.80439, 0.80442, 0.80292, 0.80313] });
  });

  it('a pair of bid and ask files with crossed minutes stops a run', async () => {
    const paths = ['ask', 'bid'].map((side) => join(MARKET, `intraday/fxcm_m1_bidask/gbpusd-m1-${side}-2012.csv.gz`));
    const { sources } = await openSeries(paths, { instruments: [anInstrument('GBP/USD')], closeOfDate });
    expect((await failureOf(rowsOf(sources[0]!))).code).toBe('DATA.CROSSED');
  });

  it.each`
    pair                | id           | rows     | crossed
    ${'gbpusd-m1-2012'} | ${'GBP/USD'} | ${30117} | ${1203}
    ${'usdjpy-m1-2013'} | ${'USD/JPY'} | ${28761} | ${2144}
  `('an import of $pair counts $crossed crossed minutes and leaves them out', async ({ pair, id, rows, crossed }) => {
    const [symbol, step, year] = pair.split('-');
    const [bid = '', ask = ''] = ['bid', 'ask'].map((side) =>
      join(MARKET, `intraday/fxcm_m1_bidask/${symbol}-${step}-${side}-${year}.csv.gz`),
    );
    const options = { instrument: anInstrument(id), closeOfDate, askPath: ask };
    const report = await checkFile(bid, options, new AbortController().signal);
    expect(report).toMatchObject({ rows, badRowCount: crossed, rowsKept: rows - crossed, unpaired: 0, side: 'both' });
  });

  it.each`
    file                                            | id            | missing | values
    ${'crypto/BTCUSDT_1h_2020_2025.csv.gz'}         | ${'BTC/USDT'} | ${20}   | ${0}
    ${'crypto/BTCUSDT_1h_2017_2021.csv.gz'}         | ${'BTC/USDT'} | ${16}   | ${0}
    ${'fx/fred_h10_asia_to_2020/DEXCHUS.csv'}       | ${'USD/CNY'}  | ${204}  | ${204}
    ${'equities/av_daily_adjusted/AAPL.csv.gz'}     | ${'AAPL'}     | ${0}    | ${0}
    ${'intraday/histdata_m1/EURUSD_M1_2018.csv.gz'} | ${'EUR/USD'}  | ${1793} | ${0}
  `('a check of $file finds $missing missing bars', async ({ file, id, missing, values }) => {
    const options = { instrument: anInstrument(id, classOf(id)), closeOfDate };
    const report = await checkFile(join(MARKET, file), options, new AbortController().signal);
    expect(report).toMatchObject({ missingBars: missing, missingValues: values, duplicates: 0, badRowCount: 0 });
  });
});
