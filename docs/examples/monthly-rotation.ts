// Holds the instruments that rose most over the last months, in equal parts, changed at each month end.
//
//   fxtrade backtest docs/examples/monthly-rotation.ts --instruments EUR/USD,GBP/USD,AUD/USD --timeframe 1d --from 2023-01-01 --to 2025-01-01
//
// A portfolio decides in `onSlice`, when the bars of all instruments are known, and wishes targets: where each shall be.
import { defineStrategy } from 'fxtrade';

export default defineStrategy({
  name: 'monthly-rotation',
  summary: 'the strongest few of its instruments, changed at each month end',
  params: {
    lookback: { default: 60, min: 5, max: 1000, unit: 'bars', summary: 'bars over which strength is measured' },
    hold: { default: 1, min: 1, max: 20, unit: 'instruments', summary: 'how many are held' },
    gross: { default: 0.08, min: 0, max: 1, integer: false, unit: 'of equity', summary: 'size of all together' },
  },
  // The engine keeps the closes, so nothing has to be saved here.
  history: ({ lookback }) => lookback + 1,
  create: ({ params, instruments }) => ({
    onSlice(view) {
      if (!view.endsMonth) return undefined;
      const strengths = instruments.flatMap(({ id }) => {
        const closes = view.closes(id, params.lookback + 1);
        const first = closes[0] ?? 0;
        const last = closes.at(-1) ?? 0;
        return closes.length <= params.lookback || first <= 0 ? [] : [{ id, strength: last / first - 1 }];
      });
      strengths.sort((a, b) => b.strength - a.strength || (a.id < b.id ? -1 : 1));
      const best = strengths.slice(0, params.hold).filter(({ strength }) => strength > 0);
      return strengths.map(({ id, strength }) => {
        const held = best.some((each) => each.id === id);
        return {
          kind: 'target',
          instrument: id,
          weight: held ? params.gross / params.hold : 0,
          reason: held ? 'among the strongest' : 'not among the strongest',
          inputs: { strength },
        } as const;
      });
    },
    save: () => null,
    load: () => undefined,
  }),
});
