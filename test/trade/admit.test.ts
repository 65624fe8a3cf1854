import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {beforeEach, describe, expect, it} from 'vitest'
import {Hypothesis} from '../../src/contracts/hypothesis.ts'
import {admit} from '../../src/operations/trade-admit.ts'
import {deskOf, tradeWorkspace, validate} from './paper-cycle.ts'

let root = ''
const edit = (file: string, change: (text: string) => string): void => {
  const before = readFileSync(join(root, file), 'utf8')
  const after = change(before)
  expect(after).not.toBe(before)
  writeFileSync(join(root, file), after)
}
const admission = async () => {
  const {admitted, refused} = await admit(await deskOf(root), 'sim')
  return [admitted.map(({hypothesis}) => hypothesis.id), refused.map(({state, reason}) => `${state}: ${reason}`)]
}

beforeEach(() => {
  ;({root} = tradeWorkspace())
})

describe('what a PASS was given for', () => {
  it('trades, and so does the same rule with less capital or another claim', async () => {
    await validate(await deskOf(root))
    expect(await admission()).toEqual([['five-day-drift'], []])
    edit('hypotheses/five-day-drift.yaml', (text) =>
      text.replace('25000', '20000').replace('A rule that', 'The rule that'),
    )
    expect(await admission()).toEqual([['five-day-drift'], []])
  })

  it('does not trade with more capital than was judged', async () => {
    await validate(await deskOf(root))
    edit('hypotheses/five-day-drift.yaml', (text) => text.replace('25000', '25001'))
    expect(await admission()).toEqual([
      [],
      ['validated: judged with 25000 USD, not with 25001: qo gauntlet five-day-drift'],
    ])
  })

  it('does not trade once another venue is its research', async () => {
    const desk = await deskOf(root)
    const rule = await validate(desk)
    await desk.files.write(
      Hypothesis,
      {...rule, data: {research: 'binance', trade: 'sim'}},
      `hypotheses/${rule.id}.yaml`,
    )
    expect(await admission()).toEqual([[], [expect.stringContaining('draft: edited since it was validated')]])
  })

  it('does not trade under another selection rule, and a comment is no other rule', async () => {
    await validate(await deskOf(root), {universe: {from: 'selection', min_assets: 2}})
    edit('configs/selection.yaml', (text) => `# thought about it again\n${text}`)
    expect(await admission()).toEqual([['five-day-drift'], []])
    edit('configs/selection.yaml', (text) => text.replace(/^top: (\d+)/m, 'top: 1$1'))
    expect(await admission()).toEqual([[], [expect.stringContaining('draft: edited since it was validated')]])
  })

  it('keeps trading a list of assets under another selection rule: it does not use one', async () => {
    await validate(await deskOf(root))
    edit('configs/selection.yaml', (text) => text.replace(/^top: (\d+)/m, 'top: 1$1'))
    expect(await admission()).toEqual([['five-day-drift'], []])
  })
})
