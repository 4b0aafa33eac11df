// Long above an average of closes, but not while the news is bad. Without --news the news is silent.
//
//   fxtrade backtest docs/examples/news-brake.ts --news docs/examples/made-up.news
//   fxtrade backtest docs/examples/news-brake.ts --param window=100
import { defineStrategy, Sma } from 'fxtrade';

const HOUR_MS = 3_600_000;

export default defineStrategy({
  name: 'news-brake',
  summary: 'long above an average, out below it or on bad news',
  params: {
    window: { default: 50, min: 2, max: 500, unit: 'bars', summary: 'window of the average' },
    bad: { default: 0.2, min: 0, max: 2, integer: false, unit: 'score', summary: 'news this bad, or worse, closes' },
    halfLife: { default: 24, min: 1, max: 1000, unit: 'hours', summary: 'age at which a headline counts half' },
  },
  create: ({ params, instruments }) => {
    const averages = new Map(instruments.map(({ id }) => [id, new Sma(params.window)]));
    return {
      onBar(bar, view) {
        const average = averages.get(bar.instrument)?.update(bar.close) ?? Number.NaN;
        const { instrument, close } = bar;
        const { score } = view.sentiment(instrument, params.halfLife * HOUR_MS);
        const isBad = score <= -params.bad && score < 0;
        const isLong = view.units(instrument) > 0;
        if (close > average && !isBad && !isLong && !view.pending(instrument)) {
          return { kind: 'signal', instrument, exposure: 1, reason: 'close above its average', inputs: { average } };
        }
        if (isLong && (isBad || close < average)) {
          const reason = isBad ? 'the news is bad' : 'close below its average';
          return { kind: 'signal', instrument, exposure: 0, reason, inputs: { average, score } };
        }
        return undefined;
      },
      onSplit: (instrument, ratio) => averages.get(instrument)?.split(ratio),
      save: () => [...averages].map(([id, average]) => [id, average.save()]),
      load(state) {
        for (const [id, saved] of state as [string, unknown][]) {
          const instrument = instruments.find((each) => each.id === id);
          if (instrument !== undefined) averages.get(instrument.id)?.load(saved);
        }
      },
    };
  },
});
