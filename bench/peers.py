"""The same work as W1 on two well-known Python libraries, beside this program: see docs/performance.md.

python3 -m venv /tmp/peers && /tmp/peers/bin/pip install backtesting vectorbt
npm run build && /tmp/peers/bin/python bench/peers.py [bars]

Every peer must make the same trades (number, sum of ticks) before its time counts. A library that is not installed is
passed over. Timed is the run in memory, without reading files; the least of three.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000


def walk(n, seed=20240607):
    """Opens, highs, lows, closes of the workload; the generator of bench/workload.js."""
    state, price, rows = seed, 110_000, []
    for _ in range(n):
        state = (1_664_525 * state + 1_013_904_223) & 0xFFFFFFFF
        step = ((state >> 16) % 13) - 6
        step = abs(step) if price < 90_000 else -abs(step) if price > 130_000 else step
        close = price + step
        rows.append((price, max(price, close) + ((state >> 8) % 5), min(price, close) - ((state >> 4) % 5), close))
        price = close
    return rows


def expected(rows, fast=16, slow=64):
    """Trades and their sum of ticks, as a plain loop."""
    fast_sum = slow_sum = ticks = trades = 0
    before, entry = None, None
    closes = [row[3] for row in rows]
    for i, close in enumerate(closes):
        fast_sum += close - (closes[i - fast] if i >= fast else 0)
        slow_sum += close - (closes[i - slow] if i >= slow else 0)
        if i < slow - 1:
            continue
        difference = fast_sum * slow - slow_sum * fast
        if before is not None:
            if entry is None and difference > 0 >= before:
                entry = close
            elif entry is not None and difference < 0 <= before:
                trades, ticks, entry = trades + 1, ticks + close - entry, None
        before = difference
    return trades, ticks


def fastest(work, times=3):
    best, result = float("inf"), None
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def frame(rows):
    import pandas as pd

    index = pd.date_range("2020-01-01 00:01", periods=len(rows), freq="min")
    return pd.DataFrame(rows, columns=["Open", "High", "Low", "Close"], index=index, dtype=float)


def crosses(closes):
    """Entries and exits as the definition has them: a cross of exact sums."""
    import numpy as np

    total = np.concatenate([[0.0], np.cumsum(closes)])
    difference = np.full(len(closes), np.nan)
    ends = np.arange(64, len(closes) + 1)
    difference[63:] = (total[ends] - total[ends - 16]) * 64 - (total[ends] - total[ends - 64]) * 16
    before = np.concatenate([[np.nan], difference[:-1]])
    return (difference > 0) & (before <= 0), (difference < 0) & (before >= 0)


def backtesting_py(rows):
    from backtesting import Backtest, Strategy

    class SmaCross(Strategy):
        def init(self):
            enters, leaves = crosses(self.data.Close)
            self.enters = self.I(lambda: enters.astype(float), plot=False)
            self.leaves = self.I(lambda: leaves.astype(float), plot=False)

        def next(self):
            if not self.position and self.enters[-1]:
                self.buy(size=1)
            elif self.position and self.leaves[-1]:
                self.position.close()

    data = frame(rows)

    def work():
        return Backtest(data, SmaCross, cash=1e12, commission=0, trade_on_close=True).run()

    seconds, stats = fastest(work)
    trades = stats["_trades"]
    return seconds, (len(trades), int((trades["ExitPrice"] - trades["EntryPrice"]).sum()))


def vectorbt(rows):
    import vectorbt as vbt

    close = frame(rows)["Close"]

    def work():
        enters, leaves = crosses(close.to_numpy())
        portfolio = vbt.Portfolio.from_signals(
            close, enters, leaves, size=1, init_cash=1e12, freq="1min", accumulate=False
        )
        portfolio.total_return()
        return portfolio

    seconds, portfolio = fastest(work, 4)
    closed = portfolio.trades.closed.records
    return seconds, (len(closed), int((closed["exit_price"] - closed["entry_price"]).sum()))


def fxtrade(bars):
    code = (
        f"import('{ROOT}/bench/engine-loop.js').then(async ({{playW1}})=>{{const {{walk}}=await import('{ROOT}/bench/workload.js');"
        f"const b=walk({bars});let m=1e9,r;for(let i=0;i<5;i++){{r=await playW1(b,'none');m=Math.min(m,r.ms)}}"
        "console.log(m/1000,r.trades.length,r.trades.reduce((s,t)=>s+t.exitPrice-t.entryPrice,0))})"
    )
    seconds, trades, ticks = subprocess.check_output(["node", "-e", code], text=True).split()
    return float(seconds), (int(trades), int(float(ticks)))


def main():
    rows = walk(BARS)
    wanted = expected(rows)
    own, found = fxtrade(BARS)
    peers = [("fxtrade", lambda _: (own, found)), ("backtesting.py", backtesting_py), ("vectorbt", vectorbt)]
    wrong = False
    for name, work in peers:
        try:
            seconds, result = work(rows)
        except ImportError as missing:
            print(f"{name:16} not installed ({missing})")
            continue
        same = result == wanted
        wrong = wrong or (name == "fxtrade" and not same)
        verdict = "same trades" if same else f"other trades: {result}, not {wanted}"
        print(f"{name:16} {seconds:9.3f} s {BARS / seconds / 1e6:9.3f} M bars/s {seconds / own:9.2f} x fxtrade  {verdict}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
