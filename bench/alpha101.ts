import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {compileFeatureSet} from '../src/cognition/features/compile-hypothesis.ts'
import {forEachFeature} from '../src/cognition/features/evaluate.ts'
import {FeatureSet} from '../src/contracts/features.ts'
import {parseArtifact} from '../src/io/files.ts'
import type {Bench} from './bench.ts'
import {inPython} from './python.ts'
import {bytesOf, cpuSeconds, everywhere, randomPanel} from './random-panel.ts'

const [ASSETS, BARS] = [64, 7_800]
const SET = 'configs/features/alpha101.yaml'

/** The shipped formulaic alphas on 64 assets × 7,800 hourly bars, one thread, against KunQuant in double precision. */
export const run: Bench = async ({say}) => {
  const text = await readFile(fileURLToPath(new URL(`../${SET}`, import.meta.url)), 'utf8')
  const compiled = compileFeatureSet(parseArtifact(FeatureSet, SET, text))
  const panel = randomPanel('bench|alpha101', ASSETS, BARS)
  const universe = everywhere(panel)
  const ours = cpuSeconds(3, () => forEachFeature(compiled, panel, universe, {}, () => {}))
  say(`qo: ${ours.toFixed(2)} CPU s for ${compiled.expressions.size} alphas`)
  const folder = await mkdtemp(join(tmpdir(), 'qo-bench-'))
  try {
    const input = join(folder, 'panel.bin')
    await writeFile(input, bytesOf(panel))
    const out = await inPython('alpha101.py', [input, `${BARS}`, `${ASSETS}`], ['KunQuant', 'numpy'], say)
    const [seconds, count] = out === null ? [null, null] : out.split('\n').at(-1)!.split(' ').map(Number)
    if (seconds) say(`KunQuant, generated and compiled before: ${seconds.toFixed(2)} CPU s for ${count} alphas`)
    const ratio = seconds ? ours / seconds : null
    return {
      unit: `CPU seconds for ${compiled.expressions.size} alphas × ${ASSETS} assets × ${BARS} bars, one thread`,
      ours,
      yardstick: seconds ?? null,
      ratio,
      aim: '≤ 2 × KunQuant and ≤ 7 s',
      met: ratio === null ? null : ratio <= 2 && ours <= 7,
    }
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}
