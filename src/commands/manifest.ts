/**
 * Every command with its flags, for the parser, `--help` and shell completion. Importing it loads no command.
 * A command or a flag stands here from the moment it works, never before.
 */
import type { ArgSpec, FlagSpec, ManifestEntry } from './runtime/spec.js';

const BOOK_FLAG: FlagSpec = { name: 'book', value: 'NAME', summary: 'which book', default: 'default' };

const TIMEFRAME: FlagSpec = {
  name: 'timeframe',
  value: 'T',
  choices: ['1m', '5m', '15m', '1h', '4h', '1d'],
  summary: 'length of a bar; a coarser one is built from finer bars',
  default: 'the file’s own',
};
const FROM: FlagSpec = {
  name: 'from',
  value: 'DATE',
  type: 'date',
  summary: 'first day, UTC; earlier bars only warm up',
};
const TO: FlagSpec = { name: 'to', value: 'DATE', type: 'date', summary: 'day after the last, UTC' };
const SEED: FlagSpec = {
  name: 'seed',
  value: 'N',
  type: 'integer',
  summary: 'seed of the simulated market and of every chance',
  default: '1',
};

const FILE_FLAGS: readonly FlagSpec[] = [
  { name: 'format', value: 'NAME', summary: 'how to read the file, when recognition is wrong' },
  { name: 'time-label', value: 'L', choices: ['open', 'close'], summary: 'what a row’s time marks', default: 'open' },
  { name: 'time-zone', value: 'ZONE', summary: 'zone of times without one', default: 'UTC' },
  {
    name: 'price-scale',
    value: 'N',
    type: 'number',
    summary: 'points in one unit of price: 100000 (or 0.00001)',
    default: 'as the format says',
  },
];

const STORED_INSTRUMENT: FlagSpec = {
  name: 'instrument',
  value: 'SYMBOL',
  summary: 'what the file holds',
  default: 'as its column or name says',
};

const STRATEGIES = 'carry, mean-reversion, sma-cross, trend, or your own .ts, .mjs or .js file';

/** What `backtest` and `paper` both take. */
const STRATEGY_FLAG: FlagSpec = { name: 'strategy', value: 'NAME|FILE', summary: STRATEGIES };
const RATES: FlagSpec = {
  name: 'rates',
  value: 'PATH|NAME',
  summary: 'interest rates: a file, or the name of stored data',
};
const INSTRUMENTS: FlagSpec = {
  name: 'instruments',
  value: 'LIST',
  list: true,
  summary: 'what to trade: EUR/USD,USD/JPY',
};
const PARAM: FlagSpec = {
  name: 'param',
  value: 'K=V',
  type: 'pair',
  repeat: true,
  summary: 'a parameter of the strategy; STRATEGY --help lists them',
};
const RUN_FLAGS: readonly FlagSpec[] = [
  STRATEGY_FLAG,
  {
    name: 'feed',
    value: 'NAME',
    choices: ['simulated', 'csv'],
    summary: 'where prices come from when no file is given',
    default: 'simulated',
  },
  RATES,
  INSTRUMENTS,
  FROM,
  TO,
  TIMEFRAME,
  ...FILE_FLAGS,
  PARAM,
  { name: 'capital', value: 'N', type: 'number', summary: 'money to start with', default: '100000' },
  { name: 'currency', value: 'CCY', summary: 'currency of the account', default: 'USD' },
  { name: 'costs', value: 'MODEL', summary: 'default, none, or a JSON file', default: 'default' },
  {
    name: 'fill',
    value: 'WHEN',
    choices: ['next-open', 'close'],
    summary: 'where market orders fill',
    default: 'next-open',
  },
  {
    name: 'intrabar',
    value: 'HOW',
    choices: ['pessimistic', 'optimistic'],
    summary: 'which of two stops inside one bar comes first',
    default: 'pessimistic',
  },
  {
    name: 'benchmark',
    value: 'PATH|NAME',
    summary: 'compare with this series of prices: a file, or the name of stored data',
  },
  SEED,
  { name: 'out', value: 'DIR', summary: 'write the run’s files there' },
  {
    name: 'equity',
    value: 'ROWS',
    choices: ['bar', 'day'],
    summary: 'a row of equity.csv a bar or a day',
    default: 'bar',
  },
];

