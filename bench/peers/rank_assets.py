"""The shipped selection rule in pandas: daily bars, screens, four ranked components, hysteresis. Writes the lists by date."""
import json
import sys

import numpy as np
import pandas as pd

path, start, first, scope, out = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
DAY = 86_400_000
TOP, BUFFER, CAPITAL, LOOK = 20, 5, 25_000, 30

bars = pd.read_parquet(path, columns=["ts", "symbol", "close", "volume"])
bars["day"] = bars["ts"] // DAY
bars["notional"] = bars["close"] * bars["volume"]
bars["traded"] = bars["volume"] > 0
daily = bars.groupby(["symbol", "day"], sort=True).agg(
    close=("close", "last"), notional=("notional", "sum"), bars=("close", "size"), traded=("traded", "sum")
)
wide = {name: daily[name].unstack("symbol") for name in daily.columns}
close, notional, count, traded = wide["close"], wide["notional"], wide["bars"].fillna(0), wide["traded"].fillna(0)
median = notional.fillna(0).rolling(LOOK, min_periods=1).median()
sigma = np.log(close).diff().rolling(LOOK, min_periods=2).std()
quality = traded.rolling(LOOK, min_periods=1).sum() / 24
quality = quality.div(np.minimum(np.arange(1, len(close) + 1), LOOK), axis=0)
age = (count > 0).cumsum()
present = count.rolling(LOOK, min_periods=1).sum()
stale = 1 - traded.rolling(LOOK, min_periods=1).sum() / present
gap = 1 - present.div(24 * np.minimum(np.arange(1, len(close) + 1), LOOK), axis=0)
spread = pd.DataFrame(
    np.select([median >= 5e8, median >= 5e7, median >= 5e6, median >= 1e6], [0.5, 1.5, 4.0, 8.0], 20.0),
    index=median.index,
    columns=median.columns,
)
cost = spread + 0.7 * sigma * np.sqrt(CAPITAL / TOP / median) * 10_000
ok = (age >= 60) & (gap <= 0.01) & (stale <= 0.05) & (median >= 1e6)


def rank(frame):
    return frame.where(ok).rank(axis=1, method="average", pct=True)


score = 0.4 * rank(median) + 0.3 * rank(-cost) + 0.2 * rank(quality) + 0.1 * rank(age.clip(upper=365))

anchor = int(pd.Timestamp("2020-01-06", tz="UTC").timestamp() * 1000) // DAY
days = [d for d in close.index if (d + 1 - anchor) % 7 == 0]
members, lists = [], {}
for d in days:
    row = score.loc[d].dropna()
    order = list(row.sort_values(ascending=False, kind="stable").index)
    stays = [name for i, name in enumerate(order) if name in members and i < TOP + BUFFER][:TOP]
    chosen = list(stays)
    for name in order[:TOP]:
        if len(chosen) >= TOP:
            break
        if name not in chosen:
            chosen.append(name)
    members = chosen
    lists[str(pd.Timestamp((d + 1) * DAY, unit="ms").date())] = sorted(members)
kept = {day: names for day, names in lists.items() if day >= first}
with open(out, "w") as file:
    json.dump(kept if scope == "all" else dict(list(kept.items())[-1:]), file)
