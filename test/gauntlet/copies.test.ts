import {existsSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletCheck} from '../../src/operations/gauntlet-check.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {commitAll} from '../ci/repository.ts'
import {deskAt, ideaText, ingest, workspace} from './workspace.ts'

describe('a copy of a hypothesis under another id', () => {
  const market = {assets: 6, edge: 0, seed: 'copies'}
  let [root, remove] = ['', () => {}]
  const write = (id: string) =>
    writeFileSync(join(root, `hypotheses/${id}.yaml`), ideaText(id, {family: 'volume-family'}))
  const judge = async (id: string) => (await gauntlet(await deskAt(root), {files: [id], all: false})).verdicts[0]!
  const report = (id: string): string => join(root, `reports/gauntlet/${id}/verdict.json`)
  const entries = async () => (await openLedger(await deskAt(root))).entries

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 800, ...market}))
    write('volume')
    await judge('volume')
  })
  afterAll(() => remove())

  it('has a verdict of its own, which counts the same trials and names both', async () => {
    write('volume-bis')
    const {verdict, trials, hypothesis} = await judge('volume-bis')
    expect(verdict).toBe('FAIL')
    expect([hypothesis, trials.N, [...trials.family].sort()]).toEqual(['volume-bis', 3, ['volume', 'volume-bis']])
  })

  it('leaves the original its verdict, byte for byte, and no error in the ledger', async () => {
    const [before, count] = [readFileSync(report('volume'), 'utf8'), (await entries()).length]
    expect((await judge('volume')).verdict).toBe('FAIL')
    rmSync(report('volume'))
    expect(existsSync(report('volume'))).toBe(false)
    expect((await judge('volume')).verdict).toBe('FAIL')
    expect(readFileSync(report('volume'), 'utf8')).toBe(before)
    expect((await judge('volume-bis')).verdict).toBe('FAIL')
    expect(await entries()).toHaveLength(count)
    expect((await entries()).flatMap((entry) => (entry.kind === 'verdict' ? [entry.verdict] : []))).toEqual([
      'FAIL',
      'FAIL',
    ])
  })

  it('is no breach: both verdicts come out again', async () => {
    commitAll(root, 'an idea and its copy')
    const {integrity} = await gauntletCheck(await deskAt(root), {files: [], since: null, gate: 'integrity'})
    expect(integrity.breaches).toEqual([])
  })

  it('is judged on the window of the original, however long history has become', async () => {
    await ingest(root, {days: 900, ...market})
    write('volume-ter')
    const copy = await judge('volume-ter')
    const original = JSON.parse(readFileSync(report('volume'), 'utf8'))
    expect([copy.window, copy.provenance.data_sha]).toEqual([original.window, original.provenance.data_sha])
    expect(copy.trials.N).toBe(3)
  })
})
