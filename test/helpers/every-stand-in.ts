import { systemClock } from '../../src/core/ports/clock.js';
import { alertStandIns } from './alert-stand-ins.js';
import { loopbackBroker } from './loopback-broker.js';
import { bisStandIn, ecbStandIn } from './vendors/free.js';
import {
  alpacaStandIn,
  alphaVantageStandIn,
  fredApiStandIn,
  KEY,
  polygonStandIn,
  tiingoStandIn,
} from './vendors/keyed.js';
import { alpacaProtocol, polygonProtocol, streamOn, tiingoProtocol } from './vendors/streams.js';

const DAY = 86_400_000;
const dateOf = (ts: number): string => new Date(ts).toISOString().slice(0, 10);

/** Every vendor, broker and channel on loopback, with data of today, and the environment that leads there. */
export async function everyStandIn() {
  const now = systemClock().now();
  const friday = dateOf(now - ((new Date(now).getUTCDay() + 2) % 7) * DAY);
  const month = dateOf(now - 40 * DAY).slice(0, 7);
  const [ecb, bis, fred, polygon, tiingo, alpaca, alphavantage, oanda, channels] = await Promise.all([
    ecbStandIn(`Date,USD,JPY\n${friday},1.1,160.5\n`),
    bisStandIn(`US,${month},3.875`),
    fredApiStandIn([{ date: friday, value: '3.88', realtime_start: friday }]),
    polygonStandIn(),
    tiingoStandIn(),
    alpacaStandIn(),
    alphaVantageStandIn(now),
    loopbackBroker(),
    alertStandIns(),
  ]);
  const streams = {
    polygon: streamOn(polygon.server, polygonProtocol),
    tiingo: streamOn(tiingo.server, tiingoProtocol),
    alpaca: streamOn(alpaca.server, alpacaProtocol),
  };
  for (const stream of Object.values(streams)) stream.first = (id) => ({ id, ts: now, bid: 1.1, ask: 1.2 });
  const vendors = { ecb, bis, fred, polygon, tiingo, alpaca, alphavantage };
  return {
    ...vendors,
    streams,
    oanda,
    channels,
    env: {
      ECB_BASE_URL: ecb.url,
      BIS_BASE_URL: bis.url,
      FRED_BASE_URL: fred.url,
      FRED_API_KEY: KEY,
      POLYGON_BASE_URL: polygon.url,
      POLYGON_API_KEY: KEY,
      TIINGO_BASE_URL: tiingo.url,
      TIINGO_API_KEY: KEY,
      ALPACA_DATA_BASE_URL: alpaca.url,
      ALPACA_API_KEY: KEY,
      ALPACA_SECRET_KEY: KEY,
      ALPHAVANTAGE_BASE_URL: alphavantage.url,
      ALPHAVANTAGE_API_KEY: KEY,
      ...oanda.env,
      ...channels.env,
    },
    async close() {
      for (const one of [...Object.values(vendors), oanda, channels]) await one.close();
    },
  };
}
