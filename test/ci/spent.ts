import {cpSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, expect} from 'vitest'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'
import {commitAll} from './repository.ts'

export const unseal = async (root: string, id = 'volume') => gauntletUnseal(await deskAt(root), id)
export const intents = async (root: string) =>
  (await openLedger(await deskAt(root))).entries.filter((entry) => entry.kind === 'unseal-intent')

/** For the tests of one `describe`: a workspace with one idea under two names, both eligible, fresh for each test. */
export function eligibleTwice(): {readonly root: string} {
  let [template, remove] = ['', () => {}]
  const fresh = {root: ''}

  beforeAll(async () => {
    ;({root: template, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0.12, seed: 'workspace'}))
    rmSync(join(template, 'market.csv'))
    writeFileSync(join(template, 'hypotheses/volume.yaml'), ideaText('volume'))
    writeFileSync(join(template, 'hypotheses/renamed.yaml'), ideaText('renamed'))
    const {verdicts} = await gauntlet(await deskAt(template), {files: [], all: false})
    expect(verdicts.map(({verdict}) => verdict)).toEqual(['ELIGIBLE', 'ELIGIBLE'])
    commitAll(template, 'an idea under two names, eligible')
  })
  afterAll(() => remove())
  beforeEach(() => {
    fresh.root = mkdtempSync(join(tmpdir(), 'qo-spent-'))
    cpSync(template, fresh.root, {recursive: true})
    return () => rmSync(fresh.root, {recursive: true, force: true})
  })
  return fresh
}
