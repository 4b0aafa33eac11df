// One entry with a protective stop and a profit target, and nothing after: shows how stops fill.
//
//   fxtrade backtest docs/examples/bracket.ts --param side=long --param stopPips=50 --param targetPips=100
//   fxtrade backtest docs/examples/bracket.ts --param side=short --intrabar optimistic
//
// With `--param stop=95 --param target=105` the two are prices instead of distances. Over a gap the stop fills at the
// open and not at its price; where a bar reaches both, `--intrabar` decides, and by default that is the stop.
import { defineStrategy } from 'fxtrade';

export default defineStrategy({
  name: 'bracket',
  summary: 'enters once at a bar, with stop and target; one cancels the other',
  params: {
    side: { default: 'long', values: ['long', 'short'], summary: 'direction of the entry' },
    entryBar: { default: 0, min: 0, max: 1_000_000, unit: 'bars', summary: 'bar of the entry; 0 is the first' },
    stopPips: { default: 50, min: 1, max: 100_000, unit: 'pips', summary: 'distance of the stop from the close' },
    targetPips: { default: 100, min: 1, max: 100_000, unit: 'pips', summary: 'distance of the target from the close' },
    stop: {
      default: 0,
      min: 0,
      max: 1e9,
      integer: false,
      unit: 'price',
      summary: 'the stop as a price; 0 uses stopPips',
    },
    target: {
      default: 0,
      min: 0,
      max: 1e9,
      integer: false,
      unit: 'price',
      summary: 'the target as a price; 0 uses targetPips',
    },
  },
  create: ({ params, instruments }) => {
    const pip = new Map<string, number>(instruments.map((instrument) => [instrument.id, instrument.pip]));
    const direction = params.side === 'long' ? 1 : -1;
    let seen: Record<string, number> = {};
    return {
      onBar(bar) {
        const count = seen[bar.instrument] ?? 0;
        seen[bar.instrument] = count + 1;
        if (count !== params.entryBar) return undefined;
        const step = direction * (pip.get(bar.instrument) ?? 0);
        return {
          kind: 'signal',
          instrument: bar.instrument,
          exposure: direction,
          reason: `the one ${params.side} entry`,
          stop: params.stop > 0 ? params.stop : bar.close - step * params.stopPips,
          takeProfit: params.target > 0 ? params.target : bar.close + step * params.targetPips,
        };
      },
      save: () => seen,
      load(state) {
        seen = state as Record<string, number>;
      },
    };
  },
});
