"""The 37 reference expressions in pandas and numpy. Prints JSON: CPU seconds, one checksum each.

What pandas has no method for is written twice: with rolling(n).apply, as most people do, and with strided numpy.

Arguments: a file of doubles, one [bar][asset] block each for open, high, low, close, volume; bars; assets.
"""
import json
import sys
import time

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

path, bars, assets = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
blocks = np.fromfile(path, dtype=np.float64).reshape(5, bars, assets)
O, H, L, C, V = (pd.DataFrame(block) for block in blocks)


def windows(x, n, f):
    out = np.full(x.shape, np.nan)
    out[n - 1 :] = f(sliding_window_view(x.to_numpy(), n, axis=0))
    return pd.DataFrame(out)


def weighted(x, n, w):
    return windows(x, n, lambda view: view @ w)


def decay(x, n):
    return weighted(x, n, np.arange(1, n + 1) / (n * (n + 1) / 2))


def slope(x, n):
    k = np.arange(n) - (n - 1) / 2
    return weighted(x, n, k / (k @ k))


def age(x, n, best):
    return windows(x, n, lambda view: n - 1 - best(view, axis=-1).astype(float))


def wilder(x, n):
    seeded = x.copy()
    seeded.iloc[:n] = np.nan
    seeded.iloc[n] = x.iloc[1 : n + 1].mean()
    return seeded.ewm(alpha=1 / n, adjust=False).mean()


def rsi(x, n):
    d = x.diff()
    up, down = wilder(d.clip(lower=0), n), wilder((-d).clip(lower=0), n)
    return 100 * up / (up + down)


def atr(n):
    before = C.shift(1)
    parts = np.stack([(H - L).to_numpy(), (H - before).abs().to_numpy(), (L - before).abs().to_numpy()])
    return wilder(pd.DataFrame(parts.max(axis=0)), n)


def rank(x):
    return x.rank(axis=1, pct=True)


def flow(n):
    return (V * (H + L + C) / 3).rolling(n).sum() / V.rolling(n).sum()


ema = lambda x, n: x.ewm(span=n, adjust=False).mean()
across = lambda x: x.sub(x.mean(axis=1), axis=0)
R1 = lambda: C / C.shift(1) - 1
R24 = lambda: C / C.shift(24) - 1
JOBS = {
    "returns(close, 1)": R1,
    "log_returns(close, 1)": lambda: np.log(C / C.shift(1)),
    "delay(close, 5)": lambda: C.shift(5),
    "delta(close, 5)": lambda: C - C.shift(5),
    "ts_sum(volume, 20)": lambda: V.rolling(20).sum(),
    "ts_mean(close, 20)": lambda: C.rolling(20).mean(),
    "ts_std(close, 20)": lambda: C.rolling(20).std(),
    "ts_var(returns(close, 1), 30)": lambda: R1().rolling(30).var(),
    "ts_min(low, 24)": lambda: L.rolling(24).min(),
    "ts_max(high, 24)": lambda: H.rolling(24).max(),
    "ts_argmax(high, 24)": lambda: age(H, 24, np.argmax),
    "ts_argmin(low, 24)": lambda: age(L, 24, np.argmin),
    "ts_rank(close, 20)": lambda: C.rolling(20).rank(pct=True),
    "ts_zscore(close, 20)": lambda: (C - C.rolling(20).mean()) / C.rolling(20).std(),
    "ts_skew(returns(close, 1), 60)": lambda: R1().rolling(60).skew(),
    "ts_kurt(returns(close, 1), 60)": lambda: R1().rolling(60).kurt(),
    "ts_quantile(close, 48, 0.25)": lambda: C.rolling(48).quantile(0.25),
    "ts_median(close, 21)": lambda: C.rolling(21).median(),
    "ts_corr(close, volume, 30)": lambda: C.rolling(30).corr(V),
    "ts_cov(close, volume, 30)": lambda: C.rolling(30).cov(V),
    "decay_linear(close, 10)": lambda: decay(C, 10),
    "ts_slope(close, 20)": lambda: slope(C, 20),
    "ema(close, 12)": lambda: ema(C, 12),
    "ema(close, 12) - ema(close, 26)": lambda: ema(C, 12) - ema(C, 26),
    "rsi(close, 14)": lambda: rsi(C, 14),
    "atr(14)": lambda: atr(14),
    "vwap(24)": lambda: flow(24),
    "cs_rank(returns(close, 24))": lambda: rank(R24()),
    "cs_zscore(returns(close, 24))": lambda: across(R24()).div(R24().std(axis=1), axis=0),
    "cs_demean(returns(close, 24))": lambda: across(R24()),
    "cs_scale(returns(close, 24))": lambda: R24().div(R24().abs().sum(axis=1), axis=0),
    "-ts_corr(open, volume, 10)": lambda: -O.rolling(10).corr(V),
    "sign(delta(volume, 1)) * (-delta(close, 1))": lambda: np.sign(V.diff()) * -C.diff(),
    "(close - open) / (high - low + 0.001)": lambda: (C - O) / (H - L + 0.001),
    "-ts_rank(cs_rank(returns(low, 1)), 9)": lambda: -rank(L / L.shift(1) - 1).rolling(9).rank(pct=True),
    "-ts_corr(cs_rank(delta(log(volume), 2)), cs_rank((close - open) / open), 6)": lambda: -rank(np.log(V).diff(2))
    .rolling(6)
    .corr(rank((C - O) / O)),
    "ts_max(close, 50) > delay(ts_max(close, 50), 1) ? 1 : 0": lambda: (
        C.rolling(50).max() > C.rolling(50).max().shift(1)
    ).astype(float),
}

ramp = np.arange(1, 11) / 55
tilt = (np.arange(20) - 9.5) / ((np.arange(20) - 9.5) @ (np.arange(20) - 9.5))
PLAIN = {
    "ts_argmax(high, 24)": lambda: H.rolling(24).apply(lambda w: 23 - np.argmax(w), raw=True),
    "ts_argmin(low, 24)": lambda: L.rolling(24).apply(lambda w: 23 - np.argmin(w), raw=True),
    "decay_linear(close, 10)": lambda: C.rolling(10).apply(lambda w: w @ ramp, raw=True),
    "ts_slope(close, 20)": lambda: C.rolling(20).apply(lambda w: w @ tilt, raw=True),
}


def timed(jobs, runs):
    best, sums = float("inf"), {}
    for _ in range(runs):
        total = 0.0
        for name, job in jobs.items():
            start = time.process_time()
            values = job()
            total += time.process_time() - start
            flat = values.to_numpy()[100:]
            sums[name] = float(flat[np.isfinite(flat)].sum())
        best = min(best, total)
    return best, sums


strided, sums = timed(JOBS, 3)
plain, _ = timed({**JOBS, **PLAIN}, 2)
print(json.dumps({"plain": plain, "strided": strided, "sums": sums, "pandas": pd.__version__}))
