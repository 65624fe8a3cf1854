import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import {Candles} from '../../src/contracts/market.ts'
import type {Desk, LakeQuery} from '../../src/desk.ts'
import {openJournal} from '../../src/io/journal.ts'
import {Fault} from '../../src/kernel/fault.ts'
import {backtest} from '../../src/operations/backtest.ts'
import {features} from '../../src/operations/features.ts'
import {featuresAudit} from '../../src/operations/features-audit.ts'
import {featuresReport} from '../../src/operations/features-report.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletCheck} from '../../src/operations/gauntlet-check.ts'
import {gauntletPower} from '../../src/operations/gauntlet-power.ts'
import {lakeSql} from '../../src/operations/lake-sql.ts'
import {select} from '../../src/operations/select.ts'
import {selectHistory} from '../../src/operations/select-history.ts'
import {selectOffsetTest, selectSurvivorship} from '../../src/operations/select-studies.ts'
import {commitAll} from '../ci/repository.ts'
import {deskAt, ideaText, ingest, workspace} from './workspace.ts'

const VAULTS = 'configs/vaults.yaml'
const NONE = 'artifact: vaults@1\nvaults: []\n'
const later = (text: string): string => text.replace(/start: (\S+)/, 'start: 2018-01-01T00:00:00.000Z')

