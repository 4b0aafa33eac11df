// A stop entry above the range of the last bars, with a bracket of its own.
//
//   fxtrade backtest docs/examples/breakout.ts --param window=48 --param units=5000
//
// An order wish is sent as it stands: its units and prices are the strategy's, on the instrument's grid, and the risk book
// refuses what is too large.
import { Atr, defineStrategy, RollingMax, roundTo } from 'fxtrade';

interface Range {
  readonly tick: number;
  readonly top: RollingMax;
  readonly atr: Atr;
  edge: number;
}

export default defineStrategy({
  name: 'breakout',
  summary: 'a buy stop above the highest high, with a stop and a target by average true range',
  params: {
    window: { default: 48, min: 2, max: 1000, unit: 'bars', summary: 'bars whose highest high is the edge' },
    units: { default: 5000, min: 1, max: 10_000_000, unit: 'units', summary: 'size of the order, units of base' },
    stopAtr: { default: 2, min: 0.5, max: 20, integer: false, unit: 'ATR', summary: 'stop below the edge' },
    targetAtr: { default: 4, min: 0.5, max: 50, integer: false, unit: 'ATR', summary: 'target above the edge' },
  },
  create: ({ params, instruments }) => {
    const begin = (tick: number): Range => ({ tick, top: new RollingMax(params.window), atr: new Atr(20), edge: 0 });
    const ranges = new Map(instruments.map(({ id, tick }) => [id, begin(tick)]));
    return {
      onBar(bar, view) {
        const range = ranges.get(bar.instrument);
        if (range === undefined) return undefined;
        const edge = roundTo(range.top.update(bar.high), range.tick);
        const atr = range.atr.update(bar.high, bar.low, bar.close);
        if (!(edge > 0 && atr > 0) || view.units(bar.instrument) !== 0) return undefined;
        const working = view.pending(bar.instrument);
        if (working && edge === range.edge) return undefined;
        range.edge = edge;
        const { instrument } = bar;
        const entry = {
          kind: 'order',
          instrument,
          side: 'buy',
          units: params.units,
          type: 'stop',
          stopPrice: edge,
          stopLoss: roundTo(edge - params.stopAtr * atr, range.tick),
          takeProfit: roundTo(edge + params.targetAtr * atr, range.tick),
          timeInForce: 'DAY',
          reason: `break of the ${params.window}-bar high`,
          inputs: { edge, atr },
        } as const;
        if (!working) return entry;
        return [{ kind: 'cancel', instrument, reason: 'the edge has moved' }, entry];
      },
      onSplit(instrument, ratio) {
        const range = ranges.get(instrument);
        range?.top.split(ratio);
        range?.atr.split(ratio);
        if (range !== undefined) range.edge /= ratio;
      },
      save: () => [...ranges].map(([id, { top, atr, edge }]) => [id, top.save(), atr.save(), edge]),
      load(state) {
        for (const [id, top, atr, edge] of state as [string, unknown, unknown, number][]) {
          const instrument = instruments.find((each) => each.id === id);
          const range = instrument === undefined ? undefined : ranges.get(instrument.id);
          range?.top.load(top);
          range?.atr.load(atr);
          if (range !== undefined) range.edge = edge;
        }
      },
    };
  },
});
