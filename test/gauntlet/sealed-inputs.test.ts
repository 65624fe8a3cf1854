import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {backtest} from '../../src/operations/backtest.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {ingestFile} from '../../src/operations/ingest-file.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {FIRST_DAY} from './small-market.ts'
import {deskAt, ideaText, workspace} from './workspace.ts'

const DAY = 86_400_000

describe('a hypothesis on an input that research may not see', () => {
  let [root, remove] = ['', () => {}]
  const judge = async () => (await gauntlet(await deskAt(root), {files: ['carry'], all: false})).verdicts[0]!
  const entries = async () => (await openLedger(await deskAt(root))).entries.length
  const pay = async (name: string, fromDay: number, toDay: number): Promise<void> => {
    const days = Array.from({length: toDay - fromDay}, (_, d) =>
      new Date(FIRST_DAY + (fromDay + d) * DAY).toISOString(),
    )
    const path = join(root, name)
    const rows = days.flatMap((day) => [0, 1, 2, 3, 4].map((coin) => `${day},A${coin},${0.0001 * (coin - 2)}`))
    writeFileSync(path, `ts,coin,rate\n${rows.join('\n')}\n`)
    await ingestFile(await deskAt(root), {
      ...{path, shape: 'funding', interval: null, venue: 'sim', coin: null, map: {}, zone: null, unit: 'ms'},
      ...{maxBad: 0, survivor: false, completeFrom: null},
    })
  }

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 800, assets: 5, edge: 0, seed: 'sealed inputs'}))
    writeFileSync(join(root, 'hypotheses/carry.yaml'), ideaText('carry', {signal: '-ts_mean(funding, $n)'}))
  })
  afterAll(() => remove())

  it('is INSUFFICIENT for want of the table, and spends nothing when it is asked again', async () => {
    expect(await judge()).toMatchObject({verdict: 'INSUFFICIENT', failedStage: 1, decidesOn: 'funding'})
    const count = await entries()
    await judge()
    expect(await judge()).toMatchObject({sentence: expect.stringContaining('The lake has no funding rows for sim')})
    expect(await entries()).toBe(count)
  })

  it('stays so, and spends nothing, when rows come that are all sealed', async () => {
    await pay('late.csv', 700, 790)
    const count = await entries()
    await judge()
    await judge()
    expect(await entries()).toBe(count)
  })

  it('is told by a backtest and by a first verdict that the rows are there, and sealed', async () => {
    await expect(backtest(await deskAt(root), 'carry', {costs: 'file'})).rejects.toMatchObject({
      code: 'backtest.inputs_sealed',
      why: expect.stringMatching(/^All 450 funding rows of sim are sealed: they begin on 2017-12-01/),
      suggestions: [expect.stringContaining('bring funding rows from before 2017-')],
    })
    writeFileSync(
      join(root, 'hypotheses/carry.yaml'),
      ideaText('carry', {signal: '-ts_mean(funding, $n)', params: '{n: [2, 4]}'}),
    )
    expect(await judge()).toMatchObject({
      ...{verdict: 'INSUFFICIENT', failedStage: 1, decidesOn: 'funding'},
      sentence: expect.stringMatching(/All 450 funding rows of sim are sealed.*Older rows would decide it/),
    })
    const count = await entries()
    await judge()
    expect(await entries()).toBe(count)
  })

  it('is judged once rows come that research may see', async () => {
    await pay('early.csv', 0, 700)
    const {failedStage, verdict} = await judge()
    expect([verdict, failedStage === 1]).not.toEqual(['INSUFFICIENT', true])
  })
})
