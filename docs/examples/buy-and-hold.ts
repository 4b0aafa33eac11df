// Buys once and holds: what any other strategy has to beat.
//
//   fxtrade backtest docs/examples/buy-and-hold.ts --param share=0.08
//
// The share stays below the risk book's default of a tenth of equity a position. The book also attaches a stop to what has
// none, so a fall ends the position; `--set risk.requireStop=false` holds through it.
import { defineStrategy } from 'fxtrade';

export default defineStrategy({
  name: 'buy-and-hold',
  summary: 'buys a share of equity of each instrument at its first bar and holds',
  params: {
    share: { default: 0.08, min: 0, max: 1, integer: false, unit: 'of equity', summary: 'size of each position' },
  },
  create: ({ params }) => {
    let bought = new Set<string>();
    return {
      onBar(bar) {
        if (bought.has(bar.instrument)) return undefined;
        bought.add(bar.instrument);
        return { kind: 'target', instrument: bar.instrument, weight: params.share, reason: 'buy once and hold' };
      },
      save: () => [...bought],
      load(state) {
        bought = new Set(state as string[]);
      },
    };
  },
});
