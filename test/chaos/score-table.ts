import {spawnSync} from 'node:child_process'
import {appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {renderTable} from '../../src/cli/render.ts'
import {SCORES, type Score} from './score.ts'

/**
 * Before the long proofs: build, for their children run `bin/run.js`. After them: one table on stdout, and the same as
 * JSON lines in the file that QO_CHAOS_JSON names.
 */
export default function setup(): () => void {
  const bootstrap = fileURLToPath(new URL('../../bin/bootstrap.js', import.meta.url))
  const {status} = spawnSync(process.execPath, [bootstrap], {stdio: 'inherit'})
  if (status !== 0) throw new Error('the build failed')
  const folder = mkdtempSync(join(tmpdir(), 'qo-chaos-scores-'))
  const path = join(folder, 'scores.jsonl')
  writeFileSync(path, '')
  process.env[SCORES] = path
  return () => {
    const text = readFileSync(path, 'utf8')
    rmSync(folder, {recursive: true, force: true})
    if (text === '') return
    const json = process.env['QO_CHAOS_JSON']
    if (json !== undefined) appendFileSync(json, text)
    const scores = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Score)
      .sort((a, b) => (a.scenario < b.scenario ? -1 : 1))
    const cells = scores.map(({scenario, sent, committed, lost, duplicated, recoverMs, seen, verdict}) => [
      ...[scenario, sent, committed, lost, duplicated, recoverMs === null ? '-' : Math.round(recoverMs), seen, verdict],
    ])
    const head = ['scenario', 'sent', 'committed', 'lost', 'duplicated', 'recover ms', 'seen', 'verdict']
    process.stdout.write(`\n${renderTable(head, cells, [1, 2, 3, 4, 5])}\n`)
  }
}
