/**
 * How often the scorer of headlines has the sign right, beside a multinomial naive Bayes on words that was taught on labelled
 * headlines. The program's own functions are given, so that the command runs them as built and the test as they are written.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const SENTIMENT_MARKERS = ['<!-- sentiment: begin -->', '<!-- sentiment: end -->'];
const CLASSES = [1, 0, -1];
const FOLDS = 5;

/** The labelled headlines, below the folder of shared data. */
export function headlinesFile(shared) {
  return join(shared, 'market/news/SemEval2017Task5Headlines.json');
}

/** The section as text, from marker to marker. */
export function sentimentStudy({ lexiconScore, wordsOf, file }) {
  const rows = JSON.parse(readFileSync(file, 'utf8')).map(({ id, title, sentiment }) => ({
    fold: id % FOLDS,
    title,
    label: Math.sign(sentiment),
    words: wordsOf(title).filter((word) => word !== '|'),
  }));
  const models = FOLDS_OF.map((fold) => taught(rows.filter((row) => row.fold !== fold)));
  const majority = FOLDS_OF.map((fold) => mostOf(rows.filter((row) => row.fold !== fold)));
  const table = [
    ['the lexicon of the program, taught nothing', (row) => Math.sign(lexiconScore(row.title, 'ticker') ?? 0)],
    ['naive Bayes on words, taught on the other folds', (row) => models[row.fold](row.words)],
    ['always the commonest class of the other folds', (row) => majority[row.fold]],
  ].map(([name, guess]) =>
    lineOf(
      name,
      rows.map((row) => [row.label, guess(row)]),
    ),
  );
  const count = (label) => rows.filter((row) => row.label === label).length;
  const unknown = rows.filter((row) => lexiconScore(row.title, 'ticker') === undefined).length;
  return [
    SENTIMENT_MARKERS[0],
    '',
    `${rows.length} headlines: ${count(1)} good, ${count(0)} neutral, ${count(-1)} bad. The lexicon knows no word of ${unknown}; they count as neutral.`,
    '',
    '| scorer | accuracy | macro-F1 | F1 good | F1 neutral | F1 bad |',
    '|---|--:|--:|--:|--:|--:|',
    ...table,
    '',
    SENTIMENT_MARKERS[1],
  ].join('\n');
}

const FOLDS_OF = Array.from({ length: FOLDS }, (_, fold) => fold);

function lineOf(name, pairs) {
  const accuracy = pairs.filter(([label, guess]) => label === guess).length / pairs.length;
  const f1 = CLASSES.map((wanted) => {
    const right = pairs.filter(([label, guess]) => label === wanted && guess === wanted).length;
    const said = pairs.filter(([, guess]) => guess === wanted).length;
    const are = pairs.filter(([label]) => label === wanted).length;
    return said + are === 0 ? 0 : (2 * right) / (said + are);
  });
  const macro = f1.reduce((sum, one) => sum + one, 0) / f1.length;
  return `| ${[name, ...[accuracy, macro, ...f1].map((figure) => figure.toFixed(3))].join(' | ')} |`;
}

function mostOf(rows) {
  const count = (label) => rows.filter((row) => row.label === label).length;
  return CLASSES.reduce((most, label) => (count(label) > count(most) ? label : most));
}

/** Multinomial naive Bayes: each word counted as often as it stands there, one added to each count (Laplace). */
function taught(rows) {
  const vocabulary = new Set(rows.flatMap((row) => row.words));
  const classes = CLASSES.map((label) => {
    const mine = rows.filter((row) => row.label === label);
    const counts = new Map();
    let total = 0;
    for (const word of mine.flatMap((row) => row.words)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      total++;
    }
    return { label, prior: Math.log(mine.length / rows.length), counts, total: total + vocabulary.size };
  });
  return (words) => {
    const known = words.filter((word) => vocabulary.has(word));
    const scored = classes.map(({ label, prior, counts, total }) => ({
      label,
      score: known.reduce((sum, word) => sum + Math.log(((counts.get(word) ?? 0) + 1) / total), prior),
    }));
    return scored.reduce((best, one) => (one.score > best.score ? one : best)).label;
  };
}
