import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {backtest} from '../../src/operations/backtest.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt, ideaText, workspace} from './workspace.ts'

const judge = async (root: string, id: string, over: Record<string, string> = {}) => {
  writeFileSync(join(root, `hypotheses/${id}.yaml`), ideaText(id, over))
  const {verdicts} = await gauntlet(await deskAt(root), {files: [id], all: false})
  return verdicts[0]!
}
const returnsIn = (root: string): string[] => readdirSync(join(root, 'hypotheses/returns'))
const kinOf = (verdict: Awaited<ReturnType<typeof judge>>, id: string) =>
  verdict.trials.kin.find(({hypothesis}) => hypothesis === id)

describe('an idea that comes back under another name', () => {
  let [root, remove] = ['', () => {}]
  /** grid points of everything that the subject has to pay for */
  let paid = 0

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 500, assets: 6, edge: 0.12, seed: 'kinship'}))
    const first = await judge(root, 'original')
    expect(first.trials).toMatchObject({N: 3, family: ['original'], kin: []})
    paid = 3
  })
  afterAll(() => remove())

  const disguises: [string, Record<string, string>][] = [
    ['rewritten', {signal: '0.5 * ts_sum(log(volume), $n) / $n + 0.5 * ts_mean(log(volume), $n)'}],
    ['flipped', {signal: '-1 * ts_mean(log(volume), $n)'}],
    ['scaled', {signal: '7.5 * ts_mean(log(volume), $n) + 3'}],
    ['delayed', {signal: 'delay(ts_mean(log(volume), $n), 1)'}],
    ['half-the-universe', {signal: 'ts_sum(log(volume), $n)', universe: '{from: [A0, A1, A2, A3, A4], min_assets: 4}'}],
  ]
  it.each(disguises)(
    'is known again when it is %s: its returns give it away, and every trial is paid for',
    async (id, over) => {
      const verdict = await judge(root, id, {params: '{n: [2, 3]}', ...over})
      const {trials, warnings, notRun} = verdict
      paid += 2
      expect(trials.N).toBe(paid)
      const kin = kinOf(verdict, 'original')
      expect(kin?.because).toBe('returns')
      expect(Math.abs(kin!.correlation!)).toBeGreaterThanOrEqual(0.5)
      expect(warnings.join('\n')).toContain('the trials of original are counted: research returns correlate')
      expect(notRun.join('\n')).not.toContain('trial count')
    },
  )

  it('is not taken for an idea that earns something else', async () => {
    const stranger = await judge(root, 'stranger', {
      ...{signal: 'delay(returns(close, 1), $n)', params: '{n: [20, 30]}', primary: '{n: 20}'},
    })
    expect(stranger.trials).toMatchObject({N: 2, family: ['stranger'], kin: []})
    expect(stranger.trials.programme).toBeGreaterThanOrEqual(paid + 2)
  })

  it('is known again by the whole grid, not only by the point that was declared', async () => {
    const wide = await judge(root, 'other-grid', {
      signal: 'ts_mean(returns(close, 1), $n) * $mix + ts_mean(log(volume), 2) * (1 - $mix)',
      params: '{n: [5], mix: [0, 1]}',
      primary: '{n: 5, mix: 1}',
    })
    paid += 2
    expect(kinOf(wide, 'original')?.because).toBe('returns')
    expect(wide.trials.N).toBe(paid)
  })

  it('counts what was only looked at with qo backtest', async () => {
    writeFileSync(join(root, 'hypotheses/peek.yaml'), ideaText('peek', {signal: 'ts_sum(log(volume), $n) * 3'}))
    const before = (await openLedger(await deskAt(root))).entries.length
    await backtest(await deskAt(root), 'peek', {costs: 'file', engine: 'weights'})
    const entries = (await openLedger(await deskAt(root))).entries.slice(before)
    expect(entries.map((entry) => entry.kind === 'run' && entry.returns_ref !== null)).toEqual([false, true])
    const {trials} = await judge(root, 'after-the-peek', {signal: 'ts_product(volume, $n)'})
    expect(trials.family).toContain('peek')
  })

  it('carries the attempts it failed to its next name, and a stranger carries none', async () => {
    const desk = await deskAt(root)
    const ledger = await openLedger(desk)
    const [vault] = await desk.lake.vaults()
    const own = ledger.entries.find((entry) => entry.hypothesis === 'original')!
    const {hypothesis, family, lineage, configuration, fingerprint, n_points, code_commit, dirty} = own
    await ledger.append({
      ...{kind: 'unseal-intent', hypothesis, family, lineage, configuration, fingerprint, n_points, code_commit, dirty},
      ...{vault: vault!.id, attempt: 4, earlier_passes: 0, alpha: 0.002, lake_commit: 1},
      window: {start: vault!.start, end: vault!.end},
    })
    const copy = await judge(root, 'fifth-attempt', {signal: 'ts_sum(log(volume), $n) + 1'})
    expect(copy.vault?.nextAttempt).toBe(5)
    const stranger = await judge(root, 'first-attempt', {
      ...{signal: 'delay(returns(close, 1), $n)', params: '{n: [40, 50]}', primary: '{n: 40}'},
    })
    expect(stranger.vault?.nextAttempt).toBe(2)
  })

  it('stores research bars only, and the same bytes for the same idea', async () => {
    const [vault] = await (await deskAt(root)).lake.vaults()
    const before = returnsIn(root)
    for (const name of before) {
      const stored = JSON.parse(readFileSync(join(root, 'hypotheses/returns', name), 'utf8'))
      expect(stored.data_as_of <= vault!.start).toBe(true)
      expect(Date.parse(`${stored.first_day}T00:00:00Z`) + stored.days * 86_400_000).toBeLessThanOrEqual(
        Date.parse(vault!.start),
      )
    }
    await judge(root, 'same-file-other-name')
    expect(returnsIn(root)).toEqual(before)
  })
})

