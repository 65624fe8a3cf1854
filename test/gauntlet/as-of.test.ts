import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import {backtest} from '../../src/operations/backtest.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {lakeSql} from '../../src/operations/lake-sql.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {select} from '../../src/operations/select.ts'
import {selectExplain} from '../../src/operations/select-explain.ts'
import {selectSurvivorship} from '../../src/operations/select-studies.ts'
import {deskAt, ideaText, workspace} from './workspace.ts'

describe('a decision time', () => {
  let [root, remove] = ['', () => {}]
  const at = (asOf: string) => openDesk({root, asOf, dryRun: false, quiet: true, needsWorkspace: true})
  const judge = async (asOf: string) => (await gauntlet(await at(asOf), {files: ['volume'], all: false})).verdicts[0]!
  const AHEAD = '2190-01-01T00:00:00Z'

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 800, assets: 5, edge: 0, seed: 'as of'}))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    await gauntlet(await deskAt(root), {files: ['volume'], all: false})
  })
  afterAll(() => remove())

  it('before the data of a stored verdict is not answered by it', async () => {
    const count = (await openLedger(await deskAt(root))).entries.length
    await expect(judge('2016-10-01T00:00:00Z')).rejects.toMatchObject({
      ...{code: 'gauntlet.judged_later', exitCode: 2, what: expect.stringContaining('not as of 2016-10-01')},
    })
    expect((await openLedger(await deskAt(root))).entries).toHaveLength(count)
    expect((await judge('2018-12-01T00:00:00Z')).verdict).toBe('FAIL')
  })

  it.each<[string, () => Promise<unknown>]>([
    ['select', async () => select(await at(AHEAD))],
    ['select explain', async () => selectExplain(await at(AHEAD), 'A0')],
    ['select --survivorship', async () => selectSurvivorship(await at(AHEAD))],
    ['lake sql', async () => lakeSql(await at(AHEAD), {query: 'SELECT 1 AS one', commit: undefined, out: null})],
    ['backtest', async () => backtest(await at(AHEAD), 'volume', {costs: 'file'})],
    ['gauntlet', async () => judge(AHEAD)],
  ])('that has not come is refused by %s', async (_, act) => {
    const list = join(root, 'configs/selected_assets.yaml')
    const before = existsSync(list) ? readFileSync(list, 'utf8') : null
    await expect(act()).rejects.toMatchObject({code: 'as_of.ahead', exitCode: 2})
    expect(existsSync(list) ? readFileSync(list, 'utf8') : null).toBe(before)
  })
})
