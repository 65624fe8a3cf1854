"""Hansen's SPA by arch on columns of 8-byte floats: spa.py FILE T K B -> seconds of CPU, and the consistent p."""

import sys
import time

import numpy as np
from arch.bootstrap import SPA

path, T, K, B = sys.argv[1], *map(int, sys.argv[2:])
columns = np.fromfile(path, dtype=np.float64).reshape(K, T).T
start = time.process_time()
# arch takes losses: what is good for us is bad for it.
spa = SPA(np.zeros(T), -columns, block_size=10, reps=B, bootstrap="stationary", studentize=True, seed=1)
spa.compute()
print(time.process_time() - start, spa.pvalues["consistent"])
