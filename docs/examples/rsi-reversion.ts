// Buys what has fallen too far by Wilder's RSI and sells it again in the middle.
//
//   fxtrade backtest docs/examples/rsi-reversion.ts --param low=25
//   fxtrade backtest docs/examples/rsi-reversion.ts --sweep low=20:35:5
import { defineStrategy, Rsi } from 'fxtrade';

export default defineStrategy({
  name: 'rsi-reversion',
  summary: 'long when RSI is low, out when it is back in the middle',
  params: {
    window: { default: 14, min: 2, max: 200, unit: 'bars', summary: 'window of the RSI' },
    low: { default: 30, min: 1, max: 49, integer: false, unit: 'RSI', summary: 'at or below it is bought' },
    out: { default: 50, min: 50, max: 99, integer: false, unit: 'RSI', summary: 'at or above it is sold' },
    stopBps: { default: 100, min: 1, max: 5000, unit: 'bps', summary: 'protective stop from the close, of price' },
  },
  create: ({ params, instruments }) => {
    const lines = new Map(instruments.map(({ id }) => [id, new Rsi(params.window)]));
    return {
      onBar(bar, view) {
        const rsi = lines.get(bar.instrument)?.update(bar.close) ?? Number.NaN;
        const { instrument, close } = bar;
        if (rsi <= params.low && view.units(instrument) === 0 && !view.pending(instrument)) {
          const stop = close * (1 - params.stopBps / 10_000);
          return { kind: 'signal', instrument, exposure: 1, reason: 'RSI is low', inputs: { rsi }, stop };
        }
        if (rsi >= params.out && view.units(instrument) > 0) {
          return { kind: 'signal', instrument, exposure: 0, reason: 'RSI is back', inputs: { rsi } };
        }
        return undefined;
      },
      onSplit: (instrument, ratio) => lines.get(instrument)?.split(ratio),
      save: () => [...lines].map(([id, line]) => [id, line.save()]),
      load(state) {
        for (const [id, saved] of state as [string, unknown][]) {
          const instrument = instruments.find((each) => each.id === id);
          if (instrument !== undefined) lines.get(instrument.id)?.load(saved);
        }
      },
    };
  },
});