describe('stored returns that are lost', () => {
  let [root, remove] = ['', () => {}]
  const other = {signal: '-ts_mean(returns(close, 1), $n)'}

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 400, assets: 5, edge: 0, seed: 'lost returns'}))
    await judge(root, 'first')
  })
  afterAll(() => remove())

  it('make their hypothesis kin of everybody, with the reason, until they are there again', async () => {
    const [name] = returnsIn(root)
    const path = join(root, 'hypotheses/returns', name!)
    const kept = readFileSync(path)
    rmSync(path)
    const blind = await judge(root, 'second', other)
    expect(kinOf(blind, 'first')).toMatchObject({because: 'unknown', note: expect.stringContaining('gone or edited')})
    expect(blind.trials.N).toBe(6)
    expect(blind.warnings.join()).toContain('first is counted: its stored returns are gone or edited')
    writeFileSync(path, kept.toString().replace(/"steps": "..../, '"steps": "0001'))
    const edited = await judge(root, 'third', {...other, params: '{n: [1, 2]}'})
    expect(kinOf(edited, 'first')?.because).toBe('unknown')
    writeFileSync(path, kept)
    const healed = await judge(root, 'fourth', {...other, params: '{n: [2, 3]}'})
    expect(kinOf(healed, 'first')).toBeUndefined()
  })

  it('come back to the byte when their verdict is asked for again', async () => {
    const [name] = returnsIn(root)
    const before = new Map(
      returnsIn(root).map((file) => [file, readFileSync(join(root, 'hypotheses/returns', file), 'utf8')]),
    )
    for (const file of before.keys()) rmSync(join(root, 'hypotheses/returns', file))
    for (const id of ['first', 'second', 'third', 'fourth'])
      await gauntlet(await deskAt(root), {files: [id], all: false})
    expect(name).toBeDefined()
    expect(
      new Map(returnsIn(root).map((file) => [file, readFileSync(join(root, 'hypotheses/returns', file), 'utf8')])),
    ).toEqual(before)
  })

  it('count as lost when the run that should have stored them died', async () => {
    writeFileSync(
      join(root, 'hypotheses/died.yaml'),
      ideaText('died', {...other, params: '{n: [7]}', primary: '{n: 7}'}),
    )
    const desk = await deskAt(root)
    const broken = {...desk, files: {...desk.files, writeText: () => Promise.reject(new Error('the disk is full'))}}
    await expect(gauntlet(broken, {files: ['died'], all: false})).rejects.toThrow('the disk is full')
    const {trials} = await judge(root, 'fifth', {params: '{n: [1, 3]}', primary: '{n: 3}'})
    expect(trials.kin.find(({hypothesis}) => hypothesis === 'died')).toMatchObject({
      because: 'unknown',
      note: expect.stringContaining('qo gauntlet died'),
    })
  })
})