describe('a vault that was sealed once', () => {
  let [root, remove, sealed] = ['', () => {}, '']
  const file = (): string => join(root, VAULTS)
  const trace = () => openJournal(root, 'vault-access', {dryRun: true}).read()

  beforeAll(async () => {
    ;({root, remove} = await workspace({days: 900, assets: 5, edge: 0, seed: 'seal'}))
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    await backtest(await deskAt(root), 'volume', {costs: 'file'})
    sealed = readFileSync(file(), 'utf8')
  })
  afterEach(() => writeFileSync(file(), sealed))
  afterAll(() => remove())

  const moves: [string, () => void][] = [
    ['emptied', () => writeFileSync(file(), NONE)],
    ['deleted', () => rmSync(file(), {force: true})],
    ['made to begin later', () => writeFileSync(file(), later(sealed))],
    ['made to end earlier', () => writeFileSync(file(), sealed.replace(/end: \S+/, 'end: 2018-05-01T00:00:00.000Z'))],
    ['moved to another venue', () => writeFileSync(file(), sealed.replace('venue: sim', 'venue: binance'))],
  ]
  const reads: [string, () => Promise<unknown>][] = [
    [
      'lake sql',
      async () => lakeSql(await deskAt(root), {query: 'SELECT max(ts) FROM candles', commit: undefined, out: null}),
    ],
    ['select --survivorship', async () => selectSurvivorship(await deskAt(root))],
    ['select --offset-test', async () => selectOffsetTest(await deskAt(root), null)],
    ['select --history', async () => selectHistory(await deskAt(root), Date.UTC(2017, 0, 1))],
    ['features', async () => features(await deskAt(root), ['volume'])],
    [
      'features report',
      async () =>
        featuresReport(await deskAt(root), ['volume'], {horizons: null, buckets: 3, returns: 'price', only: []}),
    ],
    ['backtest', async () => backtest(await deskAt(root), 'volume', {costs: 'file'})],
    ['gauntlet', async () => gauntlet(await deskAt(root), {files: ['volume'], all: false})],
    ['gauntlet power', async () => gauntletPower(await deskAt(root), 'volume')],
    [
      'a read of the lake itself',
      async () => {
        const desk = await deskAt(root)
        return desk.lake.read({
          table: Candles,
          venue: 'sim',
          interval: '1d',
          asOf: desk.asOf,
          purpose: {kind: 'research'},
        })
      },
    ],
  ]

  it.each(moves)('and is %s: no research reads a row, and each attempt is written down', async (_, move) => {
    for (const [name, read] of reads) {
      const before = (await trace()).length
      move()
      await expect(read(), name).rejects.toMatchObject({code: 'vault.moved', exitCode: 3})
      const after = await trace()
      expect(after.length, name).toBeGreaterThan(before)
      expect(after.at(-1), name).toMatchObject({kind: 'sealed-read', body: {refused: 'vault.moved'}})
    }
  })

  it('names the window with its edges, so that it can be put back by hand', async () => {
    rmSync(file())
    const [, id, start] = /id: (\S+)\n.*\n\s+start: "?(\S+Z)/.exec(sealed)!
    await expect(reads[0]![1]()).rejects.toMatchObject({
      what: expect.stringContaining(id!),
      suggestions: expect.arrayContaining([expect.stringContaining(`id: ${id}, venue: sim, start: ${start}`)]),
    })
  })

  it('does not stop whoever trades today', async () => {
    rmSync(file())
    const desk = await deskAt(root)
    const rows = await desk.lake.read({
      ...{table: Candles, venue: 'sim', interval: '1d', asOf: desk.asOf, purpose: {kind: 'live'}},
    })
    expect(rows.count).toBe(900 * 5)
  })

  it('is known from git and from the ledger where the machine has forgotten it', async () => {
    const memory = join(root, 'data/state/vault-windows.json')
    const remembered = readFileSync(memory, 'utf8')
    rmSync(memory)
    rmSync(file())
    expect((await (await deskAt(root)).lake.vaults()).length).toBe(0)
    writeFileSync(file(), sealed)
    await gauntlet(await deskAt(root), {files: ['volume'], all: false})
    rmSync(memory)
    rmSync(file())
    await expect(reads[0]![1]()).rejects.toMatchObject({
      code: 'vault.moved',
      why: expect.stringContaining('The ledger'),
    })
    writeFileSync(file(), sealed)
    rmSync(join(root, 'hypotheses/ledger'), {recursive: true})
    commitAll(root, 'with a vault')
    writeFileSync(file(), NONE)
    commitAll(root, 'and without')
    await expect(reads[0]![1]()).rejects.toMatchObject({code: 'vault.moved', why: expect.stringContaining('Git')})
    writeFileSync(memory, remembered)
  })

  it('may be joined by another, and may grow', async () => {
    const more = `  - {id: V-more, venue: sim, start: ${'2018-07-01'}T00:00:00.000Z, end: 2018-09-01T00:00:00.000Z, tier: V0}\n`
    writeFileSync(file(), `${sealed}${more}`)
    expect(await (await deskAt(root)).lake.vaults()).toHaveLength(2)
    writeFileSync(file(), sealed.replace(/start: \S+/, 'start: 2017-02-01T00:00:00.000Z'))
    expect(await (await deskAt(root)).lake.vaults()).toHaveLength(1)
  })

  it('is shown to nobody by a ranking of a day inside it, and the attempt is written down', async () => {
    const inside = await openDesk({
      root,
      asOf: '2018-05-01T00:00:00Z',
      dryRun: false,
      quiet: true,
      needsWorkspace: true,
    })
    await expect(select(inside)).rejects.toMatchObject({code: 'selection.sealed'})
    expect((await trace()).at(-1)).toMatchObject({
      ...{kind: 'sealed-read', body: {refused: 'selection.sealed', asked_to: '2018-05-01T00:00:00.000Z'}},
    })
  })
})

describe('a verdict on a window that is sealed otherwise now', () => {
  it('is a breach to the check, and is judged anew instead of being served', async () => {
    const {root, remove} = await workspace({days: 900, assets: 5, edge: 0, seed: 'seal'})
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    const run = async () => (await gauntlet(await deskAt(root), {files: ['volume'], all: false})).verdicts[0]!
    // The window of this verdict reaches into rows that an earlier, larger vault hides since.
    const {window, trials} = await run()
    const file = join(root, VAULTS)
    const sealed = readFileSync(file, 'utf8')
    writeFileSync(file, NONE)
    const check = await gauntletCheck(await deskAt(root), {files: [], since: null, gate: 'integrity'})
    expect(check.integrity.breaches.map(({code}) => code).sort()).toEqual(['integrity.window_moved', 'vault.moved'])
    writeFileSync(file, sealed.replace(/start: \S+/, 'start: 2017-02-01T00:00:00.000Z'))
    const again = await run()
    expect(again.window!.to < window!.to).toBe(true)
    expect(again.window!.to <= '2017-02-01').toBe(true)
    expect(again.trials.N).toBe(trials.N)
    remove()
  })
})

