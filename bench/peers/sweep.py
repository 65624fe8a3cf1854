"""The same sweep in vectorbt, in chunks of variants so that it fits in memory. Prints seconds per million bar-variants."""
import sys
import time

import numpy as np
import vectorbt as vbt

path, bars, chunk = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
data = np.fromfile(path, dtype=np.float64)
close = data[bars:]


def once(first, count):
    fast, slow = [5 + 2 * i for i in range(25)], [60 + 5 * j for j in range(40)]
    pairs = [(f, s) for f in fast for s in slow][first : first + count]
    a = vbt.MA.run(close, [f for f, _ in pairs], per_column=False).ma.to_numpy()
    b = vbt.MA.run(close, [s for _, s in pairs], per_column=False).ma.to_numpy()
    above = a > b
    entries = above & ~np.vstack([np.zeros((1, above.shape[1]), bool), above[:-1]])
    exits = ~above & np.vstack([np.zeros((1, above.shape[1]), bool), above[:-1]])
    prices = np.broadcast_to(close[:, None], above.shape)
    pf = vbt.Portfolio.from_signals(prices, entries, exits, fees=0.00045, slippage=0.0001, freq="1h")
    return float(np.nansum(np.asarray(pf.sharpe_ratio()))) + float(np.nansum(np.asarray(pf.max_drawdown())))


once(0, chunk)  # compile
start = time.process_time()
once(100, chunk)
print((time.process_time() - start) / (bars * chunk / 1e6))
