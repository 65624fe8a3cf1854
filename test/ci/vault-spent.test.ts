import {cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {Candles} from '../../src/contracts/market.ts'
import type {Desk} from '../../src/desk.ts'
import {openJournal} from '../../src/io/journal.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt, ideaText, workspace} from '../gauntlet/workspace.ts'
import {commitAll, git} from './repository.ts'

const unseal = async (root: string, id = 'volume') => gauntletUnseal(await deskAt(root), id)
const intents = async (root: string) =>
  (await openLedger(await deskAt(root))).entries.filter((entry) => entry.kind === 'unseal-intent')

/** The run ends after the intent and before a sealed row; test/long/vault-spent.test.ts does it with SIGKILL. */
async function die(root: string): Promise<void> {
  const desk = await deskAt(root)
  const read = {value: () => Promise.reject(new Error('the power went out'))}
  const dead: Desk = {...desk, lake: Object.create(desk.lake, {read}) as Desk['lake']}
  await expect(gauntletUnseal(dead, 'volume')).rejects.toThrow('the power went out')
}

describe('alpha that was spent on a vault', () => {
  let [template, remove, root] = ['', () => {}, '']

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
    root = mkdtempSync(join(tmpdir(), 'qo-spent-'))
    cpSync(template, root, {recursive: true})
    return () => rmSync(root, {recursive: true, force: true})
  })

  it('is on other branches too: a refusal left behind there is paid for here', async () => {
    git(root, 'checkout', '--quiet', '-b', 'elsewhere')
    await die(root)
    git(root, 'checkout', '--quiet', 'main')
    expect(await intents(root)).toEqual([])
    expect((await unseal(root)).attempt).toBe(2)
  })

  it('is not given back by deleting entries, or history with them', async () => {
    await die(root)
    const [entry] = await intents(root)
    const name = readdirSync(join(root, 'hypotheses/ledger')).find((file) => file.includes(entry!.hash.slice(0, 12)))!
    rmSync(join(root, 'hypotheses/ledger', name))
    await expect(unseal(root)).rejects.toMatchObject({code: 'ledger.broken_chain', exitCode: 4})
    commitAll(root, 'nothing to see here')
    await expect(unseal(root)).rejects.toMatchObject({code: 'ledger.broken_chain'})
    git(root, 'reset', '--quiet', '--hard', 'HEAD~2')
    await expect(unseal(root)).rejects.toMatchObject({code: 'ledger.rolled_back', exitCode: 4})
    rmSync(join(root, 'hypotheses/ledger'), {recursive: true})
    await expect(unseal(root)).rejects.toMatchObject({code: 'ledger.broken_chain'})
  })

  it('is not asked for behind an answer that the ledger does not hold', async () => {
    await unseal(root, 'renamed')
    git(root, 'reset', '--quiet', '--hard', 'HEAD~1')
    git(root, 'clean', '--quiet', '-fd', '--', 'hypotheses')
    rmSync(join(root, 'data/state'), {recursive: true, force: true})
    await expect(unseal(root)).rejects.toMatchObject({code: 'ledger.rolled_back'})
  })

  it('leaves a trace when research only tries to read a sealed row', async () => {
    const desk = await deskAt(root)
    const [vault] = await desk.lake.vaults()
    const rows = await desk.lake.read({
      ...{table: Candles, venue: 'sim', interval: '1d', asOf: desk.asOf, to: Date.parse(vault!.end)},
      purpose: {kind: 'research'},
    })
    const seen = rows.columns['ts'] as Float64Array
    expect(seen.reduce((a, b) => Math.max(a, b))).toBeLessThan(Date.parse(vault!.start))
    const [trace] = await openJournal(root, 'vault-access', {dryRun: true}).read()
    expect(trace).toMatchObject({kind: 'sealed-read', body: {venue: 'sim', sealed_from: vault!.start}})
    expect(existsSync(join(root, 'reports/gauntlet/volume/unseal.json'))).toBe(false)
    expect(readFileSync(join(root, 'configs/vaults.yaml'), 'utf8')).toContain(vault!.id)
  })
})
