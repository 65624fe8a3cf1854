"""The formulaic alphas in KunQuant, double precision, one thread. Prints CPU seconds of the best run and their number.

Arguments: a file of doubles, one [bar][asset] block each for open, high, low, close, volume; bars; assets.
"""
import sys
import time

import numpy as np
from KunQuant.Driver import KunCompilerConfig
from KunQuant.Op import Builder, Input, Output
from KunQuant.Stage import Function
from KunQuant.jit import cfake
from KunQuant.predefined.Alpha101 import AllData, all_alpha
from KunQuant.runner import KunRunner as kr

path, bars, assets = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
names = ["open", "high", "low", "close", "volume"]
blocks = np.fromfile(path, dtype=np.float64).reshape(len(names), bars, assets)
inputs = {name: np.ascontiguousarray(blocks[i]) for i, name in enumerate(names)}
inputs["amount"] = inputs["volume"] * (inputs["high"] + inputs["low"] + inputs["close"]) / 3

builder = Builder()
with builder:
    data = AllData(**{name: Input(name) for name in [*names, "amount"]})
    for alpha in all_alpha:
        Output(alpha(data), alpha.__name__)
config = KunCompilerConfig(partition_factor=8, dtype="double", input_layout="TS", output_layout="TS")
library = cfake.compileit([("alphas", Function(builder.ops), config)], "qo_bench", cfake.CppCompilerConfig())
module = library.getModule("alphas")
executor = kr.createSingleThreadExecutor()

best = float("inf")
for _ in range(3):
    start = time.process_time()
    kr.runGraph(executor, module, inputs, 0, bars)
    best = min(best, time.process_time() - start)
print(best, len(all_alpha))
