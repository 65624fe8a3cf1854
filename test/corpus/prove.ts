import {cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import type {GauntletVerdict} from '../../src/contracts/gauntlet.ts'
import {Fault} from '../../src/kernel/fault.ts'
import {backtest} from '../../src/operations/backtest.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletUnseal} from '../../src/operations/gauntlet-unseal.ts'
import {AS_OF, deskAt, workspace} from '../gauntlet/workspace.ts'
import type {CorpusCase} from './cases.ts'
import {ingestMarket, type Market} from './market.ts'

const VAULT_STAGE = 9

/** One lake per market; every judgement gets a workspace of its own, so that no case counts the trials of another. */
const lakes = new Map<Market, Promise<{root: string; remove: () => void}>>()
const copies: string[] = []
async function workspaceOn(market: Market): Promise<string> {
  let made = lakes.get(market)
  if (made === undefined) {
    made = workspace(null).then(async (home) => {
      await ingestMarket(home.root, market, AS_OF)
      return home
    })
    lakes.set(market, made)
  }
  const copy = mkdtempSync(join(tmpdir(), 'qo-corpus-'))
  cpSync((await made).root, copy, {recursive: true})
  copies.push(copy)
  return copy
}
async function removeAll(): Promise<void> {
  for (const made of lakes.values()) (await made).remove()
  for (const copy of copies) rmSync(copy, {recursive: true, force: true})
}

/** Put one file of a case into a workspace and judge it there, as `qo gauntlet FILE` would. */
async function judge(root: string, {folder}: CorpusCase, file: string): Promise<GauntletVerdict> {
  const text = readFileSync(join(folder, file), 'utf8')
  const id = /^id: (\S+)$/m.exec(text)![1]!
  const path = `hypotheses/${id}.yaml`
  // A cost file of the author's own stands beside that of the workspace.
  const own = join(folder, 'own-costs.yaml')
  if (existsSync(own)) cpSync(own, join(root, 'configs/own-costs.yaml'))
  writeFileSync(join(root, path), text)
  try {
    return (await gauntlet(await deskAt(root), {files: [path], all: false})).verdicts[0]!
  } catch (error) {
    rmSync(join(root, path))
    throw error
  }
}

async function unseal(root: string, id: string) {
  const desk = await deskAt(root)
  const dirty = await desk.git.dirty(['hypotheses', 'configs'])
  if (dirty.length > 0) await desk.git.commit(dirty, 'a step of the corpus')
  return gauntletUnseal(await deskAt(root), id)
}

const seen = ({verdict, failedStage}: GauntletVerdict) => ({verdict, stage: failedStage})
const failing = ({stages, failedStage}: GauntletVerdict): string[] =>
  stages
    .find(({id}) => id === failedStage)!
    .checks.filter(({gate, pass}) => gate && !pass)
    .map(({name}) => name)

/** Tests of some cases; `CORPUS_CASE=spike` leaves one of them. */
export function proveCases(cases: readonly CorpusCase[]): void {
  const chosen = process.env['CORPUS_CASE']
  afterAll(removeAll)
  describe.each(cases.filter(({name}) => chosen === undefined || chosen === name))('$name', (one) => prove(one))
}

function prove(one: CorpusCase): void {
  const {expected} = one
  let markets: {readonly mistake: Market; readonly control: Market}
  const open = (which: 'mistake' | 'control'): Promise<string> => workspaceOn(markets[which])

  beforeAll(async () => {
    markets = (await import(join(one.folder, 'market.ts'))) as typeof markets
  })

  const {mistake} = expected
  if ('refused' in mistake) {
    it('is refused before anything runs', async () => {
      const root = await open('mistake')
      const refusal = await judge(root, one, 'mistake.yaml').catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(Fault)
      expect((refusal as Fault).code).toBe(mistake.refused)
    })
  } else if (mistake.stage === VAULT_STAGE) {
    it('is refused by the vault, dearer every time it is asked', async () => {
      const root = await open('mistake')
      const levels: number[] = []
      for (const file of one.tries) {
        const judged = await judge(root, one, file)
        expect(seen(judged)).toEqual({verdict: 'ELIGIBLE', stage: null})
        const {verdicts, alpha} = await unseal(root, judged.hypothesis)
        expect(verdicts[0]).toMatchObject({verdict: mistake.verdict, failedStage: VAULT_STAGE})
        expect(verdicts[0]!.stages.at(-1)!.checks.map(({value}) => value)).toEqual([null])
        levels.push(alpha)
      }
      expect(levels).toEqual(one.tries.map((_, i) => expect.closeTo(0.04 / ((i + 1) * (i + 2)), 12)))
    })
  } else {
    it(`is caught at stage ${mistake.stage}`, async () => {
      const root = await open('mistake')
      if (one.before !== null) {
        const {hypothesis} = await judge(root, one, one.before)
        expect((await unseal(root, hypothesis)).verdicts[0]!.verdict).toBe('PASS')
      }
      const verdict = await judge(root, one, 'mistake.yaml')
      expect(seen(verdict), verdict.sentence).toEqual({verdict: mistake.verdict, stage: mistake.stage})
      expect(failing(verdict)).toContain(mistake.check)
    })
  }

  const {beliefs, grossSharpe} = expected
  if (beliefs !== undefined || grossSharpe !== undefined) {
    it('looks like an edge to whoever believes in it', async () => {
      const root = await open('mistake')
      writeFileSync(join(root, `hypotheses/${one.name}.yaml`), readFileSync(join(one.folder, 'mistake.yaml')))
      const {fills, gross} = await backtest(await deskAt(root), one.name, {costs: 'file'})
      if (grossSharpe !== undefined) expect(gross.sharpe).toBeGreaterThan(grossSharpe)
      const [naive, honest] = (beliefs ?? []).map((model) => fills.find((fill) => fill.model === model)!.sharpe!)
      if (beliefs !== undefined) expect(naive).toBeGreaterThan(0)
      if (beliefs !== undefined) expect(honest).toBeLessThan(0)
    })
  }

  it('is not caught when it is done right', async () => {
    const root = await open('control')
    const verdict = await judge(root, one, 'control.yaml')
    if (expected.control.stage === null && expected.control.verdict === 'PASS') {
      expect(seen(verdict)).toEqual({verdict: 'ELIGIBLE', stage: null})
      expect((await unseal(root, verdict.hypothesis)).verdicts[0]!.verdict).toBe('PASS')
      return
    }
    expect(seen(verdict), verdict.sentence).toEqual(expected.control)
    if (!('refused' in mistake)) expect(verdict.failedStage).not.toBe(mistake.stage)
  })
}
