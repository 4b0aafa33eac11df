import { csvCell, csvNumber } from '../base/csv.js';
import type { RunRecord } from '../model/run-record.js';
import { heatMap } from './series.js';

export interface CsvFile {
  readonly name: string;
  readonly text: string;
}

/**
 * The tables of a record as csv, in the columns of the contract. A record keeps at most 2,000 points of equity and does
 * not keep cash, so those cells are empty here; the folder of `backtest --out` has every row.
 */
export function csvFiles(record: RunRecord): CsvFile[] {
  return [equityCsv(record), returnsCsv(record), tradesCsv(record), monthlyCsv(record)];
}

function equityCsv({ curve }: RunRecord): CsvFile {
  const rows = curve.time.map((time, i) => [
    csvCell(time),
    csvNumber(curve.equity[i]),
    '',
    csvNumber(curve.drawdown[i]),
  ]);
  return file('equity.csv', ['time', 'equity', 'cash', 'drawdown'], rows);
}

function returnsCsv({ daily }: RunRecord): CsvFile {
  const rows = daily.date.map((date, i) => [csvCell(date), csvNumber(daily.return[i])]);
  return file('returns.csv', ['date', 'return'], rows);
}

const TRADE_COLUMNS = [
  'instrument',
  'side',
  'units',
  'entryTime',
  'entryPrice',
  'exitTime',
  'exitPrice',
  'grossPnl',
  'commission',
  'financing',
  'netPnl',
  'entryReason',
  'exitReason',
] as const;

function tradesCsv({ trades }: RunRecord): CsvFile {
  const rows = trades.map((trade) =>
    TRADE_COLUMNS.map((column) => {
      const value = trade[column];
      return typeof value === 'number' ? csvNumber(value) : csvCell(value);
    }),
  );
  return file('trades.csv', TRADE_COLUMNS, rows);
}

/** A row a month: its return (fraction), and where it came from in account currency; costs are positive when paid. */
function monthlyCsv(record: RunRecord): CsvFile {
  const sources = new Map(record.attribution.map((month) => [month.month, month]));
  const rows = heatMap(record.daily).flatMap(({ year, months }) =>
    months.flatMap((r, i) => {
      if (r === null) return [];
      const month = `${year}-${String(i + 1).padStart(2, '0')}`;
      const from = sources.get(month);
      // Fifteen digits: compounding leaves dust behind the last one, which differs between orders of multiplication.
      const cells = [Number(r.toPrecision(15)), from?.carry, from?.spot, from?.costs, from?.equity];
      return [[csvCell(month), ...cells.map(csvNumber)]];
    }),
  );
  return file('monthly.csv', ['month', 'return', 'carry', 'spot', 'costs', 'equity'], rows);
}

function file(name: string, columns: readonly string[], rows: readonly (readonly string[])[]): CsvFile {
  return { name, text: [columns, ...rows].map((row) => `${row.join(',')}\n`).join('') };
}
