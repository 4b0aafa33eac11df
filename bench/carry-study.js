/**
 * The textbook carry trade beside an optimised one: chosen on data to the end of 2008 alone, shown on the ten years after.
 * The program's own functions are given, so that the command runs them as built and the test as they are written.
 */
import { join } from 'node:path';

const PAIRS = 'AUD/USD,USD/CAD,USD/CHF,EUR/USD,GBP/USD,USD/JPY,USD/NOK,NZD/USD,USD/SEK';
const CHOOSE = { from: undefined, to: Date.UTC(2009, 0, 1) };
const SHOW = { from: Date.UTC(2009, 0, 1), to: Date.UTC(2019, 0, 1) };

const GRID = {
  weighting: ['equal', 'inverse-vol', 'min-variance'],
  volTargetBps: ['0', '800'],
  regimeFilter: ['false', 'true'],
  covWindow: ['60', '250'],
  turnoverPenaltyBps: ['0', '100'],
};
const TEXTBOOK = {
  weighting: 'equal',
  volTargetBps: '0',
  regimeFilter: 'false',
  covWindow: '60',
  turnoverPenaltyBps: '0',
};

/** One change at a time, so that it shows which of them did what. */
const SINGLE = [
  ['`weighting=inverse-vol`', { weighting: 'inverse-vol', covWindow: '250' }],
  ['`weighting=min-variance`', { weighting: 'min-variance', covWindow: '250' }],
  ['`volTargetBps=800`', { volTargetBps: '800', covWindow: '250' }],
  ['`regimeFilter=true`', { regimeFilter: 'true' }],
  ['`turnoverPenaltyBps=100`', { turnoverPenaltyBps: '100' }],
];

export const MARKERS = ['<!-- study: begin -->', '<!-- study: end -->'];

/** The files the study reads, below the folder of shared data. */
export function studyFiles(shared) {
  return {
    data: join(shared, 'market/fx/ecb_eurofxref_hist_to_2018.csv.gz'),
    rates: join(shared, 'market/rates/bis_cbpol_monthly_to_2018.csv.gz'),
  };
}

/** The section as text, from marker to marker. */
export async function carryStudy({ perform, expectedMaxSharpe, shared, home }) {
  const files = studyFiles(shared);
  const play = async (span, combinations) => {
    const job = { kind: 'sweep', request: request(files, home, span), combinations };
    const world = { home, cwd: home, env: {}, sets: ['risk.preset=none'], version: 'study', startedAt: 0 };
    const listener = { signal: new AbortController().signal, note() {}, event() {}, told() {} };
    return (await perform(job, world, listener)).rows.map(({ metrics }) => metrics);
  };
  const grid = combinations();
  const before = await play(CHOOSE, grid);
  const after = await play(SHOW, grid);
  const best = before.reduce((top, { sharpe }, i) => (sharpe > before[top].sharpe ? i : top), 0);
  const place = (wanted) => grid.findIndex((one) => Object.keys(GRID).every((key) => one[key] === wanted[key]));
  const row = (name, index) => ({ name, chosen: before[index], shown: after[index] });
  const textbook = row('textbook', place(TEXTBOOK));
  const optimised = row('**chosen**', best);
  const rows = [textbook, optimised, ...SINGLE.map(([name, change]) => row(name, place({ ...TEXTBOOK, ...change })))];
  const sharpes = before.map(({ sharpe }) => sharpe);
  const luck = expectedMaxSharpe({ count: grid.length, variance: varianceOf(sharpes) });
  const rank = 1 + after.filter(({ sharpe }) => sharpe > after[best].sharpe).length;
  const beat = after.filter(({ sharpe }) => sharpe > textbook.shown.sharpe).length;
  const told = {
    grid,
    best,
    textbook,
    optimised,
    rows,
    luck,
    rank,
    beat,
    median: medianOf(after.map(({ sharpe }) => sharpe)),
  };
  return [MARKERS[0], '', ...section(told), '', MARKERS[1]].join('\n');
}

function request({ data, rates }, home, { from, to }) {
  return {
    ...{ mode: 'backtest', home, cwd: home, strategy: 'carry', params: { legs: '3', rebalance: 'month-end' } },
    ...{ data: [data], rates, instruments: PAIRS.split(','), from, to, timeframe: undefined, format: undefined },
    ...{ timeLabel: undefined, timeZone: undefined, priceScale: undefined, capital: 1_000_000, currency: 'USD' },
    ...{ costs: 'default', fill: 'next-open', intrabar: 'pessimistic', benchmark: undefined, seed: 1 },
    ...{ out: undefined, equity: 'day' },
  };
}

