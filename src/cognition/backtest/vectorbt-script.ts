import type {VectorbtInputs} from './vectorbt.ts'

const RUN = `pf = vbt.Portfolio.from_orders(px.ffill().bfill(), size=size, size_type='targetpercent', price=px, fees=spec['fees'], slippage=spec['slippage'], init_cash=spec['init_cash'], cash_sharing=True, group_by=True, call_seq='auto')`

/** Ten lines that anyone with Python and vectorbt can run beside the files they read. */
const CHECK = `import json, os, sys
import pandas as pd, vectorbt as vbt
os.chdir(os.path.dirname(os.path.abspath(__file__)))
spec = json.load(open('expected.json'))
px, size = pd.read_csv('open.csv', index_col=0), pd.read_csv('weights.csv', index_col=0)
${RUN}
value = pf.value()
found = {'final_value': float(value.iloc[-1]), 'orders': int(pf.orders.count()), 'max_drawdown': float((value / value.cummax() - 1).min())}
same = {name: abs(found[name] - mine) <= 1e-9 * max(1, abs(mine)) for name, mine in spec['qo'].items()}
sys.exit(print(json.dumps({'vectorbt': found, 'qo': spec['qo'], 'equal': same})) or (0 if all(same.values()) else 1))
`

/** The same call, fed from standard input and answered as JSON: what \`--engine vectorbt\` runs. */
export const VECTORBT_ENGINE = `import json, sys
import numpy as np, pandas as pd, vectorbt as vbt
spec = json.load(sys.stdin)
frame = lambda name: pd.DataFrame(np.array(spec[name], dtype=float).T)
px, size = frame('open'), frame('weights')
${RUN}
r = pf.orders.records.sort_values(['idx', 'id'])
rows = [[int(i), int(c), float(s) * (1 if side == 0 else -1), float(p), float(f)] for i, c, s, p, f, side in zip(r['idx'], r['col'], r['size'], r['price'], r['fees'], r['side'])]
json.dump({'value': [float(v) for v in pf.value()], 'orders': rows}, sys.stdout)
`

/** Exit status 3 when this Python has no vectorbt: a second, not the half minute that importing it takes. */
export const VECTORBT_PROBE = `import importlib.util, sys; sys.exit(0 if importlib.util.find_spec('vectorbt') else 3)`

/** File name -> text of a cross-check that needs nothing else. */
export function crossCheckFiles(
  inputs: VectorbtInputs,
  qo: Readonly<Record<'final_value' | 'orders' | 'max_drawdown', number>>,
): Map<string, string> {
  const {fees, slippage, init_cash} = inputs
  return new Map([
    ['open.csv', csv(inputs, inputs.open)],
    ['weights.csv', csv(inputs, inputs.weights)],
    ['expected.json', `${JSON.stringify({fees, slippage, init_cash, qo}, null, 2)}\n`],
    ['check_vectorbt.py', CHECK],
  ])
}

/** One row a bar, empty where there is no number; doubles are written so that they read back the same. */
function csv({ts, assets}: VectorbtInputs, columns: readonly Float64Array[]): string {
  const rows = Array.from(ts, (at, t) =>
    [at, ...columns.map((column) => (Number.isNaN(column[t]!) ? '' : column[t]!))].join(','),
  )
  return `${[['ts', ...assets].join(','), ...rows].join('\n')}\n`
}

/** Standard input of the engine script. */
export const vectorbtStdin = ({open, weights, fees, slippage, init_cash}: VectorbtInputs): string =>
  JSON.stringify({
    open: open.map((column) => Array.from(column)),
    weights: weights.map((column) => Array.from(column)),
    ...{fees, slippage, init_cash},
  })
