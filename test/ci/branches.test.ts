import {rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletCheck} from '../../src/operations/gauntlet-check.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'
import {cloneOf, commitAll, copyLake, git} from './repository.ts'

const judge = async (root: string) => gauntlet(await deskAt(root), {files: [], all: false})
const check = async (root: string) => gauntletCheck(await deskAt(root), {files: [], since: null, gate: 'integrity'})

/** Two ideas of one family, four and two grid points. */
const IDEAS = {
  left: ideaText('left', {family: 'noise', signal: 'ts_mean(returns(close, 1), $n)', params: '{n: [1, 2, 3, 4]}'}),
  right: ideaText('right', {family: 'noise', signal: '-ts_std(returns(close, 1), $n)', params: '{n: [2, 3]}'}),
}

describe('two branches that both tried something', () => {
  let [root, remove] = ['', () => {}]
  const done: (() => void)[] = []

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 4 * 365, assets: 5, edge: 0, seed: 'branches'}))
    rmSync(join(root, 'market.csv'))
    // The vault is part of the common past: two branches that each sealed one would have to agree on it.
    writeFileSync(join(root, 'hypotheses/first.yaml'), ideaText('first', {signal: 'ts_mean(log(close), $n)'}))
    await judge(root)
    commitAll(root, 'a workspace with a vault')
    for (const [name, text] of Object.entries(IDEAS)) {
      git(root, 'checkout', '--quiet', '-b', name, 'main')
      writeFileSync(join(root, `hypotheses/${name}.yaml`), text)
      await judge(root)
      commitAll(root, `${name}, judged`)
    }
  })
  afterAll(() => {
    for (const end of [...done, remove]) end()
  })

  it.each([
    ['left', 'right'],
    ['right', 'left'],
  ])(
    '%s then %s: git merges without a conflict, nothing is lost, and each verdict still comes out',
    async (one, two) => {
      const clone = cloneOf(root)
      done.push(clone.remove)
      copyLake(root, clone.root)
      git(clone.root, 'merge', '--quiet', '--no-ff', '--no-edit', `origin/${one}`)
      git(clone.root, 'merge', '--quiet', '--no-ff', '--no-edit', `origin/${two}`)
      const {integrity, verdict} = await check(clone.root)
      expect(integrity.breaches).toEqual([])
      expect(integrity.heads).toHaveLength(2)
      // Each verdict stands as its author could know it: right saw the four of left, which git had on another branch.
      expect(verdict.hypotheses.map(({hypothesis, verdict: found}) => [hypothesis, found!.trials.N])).toEqual([
        ['first', 3],
        ['left', 4],
        ['right', 4],
      ])
      writeFileSync(
        join(clone.root, 'hypotheses/third.yaml'),
        ideaText('third', {
          family: 'noise',
          signal: 'ts_zscore(close, $n + 20)',
          params: '{n: [1]}',
          primary: '{n: 1}',
        }),
      )
      const {verdicts} = await judge(clone.root)
      const third = verdicts.find(({hypothesis}) => hypothesis === 'third')!
      expect([third.trials.N, third.trials.ledger, third.trials.family]).toEqual([7, 7, ['left', 'right', 'third']])
      const ledger = await openLedger(await deskAt(clone.root))
      expect(ledger.heads).toHaveLength(1)
      expect(ledger.entries.filter(({merges}) => merges !== undefined)).toHaveLength(1)
      commitAll(clone.root, 'a third, judged after both')
      expect((await check(clone.root)).integrity.breaches).toEqual([])
    },
  )
})
