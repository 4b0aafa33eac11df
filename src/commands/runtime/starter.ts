/** The strategy file that `init` writes: short, complete, and the same in every mode. */
export const STARTER = `import { defineStrategy } from 'fxtrade';

// Buys when the price closes above its average, goes flat below it.
export default defineStrategy({
  name: 'my-strategy',
  params: {
    window: { default: 50, min: 2, max: 1000, unit: 'bars', summary: 'length of the average' },
  },
  history: (params) => params.window,
  create: ({ params }) => ({
    onBar(bar, view) {
      const closes = view.closes(bar.instrument, params.window);
      if (closes.length < params.window) return;
      const average = closes.reduce((sum, close) => sum + close, 0) / closes.length;
      const held = view.units(bar.instrument) > 0;
      if (bar.close > average && !held) {
        return { kind: 'signal', instrument: bar.instrument, exposure: 1, reason: 'close above average' };
      }
      if (bar.close < average && held) {
        return { kind: 'signal', instrument: bar.instrument, exposure: 0, reason: 'close below average' };
      }
    },
  }),
});
`;