function combinations() {
  return Object.entries(GRID).reduce(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

function section({ grid, best, textbook, optimised, rows, luck, rank, beat, median }) {
  const choice = Object.entries(grid[best]).map(([name, value]) => `\`${name}=${value}\``);
  return [
    'Ten currencies against the dollar, ECB fixings and BIS policy rates from 1999 to 2018, three legs a side, month ends; filled a',
    'day after the decision, with `--costs default` (spread, slippage and the broker’s mark-up on financing) and',
    '`risk.preset=none`, so that the rules are compared and not the limits. `npm run study` makes this section anew.',
    '',
    `Tried were ${grid.length} combinations of`,
    '',
    ...Object.entries(GRID).map(([name, values]) => `- \`${name}\`: ${values.join(', ')}`),
    '',
    'The one with the highest Sharpe ratio to 2008-12-31 was taken; nothing after that day was looked at to choose it:',
    `${choice.join(', ')}.`,
    'Sharpe ratio, return and volatility are a year’s; turnover is notional traded a year over equity.',
    '',
    ...table(rows),
    '',
    ...words({ textbook, optimised, luck, rank, beat, median, count: grid.length }),
  ];
}

const percent = (x) => `${(100 * x).toFixed(1)} %`;
const ratio = (x) => x.toFixed(2).replace('-', '−');
const signed = (x) => percent(x).replace('-', '−');

function table(rows) {
  const titles = ['Sharpe', 'return', 'volatility', 'deepest fall'];
  const of = (years) => titles.map((title) => `${title} ${years}`);
  const head = ['', ...of('99–08'), ...of('09–18'), 'turnover 09–18'];
  const figures = (m) => [ratio(m.sharpe), signed(m.annualReturn), percent(m.annualVolatility), percent(m.maxDrawdown)];
  const lines = rows.map(({ name, chosen, shown }) => [
    name,
    ...figures(chosen),
    ...figures(shown),
    `${shown.turnover.toFixed(1)} ×`,
  ]);
  const widths = head.map((title, i) => Math.max(title.length, 3, ...lines.map((line) => line[i].length)));
  const drawn = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [drawn(head), drawn(widths.map((width) => '-'.repeat(width))), ...lines.map(drawn)];
}

/** What the numbers say, in sentences whose words depend on them. */
function words({ textbook, optimised, luck, rank, beat, median, count }) {
  const [told, came] = [
    optimised.chosen.sharpe - textbook.chosen.sharpe,
    optimised.shown.sharpe - textbook.shown.sharpe,
  ];
  const by = (x) => `${Math.abs(x).toFixed(2)} ${x < 0 ? 'lower' : 'higher'}`;
  const compare = (name, a, b, format, small) =>
    Math.abs(a - b) < small ? undefined : [a < b ? 'better' : 'worse', `${name} ${format(a)} against ${format(b)}`];
  const sides = [
    compare('Sharpe ratio', -optimised.shown.sharpe, -textbook.shown.sharpe, (x) => ratio(-x), 0.005),
    compare('return a year', -optimised.shown.annualReturn, -textbook.shown.annualReturn, (x) => signed(-x), 0.0005),
    compare('volatility', optimised.shown.annualVolatility, textbook.shown.annualVolatility, percent, 0.0005),
    compare('deepest fall', optimised.shown.maxDrawdown, textbook.shown.maxDrawdown, percent, 0.0005),
    compare('turnover', optimised.shown.turnover, textbook.shown.turnover, (x) => `${x.toFixed(1)} ×`, 0.05),
  ].filter((one) => one !== undefined);
  const list = (kind) =>
    sides
      .filter(([is]) => is === kind)
      .map(([, text]) => text)
      .join(', ') || 'nothing';
  return [
    `- On the years it was chosen by, its Sharpe ratio is ${by(told)} than the textbook trade’s; on the ten years after, ${by(came)}.`,
    `- Improved out of sample: ${list('better')}.`,
    `- Not improved out of sample: ${list('worse')}.`,
    `- It came ${rank}${ordinal(rank)} of ${count} out of sample, where ${beat} combinations have a higher Sharpe ratio than the textbook trade and the`,
    `  middle one has ${ratio(median)}. The choice ${rank <= count / 4 ? 'held up' : rank <= count / 2 ? 'held up in part' : 'did not hold up'}.`,
    `- The best of ${count} trials without any skill, as far apart as these, would show a Sharpe ratio of about ${ratio(luck)} by luck alone;`,
    `  the chosen one shows ${ratio(optimised.chosen.sharpe)} to 2008. Combinations of one strategy resemble each other, so this is a rough bound.`,
    `- ${optimised.shown.sharpe < 0.5 ? 'Neither is an edge to rely on: ' : ''}a Sharpe ratio measured over ten years is uncertain by about ±0.6 (two standard errors), more than what`,
    '  lies between the rows of this table.',
  ];
}

const ordinal = (n) => (n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'));

function varianceOf(values) {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}

function medianOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
