import { csvCell, csvNumber } from '../../base/csv.js';
import type { EpochMs } from '../../model/ids.js';
import type { Order, Trade } from '../../model/order.js';

const DAY_MS = 86_400_000;

/** First lines of the four files. */
export const HEADERS = {
  equity: 'time,equity,cash,drawdown\n',
  returns: 'date,return\n',
  trades:
    'instrument,side,units,entryTime,entryPrice,exitTime,exitPrice,grossPnl,commission,financing,netPnl,entryReason,exitReason,initialRisk\n',
  orders:
    'time,orderId,clientId,instrument,side,type,units,price,stopPrice,timeInForce,status,filledUnits,averagePrice,reason\n',
} as const;

/** Formats times of one run after the other: the date part is remembered, most rows only differ in the hours. */
export class TimeFormat {
  #day = Number.NaN;
  #date = '';

  /** `2020-01-31T22:00:00.000Z`. */
  iso(ts: EpochMs): string {
    const day = Math.floor(ts / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#date = new Date(day * DAY_MS).toISOString().slice(0, 11);
    }
    const rest = ts - day * DAY_MS;
    const seconds = Math.floor(rest / 1000);
    const ms = rest - seconds * 1000;
    const hours = Math.floor(seconds / 3600);
    const minutes = Math.floor(seconds / 60) % 60;
    return `${this.#date}${TWO[hours]}:${TWO[minutes]}:${TWO[seconds % 60]}.${ms === 0 ? '000' : String(ms).padStart(3, '0')}Z`;
  }
}

const TWO = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));

export function returnRow(day: number, dayReturn: number): string {
  return `${new Date(day * DAY_MS).toISOString().slice(0, 10)},${csvNumber(dayReturn)}\n`;
}

export function tradeRow(trade: Trade, times: TimeFormat): string {
  const { side, units, initialRisk } = trade;
  const head = `${csvCell(trade.instrument)},${side},${csvNumber(units)}`;
  const entry = `${times.iso(trade.entryTime)},${csvNumber(trade.entryPrice)}`;
  const exit = `${times.iso(trade.exitTime)},${csvNumber(trade.exitPrice)}`;
  const money = `${csvNumber(trade.grossPnl)},${csvNumber(trade.commission)},${csvNumber(trade.financing)},${csvNumber(trade.netPnl)}`;
  const why = `${csvCell(trade.entryReason)},${csvCell(trade.exitReason)}`;
  return `${head},${entry},${exit},${money},${why},${csvNumber(initialRisk)}\n`;
}

export function orderRow(order: Order, times: TimeFormat): string {
  const { intent, filledUnits } = order;
  const head = `${times.iso(order.createdAt)},${csvCell(order.id)},${order.clientId},${csvCell(intent.instrument)}`;
  const wanted = `${intent.side},${intent.type},${csvNumber(intent.units)},${csvNumber(intent.price)},${csvNumber(intent.stopPrice)}`;
  const price = filledUnits > 0 ? csvNumber(order.averagePrice) : '';
  const came = `${intent.timeInForce},${order.status},${csvNumber(filledUnits)},${price}`;
  return `${head},${wanted},${came},${csvCell(order.reason)}\n`;
}