const STRATEGY_ARG: ArgSpec = { name: 'strategy', summary: STRATEGIES, flag: 'strategy' };
const DATA: FlagSpec = {
  name: 'data',
  value: 'PATH,…',
  list: true,
  summary: 'price files (csv, csv.gz) or names of stored data; repeatable',
  default: 'the simulated market',
};

export const MANIFEST: readonly ManifestEntry[] = [
  {
    name: 'backtest',
    group: 'trade',
    summary: 'run a strategy over history',
    args: [STRATEGY_ARG],
    flags: [
      DATA,
      ...RUN_FLAGS,
      {
        name: 'sweep',
        value: 'K=FROM:TO:STEP',
        type: 'pair',
        repeat: true,
        summary: 'run every value of a parameter, both ends included',
      },
      { name: 'workers', value: 'N', type: 'integer', summary: 'threads for a sweep' },
    ],
    conflicts: [['data', 'feed']],
    takesStrategy: true,
    examples: [
      'fxtrade backtest carry',
      'fxtrade backtest sma-cross --data EURUSD.csv --param fast=10 --param slow=50',
      'fxtrade backtest ./my-strategy.ts --from 2023-01-01 --to 2024-01-01 --out runs/mine --json',
      'fxtrade backtest sma-cross --sweep fast=5:50:5 --sweep slow=60:200:20',
    ],
    load: () => import('./backtest.js'),
  },
  {
    name: 'paper',
    group: 'trade',
    summary: 'trade with play money: on the simulated market as time passes, or on files',
    args: [STRATEGY_ARG],
    flags: [
      { name: 'replay', value: 'PATH,…', list: true, summary: 'price files to play as if they were live' },
      ...RUN_FLAGS,
      { name: 'speed', value: 'S', choices: ['max', '60x', '1x'], summary: 'how fast a replay runs', default: 'max' },
      { name: 'once', summary: 'decide once on the newest bar, then exit' },
      { name: 'watch', summary: 'a live screen' },
      { name: 'duration', value: 'T', type: 'duration', summary: 'stop after this long: 8h' },
      BOOK_FLAG,
    ],
    conflicts: [
      ['replay', 'feed'],
      ['once', 'watch'],
    ],
    stream: 'always',
    takesStrategy: true,
    examples: [
      'fxtrade paper carry --once',
      'fxtrade paper sma-cross --replay EURUSD.csv --speed max --json',
      'fxtrade paper trend --watch --duration 8h --book evening',
    ],
    load: () => import('./paper.js'),
  },
  {
    name: 'live',
    group: 'trade',
    summary: 'trade at a real broker, behind the pre-flight list and consent',
    args: [STRATEGY_ARG],
    flags: [
      { name: 'broker', value: 'NAME', summary: 'oanda', default: 'BROKER_TYPE' },
      STRATEGY_FLAG,
      INSTRUMENTS,
      PARAM,
      TIMEFRAME,
      RATES,
      { name: 'once', summary: 'one decision cycle, then exit' },
      { name: 'watch', summary: 'a live screen' },
      { name: 'duration', value: 'T', type: 'duration', summary: 'stop after this long: 8h' },
      { name: 'shadow', summary: 'decide and record, send nothing' },
      { name: 'confirm', value: 'ACCOUNT-ID', summary: 'consent without a prompt: the account’s own id' },
      {
        name: 'override',
        value: 'LINE',
        repeat: true,
        summary: 'take a line of the pre-flight list on yourself: limits',
      },
      { name: 'reason', value: 'TEXT', summary: 'why, for --override' },
      { name: 'book', value: 'NAME', summary: 'which book', default: 'the account id' },
    ],
    conflicts: [['once', 'watch']],
    stream: 'always',
    takesStrategy: true,
    examples: [
      'fxtrade live sma-cross --broker oanda --instruments EUR/USD --shadow --once',
      'fxtrade live trend --broker oanda --confirm 101-004-1234567-001 --duration 8h',
    ],
    load: () => import('./live.js'),
  },
  {
    name: 'halt',
    group: 'safety',
    summary: 'stop trading now; asks nothing; survives restarts',
    flags: [
      { name: 'reason', value: 'TEXT', summary: 'why, for the record' },
      { name: 'scope', value: 'SCOPE', summary: 'all, broker:X, strategy:X or instrument:X', default: 'all' },
      {
        name: 'mode',
        value: 'MODE',
        choices: ['all', 'reduce-only'],
        summary: 'all lets nothing new out, reduce-only lets exits out',
        default: 'all',
      },
      { name: 'latch-only', summary: 'set the latch and leave working orders alone' },
    ],
    examples: [
      'fxtrade halt',
      'fxtrade halt --reason "spread blew out" --scope instrument:EUR/USD',
      'fxtrade halt --mode reduce-only',
    ],
    load: () => import('./halt.js'),
  },
  {
    name: 'resume',
    group: 'safety',
    summary: 'the only way out of a halt: a reason and consent',
    flags: [
      { name: 'reason', value: 'TEXT', summary: 'why it is safe to trade again (required)' },
      {
        name: 'scope',
        value: 'SCOPE',
        summary: 'lift only this halt: all, broker:X, strategy:X or instrument:X',
        default: 'all',
      },
      { name: 'confirm', value: 'NAME', summary: 'consent without a prompt: type paper' },
    ],
    examples: [
      'fxtrade resume --reason "feed is back, book checked"',
      'fxtrade resume --reason "reviewed" --scope instrument:EUR/USD --confirm paper',
    ],
    load: () => import('./resume.js'),
  },
  {
    name: 'report',
    group: 'watch',
    summary: 'performance of a run or a book: table, JSON, CSV, HTML',
    args: [{ name: 'run', summary: 'a run’s id or folder; default the newest' }],
    flags: [
      { name: 'period', value: 'P', choices: ['day', 'week', 'month', 'all'], summary: 'how far back', default: 'all' },
      {
        name: 'benchmark',
        value: 'PATH|NAME',
        summary: 'compare with this series of prices: a file, or the name of stored data',
      },
      { name: 'html', value: 'PATH', summary: 'write one self-contained page' },
      { name: 'csv', value: 'DIR', summary: 'write the tables' },
      { name: 'watch', summary: 'a live dashboard' },
      { name: 'interval', value: 'T', type: 'duration', summary: 'how often --watch looks', default: '30s' },
      { name: 'explain', value: 'METRIC', summary: 'how a number was made: sharpe, maxDrawdown …' },
      {
        name: 'convention',
        value: 'NAME',
        choices: ['empyrical', 'quantstats', 'pa'],
        summary: 'the same ratios as another tool defines them',
      },
      BOOK_FLAG,
    ],
    stream: 'watch',
    examples: ['fxtrade report', 'fxtrade report --period month --html report.html', 'fxtrade report --explain sharpe'],
    load: () => import('./report.js'),
  },
  {
    name: 'drill',
    group: 'prove',
    summary: 'a local stand-in of a broker, to rehearse against',
    flags: [
      { name: 'serve', summary: 'run a stand-in of OANDA on the simulated market until it is stopped' },
      {
        name: 'port',
        value: 'N',
        type: 'integer',
        summary: 'where to listen, on this machine only',
        default: 'a free one',
      },
      { name: 'faults', value: 'FILE', summary: 'what goes wrong and when: a JSON fault script' },
      SEED,
    ],
    stream: 'always',
    examples: ['fxtrade drill --serve', 'fxtrade drill --serve --port 8020 --faults faults.json --json'],
    load: () => import('./drill.js'),
  },
  {
    name: 'audit',
    group: 'watch',
    summary: 'checks the journals; exports them; tells why an order happened',
    flags: [{ name: 'book', value: 'NAME', summary: 'only this book', default: 'all' }],
    actions: [
      {
        name: 'verify',
        summary: 'is every record as it was written, and is none missing',
        flags: [{ name: 'head', value: 'HASH', summary: 'a head printed before: nothing up to it may have changed' }],
      },
      {
        name: 'export',
        summary: 'write every record to one file',
        flags: [
          { name: 'format', value: 'F', choices: ['ndjson', 'csv'], summary: 'form of the file', default: 'ndjson' },
          { name: 'out', value: 'PATH', summary: 'the file (required)' },
        ],
      },
      {
        name: 'explain',
        summary: 'why an order happened: decision, inputs, sizing, gate, fills',
        args: [{ name: 'id', summary: 'order id, client id, execution id, or number of a record', required: true }],
      },
    ],
    examples: [
      'fxtrade audit verify',
      'fxtrade audit verify --book default --head $(cat head-of-friday.txt)',
      'fxtrade audit export --format csv --out audit.csv',
      'fxtrade audit explain o-12 --book default',
    ],
    load: () => import('./audit.js'),
  },
  {
    name: 'init',
    group: 'set up',
    summary: 'a wizard; asks only for what exists; every question has a flag',
    flags: [
      { name: 'currency', value: 'CCY', summary: 'currency of the account', default: 'USD' },
      { name: 'capital', value: 'N', type: 'number', summary: 'money a run starts with', default: '100000' },
      {
        name: 'preset',
        value: 'NAME',
        choices: ['default', 'standard', 'cautious', 'carry'],
        summary: 'set of risk limits',
        default: 'default: the strategy’s own, else standard',
      },
      { name: 'feed', value: 'NAME', choices: ['simulated', 'csv'], summary: 'source of prices', default: 'simulated' },
      { name: 'starter', value: 'PATH|none', summary: 'write a first strategy to this file', default: 'none' },
      { name: 'yes', summary: 'accept the default of every question that has no flag' },
    ],
    examples: [
      'fxtrade init',
      'fxtrade init --yes',
      'fxtrade init --currency EUR --capital 25000 --preset cautious --feed simulated --starter none',
    ],
    load: () => import('./init.js'),
  },
  {
    name: 'data',
    group: 'set up',
    summary: 'local price and rate history',
    flags: [],
    actions: [
      { name: 'list', summary: 'what is stored' },
      {
        name: 'import',
        summary: 'check a file and store it under a name',
        args: [{ name: 'path', summary: 'the file', required: true }],
        flags: [
          { name: 'as', value: 'NAME', summary: 'the name to store it under (required)' },
          STORED_INSTRUMENT,
          TIMEFRAME,
          ...FILE_FLAGS,
        ],
      },
      {
        name: 'check',
        summary: 'rows, span, gaps, duplicates and bad rows of a file',
        args: [{ name: 'path|name', summary: 'a file, or stored data', required: true }],
        flags: [STORED_INSTRUMENT, TIMEFRAME, ...FILE_FLAGS],
      },
      {
        name: 'simulate',
        summary: 'write the simulated market to files',
        flags: [
          SEED,
          { ...FROM, summary: 'first day, UTC', default: '2023-01-01' },
          { ...TO, default: '2025-01-01' },
          { ...TIMEFRAME, summary: 'length of a bar', default: '1h' },
          { name: 'instruments', value: 'LIST', list: true, summary: 'which pairs', default: 'all 30' },
          { name: 'out', value: 'DIR', summary: 'a new or empty folder (required)' },
        ],
      },
    ],
    examples: [
      'fxtrade data list',
      'fxtrade data import EURUSD.csv --as eurusd',
      'fxtrade data simulate --seed 7 --timeframe 1h --out market',
    ],
    load: () => import('./data.js'),
  },
  {
    name: 'config',
    group: 'set up',
    summary: 'settings, with where each value came from',
    flags: [],
    actions: [
      {
        name: 'show',
        summary: 'every setting, its value and its source',
        args: [{ name: 'key', summary: 'only this key, or what is under it' }],
      },
      { name: 'check', summary: 'is every setting usable' },
      { name: 'path', summary: 'where the settings file is' },
      {
        name: 'set',
        summary: 'write a setting to the settings file',
        args: [
          { name: 'key', summary: 'risk.maxPositionBps', required: true },
          { name: 'value', summary: 'JSON, else text', required: true },
        ],
      },
    ],
    examples: ['fxtrade config show', 'fxtrade config show risk', 'fxtrade config set risk.maxPositionBps 500'],
    load: () => import('./config.js'),
  },
  {
    name: 'completion',
    group: 'set up',
    summary: 'shell completion',
    args: [{ name: 'shell', summary: 'which shell', required: true, choices: ['bash', 'zsh', 'fish'] }],
    flags: [],
    examples: [
      'source <(fxtrade completion bash)',
      'fxtrade completion zsh > ~/.zfunc/_fxtrade',
      'fxtrade completion fish | source',
    ],
    load: () => import('./completion.js'),
  },
];
