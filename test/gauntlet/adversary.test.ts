import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import type {Desk} from '../../src/desk.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {select} from '../../src/operations/select.ts'
import {deskAt, ideaText, workspace} from './workspace.ts'

const run = async (root: string) => gauntlet(await deskAt(root), {files: ['volume'], all: false})
const unseal = async (desk: Desk) => gauntletUnseal(desk, 'volume')
const ledgerOf = async (root: string) => (await openLedger(await deskAt(root))).entries
const commitAll = async (root: string): Promise<void> => {
  const desk = await deskAt(root)
  const dirty = await desk.git.dirty(['hypotheses', 'configs'])
  if (dirty.length > 0) await desk.git.commit(dirty, 'a step of the test')
}
const at = (root: string, asOf: string): Promise<Desk> =>
  openDesk({root, asOf, dryRun: false, quiet: true, needsWorkspace: false})
const edit = (root: string, path: string, change: (text: string) => string): string => {
  const before = readFileSync(join(root, path), 'utf8')
  writeFileSync(join(root, path), change(before))
  return before
}

describe('what an author could try between ELIGIBLE and PASS', () => {
  let [root, remove] = ['', () => {}]

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 5 * 365, assets: 8, edge: 0.12, seed: 'workspace'}))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    expect((await run(root)).verdicts[0]?.verdict).toBe('ELIGIBLE')
    await commitAll(root)
  })
  afterAll(() => remove())

  it('shows no vault answer that the ledger does not hold', async () => {
    const {configuration, stages, provenance} = (await run(root)).verdicts[0]!
    const forged = {
      artifact: 'gauntlet-unseal@1',
      hypothesis: 'volume',
      verdict: 'PASS',
      reason: 'confirmed',
      sentence: 'Written by hand.',
      configuration,
      vault: {id: 'V-sim-202401', from: '2023-01-01T00:00:00.000Z', to: '2024-01-01T00:00:00.000Z', tier: 'V0'},
      attempt: 1,
      earlierPasses: 0,
      alpha: 0.02,
      stages: [stages[0]],
      provenance,
    }
    const path = join(root, 'reports/gauntlet/volume/unseal.json')
    writeFileSync(path, JSON.stringify(forged))
    expect((await run(root)).verdicts[0]?.verdict).toBe('ELIGIBLE')
    rmSync(path)
  })

  it('judges anew when the capital grows, and counts no new trial', async () => {
    const trials = (await run(root)).verdicts[0]!.trials.N
    const before = edit(root, 'hypotheses/volume.yaml', (file) => file.replace('25000', '2500000000'))
    const [grown] = (await run(root)).verdicts
    expect([grown?.verdict, grown?.failedStage, grown?.trials.N]).toEqual(['FAIL', 3, trials])
    writeFileSync(join(root, 'hypotheses/volume.yaml'), before)
    expect((await run(root)).verdicts[0]?.verdict).toBe('ELIGIBLE')
    await commitAll(root)
  })

  it('takes a reworded claim for what it is when its report is lost, not for an unstable result', async () => {
    const before = edit(root, 'hypotheses/volume.yaml', (file) => file.replace('go on rising.', 'keep rising.'))
    rmSync(join(root, 'reports/gauntlet/volume/verdict.json'))
    expect((await run(root)).verdicts[0]?.verdict).toBe('ELIGIBLE')
    writeFileSync(join(root, 'hypotheses/volume.yaml'), before)
    await commitAll(root)
  })

  it.each([
    ['start', '02', 'unseal.no_vault'],
    ['start', '28', 'vault.moved'],
    ['end', '02', 'vault.moved'],
  ])('does not open a window whose %s was moved to day %s after the registration', async (edge, day, code) => {
    const before = edit(root, 'configs/vaults.yaml', (file) =>
      file.replace(new RegExp(`(${edge}: "?)(\\d{4}-\\d\\d)-\\d\\d`), `$1$2-${day}`),
    )
    expect(readFileSync(join(root, 'configs/vaults.yaml'), 'utf8')).not.toBe(before)
    await expect(unseal(await deskAt(root))).rejects.toMatchObject({code})
    writeFileSync(join(root, 'configs/vaults.yaml'), before)
  })

  it('does not open half a vault', async () => {
    const [vault] = await (await deskAt(root)).lake.vaults()
    const middle = new Date((Date.parse(vault!.start) + Date.parse(vault!.end)) / 2).toISOString()
    await expect(unseal(await at(root, middle))).rejects.toMatchObject({code: 'unseal.too_early'})
  })

  it('prints no ranking made of sealed bars', async () => {
    const [vault] = await (await deskAt(root)).lake.vaults()
    const inside = new Date(Date.parse(vault!.start) + 30 * 86_400_000).toISOString()
    await expect(select(await at(root, inside))).rejects.toMatchObject({code: 'selection.sealed'})
    expect((await select(await at(root, vault!.start))).ok).toBe(true)
  })

  it('tests nobody at the level of somebody who asked at the same moment', async () => {
    await commitAll(root)
    const desk = await deskAt(root)
    const intents = async () => (await ledgerOf(root)).filter(({kind}) => kind === 'unseal-intent')
    const asked = (await intents()).length
    const rival = await openLedger(desk)
    const [registered] = rival.entries.filter(({kind}) => kind === 'register')
    if (registered?.kind !== 'register') throw new Error('nothing was registered')
    const {hypothesis, family, lineage, configuration, fingerprint, n_points, code_commit, dirty} = registered
    const [vault] = await desk.lake.vaults()
    // The rival's intent reaches the disk after this run has read the ledger and before it has loaded a sealed row.
    const createText = desk.files.createText.bind(desk.files)
    let first = true
    const racing: Desk = {
      ...desk,
      files: {
        ...desk.files,
        createText: async (path, text) => {
          if (first) {
            first = false
            await (await openLedger(await deskAt(root))).append({
              kind: 'unseal-intent',
              ...{hypothesis, family, lineage, configuration, fingerprint, n_points, code_commit, dirty},
              ...{vault: vault!.id, attempt: asked + 1, earlier_passes: 0, alpha: 0.02},
              window: {start: vault!.start, end: vault!.end},
              lake_commit: registered.lake_commit,
            })
          }
          return createText(path, text)
        },
      },
    }
    await expect(unseal(racing)).rejects.toMatchObject({code: 'unseal.lost_race'})
    expect(await intents()).toHaveLength(asked + 2)
  })
})

describe('a ledger that was thrown away', () => {
  it('leaves reports that speak of it, and the trials are not taken for one grid', async () => {
    const {root, remove} = await workspace({days: 3 * 365, assets: 5, edge: 0, seed: 'lost'})
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    await run(root)
    for (const name of readdirSync(join(root, 'hypotheses/ledger'))) rmSync(join(root, 'hypotheses/ledger', name))
    const [judged] = (await run(root)).verdicts
    expect(judged?.trials.N).toBe(1000)
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume', {params: '{n: [1, 2]}'}))
    expect((await run(root)).verdicts[0]?.trials.N).toBe(1000)
    remove()
  })
})
