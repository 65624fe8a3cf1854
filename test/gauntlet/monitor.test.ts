import {existsSync, readFileSync, rmSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import {Hypothesis} from '../../src/contracts/hypothesis.ts'
import type {Desk} from '../../src/desk.ts'
import {DAY_MS, dayOf, isoOf} from '../../src/kernel/instant.ts'
import {gauntlet} from '../../src/operations/gauntlet.ts'
import {gauntletMonitor} from '../../src/operations/gauntlet-monitor.ts'
import {groundsOf} from '../../src/operations/grounds.ts'
import {hypothesisShow} from '../../src/operations/hypothesis-show.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {identityOf} from '../../src/operations/ledger-git.ts'
import {shadowJournal} from '../../src/operations/shadow-book.ts'
import {admit} from '../../src/operations/trade-admit.ts'
import {FIRST_DAY} from './small-market.ts'
import {AS_OF, deskAt, ideaText, ingest, workspace} from './workspace.ts'

const RESEARCH_DAYS = 500
/** the wall clock of every command here: the day research ends */
const REGISTERED = FIRST_DAY + RESEARCH_DAYS * DAY_MS
const market = {assets: 5, edge: 0.15, seed: 'forward'}

let [root, remove] = ['', () => {}]
const at = (desk: Desk): Desk => ({...desk, clock: {...desk.clock, now: () => REGISTERED + 3_600_000}})
const desk = async (): Promise<Desk> => at(await deskAt(root))
const monitor = async (id: string, over: Partial<Desk> = {}) => {
  const run = await gauntletMonitor({...(await desk()), ...over}, [id])
  return {...run, one: run.monitored[0]!}
}
const recordOf = (id: string): string => readFileSync(join(root, `reports/forward/${id}.json`), 'utf8')
const entries = async () => (await openLedger(await desk())).entries

async function confirm(id: string): Promise<void> {
  const here = await desk()
  const hypothesis = await here.files.read(Hypothesis, `hypotheses/${id}.yaml`)
  const identity = {...identityOf(hypothesis, await groundsOf(here)), code_commit: null, dirty: null}
  await (await openLedger(here)).append({
    ...{kind: 'verdict', ...identity, verdict: 'ELIGIBLE', failed_stage: null, decides_on: null, data_sha: null},
    ...{result_sha: '1'.repeat(64), detail: {capital_usd: hypothesis.capital_usd}},
  })
  await (await openLedger(here)).append({
    ...{kind: 'unseal', ...identity, vault: 'V-test', attempt: 1, earlier_passes: 0, alpha: 0.05},
    ...{verdict: 'PASS', result_sha: '1'.repeat(64)},
  })
}
async function journalOf(id: string): Promise<{name: string; path: string}> {
  const here = await desk()
  const hypothesis = await here.files.read(Hypothesis, `hypotheses/${id}.yaml`)
  const name = shadowJournal(id, identityOf(hypothesis, await groundsOf(here)).configuration)
  return {name, path: join(root, `data/journal/${name}.jsonl`)}
}

beforeAll(async () => {
  ;({root, remove} = await workspace({days: RESEARCH_DAYS, ...market}))
  writeFileSync(join(root, 'hypotheses/volume.yaml'), ideaText('volume'))
  writeFileSync(join(root, 'hypotheses/other.yaml'), ideaText('other', {signal: 'delay(returns(close, 1), $n)'}))
  writeFileSync(join(root, 'hypotheses/draft.yaml'), ideaText('draft', {signal: 'cs_rank(close) * $n'}))
  // The clock of this desk stands years before its decision time, which nobody can have typed then.
  await gauntlet({...(await desk()), asOfGiven: false}, {files: ['volume', 'other'], all: false})
  for (const id of ['volume', 'other']) await confirm(id)
})
afterAll(() => remove())

describe('a shadow book', () => {
  it('has no day before there is one after the registration', async () => {
    const {one, ok, moved} = await monitor('volume')
    expect([one.book.days, one.reading.e_forward, ok, moved]).toEqual([0, 1, true, []])
    expect(existsSync((await journalOf('volume')).path)).toBe(false)
    expect(JSON.parse(recordOf('volume'))).toMatchObject({artifact: 'forward-record@1', last_day: null, net: []})
  })

  it('gets every whole day since then, once, in order, and nothing on the second run', async () => {
    await ingest(root, {days: RESEARCH_DAYS + 60, ...market})
    const {one} = await monitor('volume')
    // Registered an hour into a day: the next one is the first whole one.
    expect([one.book.firstDay, one.book.days, one.book.appended]).toEqual([dayOf(REGISTERED + DAY_MS), 59, 59])
    const before = recordOf('volume')
    const again = await monitor('volume')
    expect([again.one.book.appended, again.one.book.revised, again.moved]).toEqual([0, 0, []])
    expect(recordOf('volume')).toBe(before)
    const {net, last_day} = JSON.parse(before)
    expect([net.length, last_day]).toEqual([59, dayOf(REGISTERED + 59 * DAY_MS)])
    expect(net.some((value: number) => value !== 0)).toBe(true)
  })

  it('leaves nothing in a dry run', async () => {
    await ingest(root, {days: RESEARCH_DAYS + 70, ...market})
    const [before, {path}] = [recordOf('volume'), await journalOf('volume')]
    const size = readFileSync(path).length
    const dry = await openDesk({root, asOf: AS_OF, dryRun: true, quiet: true, needsWorkspace: false})
    const {monitored} = await gauntletMonitor(at(dry), ['volume'])
    expect(monitored[0]).toMatchObject({path: null, book: {appended: 10, days: 69}})
    expect([recordOf('volume'), readFileSync(path).length]).toEqual([before, size])
  })

  it('goes on after the last whole day when it was killed between two, or in the middle of a line', async () => {
    const whole = (await monitor('volume')).one
    // Bars that came later change no day that was written before: the book looks at nothing it could not have known.
    expect([whole.book.appended, whole.book.revised]).toEqual([10, 0])
    const wanted = JSON.parse(recordOf('volume')).net
    const {path} = await journalOf('volume')
    rmSync(path)
    const here = await desk()
    const dying: Desk = {
      ...here,
      journal: (name) => {
        const real = here.journal(name)
        let left = 25
        const append: typeof real.append = (...row) =>
          --left < 0 ? Promise.reject(new Error('killed')) : real.append(...row)
        return {append, read: () => real.read()}
      },
    }
    await expect(gauntletMonitor(dying, ['volume'])).rejects.toThrow('killed')
    const after = await monitor('volume')
    expect([after.one.book.appended, after.one.book.days]).toEqual([69 - 24, 69])
    expect(JSON.parse(recordOf('volume')).net).toEqual(wanted)
    truncateSync(path, readFileSync(path).length - 20)
    const healed = await monitor('volume')
    expect([healed.one.book.appended, healed.one.book.days]).toEqual([1, 69])
    expect(JSON.parse(recordOf('volume')).net).toEqual(wanted)
    expect(healed.one.reading).toEqual(whole.reading)
  })

  it('that was edited is told by name, stops nobody else, and moves nothing', async () => {
    const {path} = await journalOf('volume')
    const kept = readFileSync(path, 'utf8')
    writeFileSync(path, kept.replace(/"net":[^,]*/, '"net":0.09'))
    const count = (await entries()).length
    const run = await gauntletMonitor(await desk(), [])
    expect(run.failed).toMatchObject([{id: 'volume', code: 'journal.broken_chain'}])
    expect(run.monitored.map(({id}) => id)).toEqual(['other'])
    expect(run.idle).toEqual([{id: 'draft', state: 'draft'}])
    expect([run.ok, (await entries()).length]).toEqual([false, count])
    writeFileSync(path, kept)
  })

  it('cannot be compared with research that is gone: told, not guessed', async () => {
    const [stored] = (await entries()).flatMap((entry) =>
      entry.kind === 'verdict' && entry.hypothesis === 'volume' && entry.returns_ref ? [entry.returns_ref] : [],
    )
    const path = join(root, `hypotheses/returns/${stored!.slice(0, 16)}.json`)
    const kept = readFileSync(path)
    rmSync(path)
    expect((await gauntletMonitor(await desk(), ['volume'])).failed).toMatchObject([{code: 'returns.lost'}])
    writeFileSync(path, kept)
  })
})

describe('a lifecycle that evidence moves', () => {
  it('reaches pilot after twenty clean paper days, by an entry that holds the evidence', async () => {
    const here = await desk()
    for (let day = 1; day <= 20; day++) {
      await here.journal('trade').append(REGISTERED, 'cycle_ended', {
        ...{cycle: `paper-${day}`, as_of: isoOf(REGISTERED + day * DAY_MS), mode: 'paper', state: 'done'},
        ...{traded: 1, vetoed: 0, notional_usd: 1000, cost_bps: 5 + (day % 2), model_bps: 6},
      })
    }
    const {one, moved} = await monitor('other')
    expect([one.from, one.to, one.share, moved]).toEqual(['validated', 'pilot', 0.1, ['other']])
    const last = (await entries()).at(-1)
    expect(last).toMatchObject({kind: 'move', to: 'pilot', share: 0.1, evidence: {days: 69}})
    const again = await monitor('other')
    expect([again.one.to, again.moved]).toEqual(['pilot', []])
    const {state, history} = await hypothesisShow(await desk(), 'other')
    expect([state, history.at(-1)?.to]).toEqual(['pilot', 'pilot'])
    expect(
      (await admit(await desk(), 'sim')).admitted.map(({hypothesis, state: as}) => [hypothesis.id, as]),
    ).toContainEqual(['other', 'pilot'])
  })

  it('ends in decayed at an alarm, and trade refuses it at its next cycle', async () => {
    const {name} = await journalOf('other')
    const here = await desk()
    const bad = {net: -0.03, gross: -0.03, costs: 0, funding: 0, turnover: 0, exposure: 1, bars: 1}
    for (let day = 70; day < 110; day++)
      await here.journal(name).append(REGISTERED, 'day', {
        ...{day: dayOf(REGISTERED + day * DAY_MS), ...bad, data_sha: '1'.repeat(64)},
      })
    const {one, moved, ok} = await monitor('other')
    expect([one.from, one.to, one.share, moved, ok]).toEqual(['pilot', 'decayed', 0, ['other'], false])
    expect((await entries()).at(-1)).toMatchObject({
      kind: 'move',
      to: 'decayed',
      because: expect.stringContaining('CUSUM'),
    })
    const {admitted, refused} = await admit(await desk(), 'sim')
    expect(admitted.map(({hypothesis}) => hypothesis.id)).not.toContain('other')
    expect(refused.find(({id}) => id === 'other')).toMatchObject({
      state: 'decayed',
      reason: expect.stringContaining('alarm'),
    })
    expect((await gauntletMonitor(await desk(), ['other'])).idle).toEqual([{id: 'other', state: 'decayed'}])
  })

  it('is moved by one monitor at a time', async () => {
    const here = await desk()
    const lease = await here.lease('gauntlet-monitor')
    await expect(gauntletMonitor(here, ['volume'])).rejects.toMatchObject({code: 'trade.lease_held'})
    await lease.release()
  })
})
