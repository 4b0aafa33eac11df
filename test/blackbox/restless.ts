/**
 * A strategy that always wants something: at each bar and for each instrument it goes long, short or flat with a bracket,
 * rests a limit order beside the market, or takes one back. What it wants depends on a counter that it saves. With `hangAfter`
 * it enters a loop without end at its n-th bar.
 */
export const RESTLESS = `import { defineStrategy } from 'fxtrade';
export default defineStrategy({
  name: 'restless',
  params: { hangAfter: { default: 0, min: 0, max: 100000 } },
  create: ({ params }) => {
    let n = 1;
    let bars = 0;
    const draw = (most) => {
      n = (n * 1103515245 + 12345) % 2147483648;
      return Math.floor(n / 65536) % most;
    };
    return {
      onBar(bar, view) {
        const { instrument, close } = bar;
        while (params.hangAfter > 0 && bars >= params.hangAfter);
        bars++;
        const side = draw(2) === 0 ? 1 : -1;
        const away = close * 0.0035;
        const stop = close - side * away;
        const takeProfit = close + side * away;
        switch (draw(10)) {
          case 0:
            return { kind: 'signal', instrument, exposure: 0, reason: 'out' };
          case 1:
            return { kind: 'cancel', instrument, reason: 'taken back' };
          case 2:
            if (view.pending(instrument) || view.units(instrument) !== 0) return undefined;
            return {
              kind: 'order', instrument, side: side > 0 ? 'buy' : 'sell', units: 500, type: 'limit',
              price: Number((close * (1 - side * 0.0015)).toFixed(close > 50 ? 3 : 5)), reason: 'beside the market',
            };
          default:
            return { kind: 'signal', instrument, exposure: side, reason: 'turn', stop, takeProfit };
        }
      },
      save: () => ({ n, bars }),
      load: (saved) => ({ n, bars } = saved),
    };
  },
});
`;