describe('the first look at a fresh workspace', () => {
  const looks: [string, (desk: Desk) => Promise<unknown>][] = [
    [
      'lake sql',
      (desk) => lakeSql(desk, {query: 'SELECT max(ts) AS newest FROM candles', commit: undefined, out: null}),
    ],
    ['select --survivorship', (desk) => selectSurvivorship(desk)],
    ['select --offset-test', (desk) => selectOffsetTest(desk, null)],
    ['select --history', (desk) => selectHistory(desk, Date.UTC(2016, 0, 1))],
    ['features', (desk) => features(desk, ['volume'])],
    ['features audit', (desk) => featuresAudit(desk, ['volume'])],
    ['backtest', (desk) => backtest(desk, 'volume', {costs: 'file'})],
  ]
  const fresh: (() => void)[] = []
  afterAll(() => {
    for (const remove of fresh) remove()
  })
  const made = async (days: number) => {
    const {root, remove} = await workspace({days, assets: 5, edge: 0, seed: 'seal'})
    fresh.push(remove)
    writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
    return root
  }

  it.each(looks)('by %s seals the vault that a backtest would seal, and says so in one line', async (_, look) => {
    const root = await made(900)
    const asked: number[] = []
    const desk = await deskAt(root)
    const lake = Object.create(desk.lake, {
      read: {
        value: async (query: LakeQuery) => {
          const rows = await desk.lake.read(query)
          if (query.table.id === Candles.id) asked.push(...(rows.columns['ts'] as Float64Array))
          return rows
        },
      },
    }) as Desk['lake']
    const result = JSON.stringify(await look({...desk, lake}))
    const [vault] = await desk.lake.vaults()
    expect(vault).toMatchObject({
      id: 'V-sim-201806',
      start: '2017-03-26T00:00:00.000Z',
      end: '2018-06-19T00:00:00.000Z',
    })
    expect(result.match(/sealed V-sim-201806 on sim before a row was read/g)).toHaveLength(1)
    expect(Math.max(0, ...asked)).toBeLessThan(Date.parse(vault!.start))
    expect(JSON.stringify(await look(await deskAt(root)))).not.toContain('sealed V-sim')
  })

  it('shows a query no row behind the seal', async () => {
    const desk = await deskAt(await made(900))
    const {rows} = await lakeSql(desk, {query: 'SELECT max(ts) FROM candles', commit: undefined, out: null})
    const [vault] = await desk.lake.vaults()
    expect(Number(rows[0]![0]) + 86_400_000).toBe(Date.parse(vault!.start))
  })

  it('leaves the choice of today with the newest bars, and makes no vault for it', async () => {
    const root = await made(900)
    const desk = await openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: true})
    await select(desk)
    expect(await desk.lake.vaults()).toEqual([])
  })

  it('of a history that is too short for a vault is told by stage 0 of every verdict on it', async () => {
    const root = await made(1)
    const query = {query: 'SELECT max(ts) FROM candles', commit: undefined, out: null}
    expect(await lakeSql(await deskAt(root), query)).toMatchObject({count: 1, sealed: []})
    await ingest(root, {days: 3, assets: 5, edge: 0, seed: 'seal'})
    await expect(backtest(await deskAt(root), 'volume', {costs: 'file'})).rejects.toBeInstanceOf(Fault)
    const memory = JSON.parse(readFileSync(join(root, 'data/state/vault-windows.json'), 'utf8'))
    expect(memory).toMatchObject({reads: [{venue: 'sim', until: '2016-01-02T00:00:00.000Z'}], vaults: [{venue: 'sim'}]})
  })
})
