import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {Candles} from '../../src/contracts/market.ts'
import type {Desk} from '../../src/desk.ts'
import {openJournal} from '../../src/io/journal.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {deskAt} from '../gauntlet/workspace.ts'
import {commitAll, git} from './repository.ts'
import {eligibleTwice, intents, unseal} from './spent.ts'

/** The run ends after the intent and before a sealed row; test/long/vault-spent.test.ts does it with SIGKILL. */
async function die(root: string): Promise<void> {
  const desk = await deskAt(root)
  const read = {value: () => Promise.reject(new Error('the power went out'))}
  const dead: Desk = {...desk, lake: Object.create(desk.lake, {read}) as Desk['lake']}
  await expect(gauntletUnseal(dead, 'volume')).rejects.toThrow('the power went out')
}

describe('alpha that was spent on a vault', () => {
  const fresh = eligibleTwice()

  it('is on other branches too: a refusal left behind there is paid for here', async () => {
    git(fresh.root, 'checkout', '--quiet', '-b', 'elsewhere')
    await die(fresh.root)
    git(fresh.root, 'checkout', '--quiet', 'main')
    expect(await intents(fresh.root)).toEqual([])
    expect((await unseal(fresh.root)).attempt).toBe(2)
  })

  it('is not given back by deleting entries, or history with them', async () => {
    await die(fresh.root)
    const [entry] = await intents(fresh.root)
    const name = readdirSync(join(fresh.root, 'hypotheses/ledger')).find((file) =>
      file.includes(entry!.hash.slice(0, 12)),
    )!
    rmSync(join(fresh.root, 'hypotheses/ledger', name))
    await expect(unseal(fresh.root)).rejects.toMatchObject({code: 'ledger.broken_chain', exitCode: 4})
    commitAll(fresh.root, 'nothing to see here')
    await expect(unseal(fresh.root)).rejects.toMatchObject({code: 'ledger.broken_chain'})
    git(fresh.root, 'reset', '--quiet', '--hard', 'HEAD~2')
    await expect(unseal(fresh.root)).rejects.toMatchObject({code: 'ledger.rolled_back', exitCode: 4})
    rmSync(join(fresh.root, 'hypotheses/ledger'), {recursive: true})
    await expect(unseal(fresh.root)).rejects.toMatchObject({code: 'ledger.broken_chain'})
  })

  it('is not asked for behind an answer that the ledger does not hold', async () => {
    await unseal(fresh.root, 'renamed')
    git(fresh.root, 'reset', '--quiet', '--hard', 'HEAD~1')
    git(fresh.root, 'clean', '--quiet', '-fd', '--', 'hypotheses')
    rmSync(join(fresh.root, 'data/state'), {recursive: true, force: true})
    await expect(unseal(fresh.root)).rejects.toMatchObject({code: 'ledger.rolled_back'})
  })

  it('leaves a trace when research only tries to read a sealed row', async () => {
    const desk = await deskAt(fresh.root)
    const [vault] = await desk.lake.vaults()
    const rows = await desk.lake.read({
      ...{table: Candles, venue: 'sim', interval: '1d', asOf: desk.asOf, to: Date.parse(vault!.end)},
      purpose: {kind: 'research'},
    })
    const seen = rows.columns['ts'] as Float64Array
    expect(seen.reduce((a, b) => Math.max(a, b))).toBeLessThan(Date.parse(vault!.start))
    const [trace] = await openJournal(fresh.root, 'vault-access', {dryRun: true}).read()
    expect(trace).toMatchObject({kind: 'sealed-read', body: {venue: 'sim', sealed_from: vault!.start}})
    expect(existsSync(join(fresh.root, 'reports/gauntlet/volume/unseal.json'))).toBe(false)
    expect(readFileSync(join(fresh.root, 'configs/vaults.yaml'), 'utf8')).toContain(vault!.id)
  })
})
