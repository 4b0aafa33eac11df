// A buy limit below the market for a few hours, with a target above and a stop below; then the next one.
//
//   fxtrade backtest docs/examples/grid-limit.ts --param stepBps=20 --param hours=6
//
// A limit that lives until a given time (GTD) is taken back by the venue when the time has come.
import { defineStrategy, roundTo } from 'fxtrade';

const HOUR_MS = 3_600_000;

export default defineStrategy({
  name: 'grid-limit',
  summary: 'a buy limit below the close, a target one step above it, a stop some steps below',
  params: {
    stepBps: {
      default: 20,
      min: 1,
      max: 1000,
      unit: 'bps',
      summary: 'distance of the limit and of the target, of price',
    },
    stopSteps: { default: 3, min: 1, max: 50, unit: 'steps', summary: 'distance of the stop below the limit' },
    hours: { default: 6, min: 1, max: 240, unit: 'hours', summary: 'life of a limit' },
    units: { default: 5000, min: 1, max: 10_000_000, unit: 'units', summary: 'size of an order, units of base' },
  },
  create: ({ params, instruments }) => {
    const ticks = new Map(instruments.map(({ id, tick }) => [id, tick]));
    const step = params.stepBps / 10_000;
    return {
      onBar(bar, view) {
        const { instrument, close } = bar;
        if (view.units(instrument) !== 0 || view.pending(instrument)) return undefined;
        // An order wish must lie on the instrument's grid of prices.
        const tick = ticks.get(instrument) ?? 0;
        const price = roundTo(close * (1 - step), tick);
        return {
          kind: 'order',
          instrument,
          side: 'buy',
          units: params.units,
          type: 'limit',
          price,
          takeProfit: roundTo(close, tick),
          stopLoss: roundTo(price * (1 - step * params.stopSteps), tick),
          timeInForce: 'GTD',
          expiresAt: bar.ts + params.hours * HOUR_MS,
          reason: `limit ${params.stepBps} bps below the close`,
        };
      },
      save: () => null,
      load: () => undefined,
    };
  },
});
