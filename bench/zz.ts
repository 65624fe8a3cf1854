import {readFile} from 'node:fs/promises'
import {weightsRunOf} from '../src/cognition/backtest/run-configuration.ts'
import {runWeights} from '../src/cognition/backtest/weights-engine.ts'
import {compileHypothesis} from '../src/cognition/features/compile-hypothesis.ts'
import {evaluateSignals} from '../src/cognition/features/evaluate.ts'
import {gridOf} from '../src/cognition/hypotheses/grid-of.ts'
import {Costs} from '../src/contracts/costs.ts'
import {Hypothesis} from '../src/contracts/hypothesis.ts'
import {parseArtifact} from '../src/io/files.ts'
import {walkPanel} from '../test/backtest/panels.ts'
const hypothesis = parseArtifact(Hypothesis, 'x', await readFile('bench/sma-cross.yaml', 'utf8'))
const costs = parseArtifact(Costs, 'x', await readFile('configs/costs.yaml', 'utf8'))
const panel = walkPanel({assets: 1, bars: 100_000, interval: '1h', venue: 'sim', dailyNotional: 1.2e8})
const compiled = compileHypothesis(hypothesis)
const universe = [new Uint8Array(100_000).fill(1)]
const points = gridOf(hypothesis).slice(0, 3)
const signals = evaluateSignals(compiled, panel, universe, points)
const T = (l: string, f: () => unknown) => { const s = process.cpuUsage(); const r = f(); const u = process.cpuUsage(s); console.log(l, (u.user + u.system) / 1e6); return r as never }
for (let g = 0; g < 3; g++) {
  const run = T('inputs', () => weightsRunOf({hypothesis, params: points[g]!, panel, universe, signal: signals[g]!, costs, detail: 'returns'}))
  const r = T('run', () => runWeights(run)) as {orders: number}
  console.log(r.orders)
}
