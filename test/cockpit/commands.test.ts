import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {runCommand} from '@oclif/test'
import {beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {openDesk} from '../../src/cli/open-desk.ts'
import type {LedgerBody} from '../../src/contracts/ledger.ts'
import {openChain} from '../../src/io/journal.ts'
import {openCommitLog, sealCommit} from '../../src/io/lake/commit-log.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'

const repository = join(import.meta.dirname, '../..')
let root = ''

/** Result object and exit status of one command in the test's workspace. */
async function qo(...args: string[]) {
  process.exitCode = 0
  const {result, stdout} = await runCommand([...args, '--root', root, '--json'], {root: repository})
  const status = process.exitCode
  process.exitCode = 0
  // biome-ignore lint/suspicious/noExplicitAny: the JSON object of whatever command was typed
  return {result: (result ?? JSON.parse(stdout)) as any, status}
}

const REGISTER: LedgerBody = {
  kind: 'register',
  hypothesis: 'trend',
  family: 'trend',
  lineage: null,
  configuration: 'a'.repeat(64),
  fingerprint: 'b'.repeat(64),
  n_points: 4,
  code_commit: null,
  dirty: null,
  yaml_sha: 'c'.repeat(64),
  data_sha: null,
  lake_commit: 0,
  window: null,
  vault: null,
  sr_target: 1.5,
}

/** One entry in every kind of chain, by the writers that the product uses. */
async function fillChains(): Promise<void> {
  const desk = await openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: true})
  const book = await openLedger(desk)
  await book.append(REGISTER)
  await book.append({...REGISTER, hypothesis: 'carry'})
  for (const kind of ['cycle_started', 'intent']) await desk.journal('trade').append(1000, kind, {cycle: 'c1'})
  const events = openChain(join(root, 'data/state/guard/events.jsonl'))
  for (const kind of ['boot', 'boot']) await events.append(1000, kind, {pid: 7})
  const log = openCommitLog(root)
  let prev = ''
  for (const n of [1, 2]) {
    const entry = sealCommit({
      artifact: 'lake-commit@1',
      n,
      prev,
      table: 'candles',
      schema: 'candles@1',
      venue: 'sim',
      interval: '1h',
      source: 'test',
      files: [],
      added: 0,
      revised: 0,
      quarantined: 0,
      gaps: [],
      notes: {survivor: false, completeFrom: null},
      received_at: 1,
      writer: {qo_version: '0', host: 'h', boot_id: 'b'},
      created_at: '2026-11-22T00:00:00.000Z',
    })
    await log.append(entry)
    prev = entry.hash
  }
  useItems('clock', 'disk', 'guard', 'reconcile')
  await qo('ritual', 'start')
}

/** A ritual of exactly these items. */
function useItems(...items: string[]): void {
  const path = join(root, 'configs/rituals.yaml')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/ {4}items:[\s\S]*?(?=thresholds)/, `    items: [${items.join(', ')}]\n`))
}

/** Change the byte at `at` from the end of a file. */
function flip(path: string, fromEnd: number): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - fromEnd]! ^= 1
  writeFileSync(path, bytes)
}

/** Made once; every test works in a copy. */
let template = ''

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'qo-cockpit-'))
  root = template
  await qo('init', '--exchange', 'sim')
})

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qo-cockpit-'))
  cpSync(template, root, {recursive: true})
})

describe('qo audit verify', () => {
  it('finds every chain of a workspace whole, and leaves their heads', async () => {
    await fillChains()
    const {result, status} = await qo('audit', 'verify')
    expect(result).toMatchObject({artifact: 'audit@1', ok: true, damage: [], path: 'reports/audit/heads.json'})
    const counts = Object.fromEntries(
      result.chains.map((chain: {chain: string; entries: number}) => [chain.chain, chain.entries]),
    )
    expect(counts).toEqual({ledger: 2, lake: 2, journal: 2, guard: 2, rituals: 1})
    expect(status).toBe(0)
    const before = readFileSync(join(root, 'reports/audit/heads.json'), 'utf8')
    expect((await qo('audit', 'verify')).result.anchors).toBe(1)
    expect(readFileSync(join(root, 'reports/audit/heads.json'), 'utf8')).toBe(before)
  })

  it('exits 4 and names file and line for one flipped byte in any of them', async () => {
    await fillChains()
    const first = (folder: string, ending: string): string =>
      `${folder}/${readdirSync(join(root, folder))
        .sort()
        .find((name) => name.endsWith(ending))}`
    const places: [string, string, number | null][] = [
      [first('hypotheses/ledger', '.json'), first('hypotheses/ledger', '.json'), null],
      ['data/lake/commits/000000000002.json', 'data/lake/commits/000000000002.json', null],
      ['data/journal/trade.jsonl', 'data/journal/trade.jsonl', 2],
      ['data/state/guard/events.jsonl', 'state/guard/events.jsonl', 2],
      [first('reports/rituals', '.md'), first('reports/rituals', '.md'), null],
    ]
    for (const [file, named, line] of places) {
      const path = join(root, file)
      const whole = readFileSync(path)
      flip(path, 60)
      const {result, status} = await qo('audit', 'verify')
      expect(status, file).toBe(4)
      expect(result.ok).toBe(false)
      expect(result.damage[0].path).toBe(named)
      expect(result.damage[0].line).toBeGreaterThan(0)
      if (line !== null) expect(result.damage[0].line).toBe(line)
      writeFileSync(path, whole)
    }
    expect((await qo('audit', 'verify')).status).toBe(0)
  })

  it('shows a torn tail, and an end that was cut off cleanly since the last audit', async () => {
    await fillChains()
    await qo('audit', 'verify')
    const journal = join(root, 'data/journal/trade.jsonl')
    const whole = readFileSync(journal, 'utf8')
    truncateSync(journal, whole.length - 5)
    expect((await qo('audit', 'verify')).result.damage).toMatchObject([{path: 'data/journal/trade.jsonl', line: 2}])
    writeFileSync(journal, `${whole.split('\n')[0]}\n`)
    const cut = await qo('audit', 'verify')
    expect([cut.status, cut.result.damage[0].path, cut.result.damage[0].line]).toEqual([
      4,
      'data/journal/trade.jsonl',
      2,
    ])
    rmSync(join(root, 'data/lake/commits/000000000002.json'))
    expect((await qo('audit', 'verify')).result.damage.map((item: {path: string}) => item.path)).toContain(
      'data/lake/commits',
    )
  })

  it('still meets the heads in git when the workspace was rewound with its own heads file', async () => {
    await fillChains()
    await qo('audit', 'verify', '--commit')
    const journal = join(root, 'data/journal/trade.jsonl')
    writeFileSync(journal, `${readFileSync(journal, 'utf8').split('\n')[0]}\n`)
    rmSync(join(root, 'reports/audit/heads.json'))
    expect((await qo('audit', 'verify')).status).toBe(4)
  })

  it('leaves nothing in a dry run', async () => {
    expect((await qo('audit', 'verify', '--dry-run')).result).toMatchObject({ok: true, path: null})
    expect(readdirSync(root)).not.toContain('reports/audit')
  })
})

describe('qo ritual', () => {
  it('verifies five items, and leaves a refusal with exit 5 when one fails', async () => {
    const {result, status} = await qo('ritual', 'start')
    expect(result.items).toHaveLength(5)
    expect(result.items.filter(({pass}: {pass: boolean}) => !pass)).toMatchObject([{id: 'lake'}])
    expect([status, result.verdict, result.expiresAt]).toEqual([5, 'refused', null])
    expect(readFileSync(join(root, result.path), 'utf8')).toContain('**FAIL** | lake')
    expect((await qo('ritual', 'list')).result.due).toEqual(['shift-start'])
  })

  it('signs for twelve hours when all pass, chained to the one before', async () => {
    await qo('ritual', 'start')
    useItems('clock', 'disk', 'guard', 'reconcile')
    const {result, status} = await qo('ritual', 'start', 'shift-start')
    expect([status, result.ok, Date.parse(result.expiresAt) - Date.parse(result.at)]).toEqual([0, true, 12 * 3_600_000])
    expect(result.path).toMatch(/^reports\/rituals\/\d{4}-\d\d-\d\d-shift-start-2\.md$/)
    expect((await qo('ritual', 'list')).result).toMatchObject({due: [], rituals: [{state: 'valid'}]})
  })

  it('is void once the limits file changes', async () => {
    useItems('disk')
    await qo('ritual', 'start')
    appendFileSync(join(root, 'configs/risk_limits.yaml'), '# touched\n')
    expect((await qo('ritual', 'list')).result.rituals).toMatchObject([{state: 'void'}])
  })

  it('fails on a latch, on broken limits, and on a reconcile that found a difference', async () => {
    useItems('guard', 'reconcile')
    mkdirSync(join(root, 'data/state/guard'), {recursive: true})
    writeFileSync(join(root, 'data/state/guard/HALT'), '')
    const desk = await openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: true})
    const differences = [{kind: 'position', asset: 'sim:BTC', expected: '1', venue: '2'}]
    await desk
      .journal('trade')
      .append(1000, 'reconcile', {cycle: 'c', venue_time: 1, equity: '1', positions: {}, open_orders: 0, differences})
    const latched = await qo('ritual', 'start')
    expect(latched.result.items.map(({pass}: {pass: boolean}) => pass)).toEqual([false, false])
    rmSync(join(root, 'data/state/guard/HALT'))
    writeFileSync(join(root, 'configs/risk_limits.yaml'), 'artifact: risk-limits@1\nnonsense: 1\n')
    const broken = await qo('ritual', 'start')
    expect([broken.status, broken.result.items[0].pass]).toEqual([5, false])
  })

  it('is refused under another name, as of another time, and behind a broken record', async () => {
    const refusal = async (...args: string[]): Promise<unknown> => {
      const {result, status} = await qo('ritual', ...args)
      return [status, result.error.code]
    }
    expect(await refusal('start', 'nap')).toEqual([2, 'ritual.unknown'])
    expect(await refusal('start', '--as-of', '2026-01-01')).toEqual([2, 'ritual.not_now'])
    const {result} = await qo('ritual', 'start')
    flip(join(root, result.path), 20)
    expect(await refusal('start')).toEqual([4, 'ritual.broken_chain'])
    expect(await refusal('list')).toEqual([4, 'ritual.broken_chain'])
  })
})

describe('qo cockpit --once', () => {
  it('prints one frame in an empty workspace, and the same facts as JSON', async () => {
    const {result, status} = await qo('cockpit', '--once')
    expect([status, result.artifact, result.ok, result.halted, result.unreadable]).toEqual([
      0,
      'cockpit@1',
      true,
      false,
      [],
    ])
    expect(result.frame.split('\n').every((line: string) => Array.from(line).length <= 80)).toBe(true)
    expect(result.frame).not.toContain('\u001b')
  })

  it('shows HALTED for a latch made by hand, and for a state folder that cannot be read', async () => {
    mkdirSync(join(root, 'data/state/guard'), {recursive: true})
    writeFileSync(join(root, 'data/state/guard/HALT'), '')
    expect((await qo('cockpit', '--once')).result).toMatchObject({
      halted: true,
      frame: expect.stringContaining(' HALTED '),
    })
    rmSync(join(root, 'data/state'), {recursive: true})
    writeFileSync(join(root, 'data/state'), 'not a folder')
    expect((await qo('cockpit', '--once')).result).toMatchObject({
      halted: true,
      frame: expect.stringContaining(' HALTED '),
    })
  })

  it('goes on with every config broken and every chain damaged, each said in its place', async () => {
    await fillChains()
    for (const name of readdirSync(join(root, 'configs'))) {
      if (name.endsWith('.yaml')) writeFileSync(join(root, 'configs', name), 'artifact: [\n')
    }
    for (const file of [
      'data/journal/trade.jsonl',
      'data/state/guard/events.jsonl',
      'data/lake/commits/000000000001.json',
    ])
      flip(join(root, file), 60)
    const {result, status} = await qo('cockpit', '--once')
    expect(status).toBe(0)
    expect(result.ok).toBe(false)
    expect(result.halted).toBe(true)
    expect(result.unreadable).toEqual(expect.arrayContaining(['lake', 'cycle', 'rituals', 'events']))
    expect(result.frame).toContain('UNREADABLE')
  })

  it('lists hypotheses by their state in the ledger', async () => {
    await fillChains()
    const {result} = await qo('cockpit', '--once')
    expect(result.view.hypotheses.value.filter(({state}: {state: string}) => state === 'registered')).toHaveLength(2)
  })
})

describe('qo metrics', () => {
  it('writes the state folder by default, and any file with --out', async () => {
    const {result} = await qo('metrics')
    expect(result).toMatchObject({artifact: 'metrics@1', ok: true})
    expect(readFileSync(join(root, 'data/state/qo.prom'), 'utf8')).toContain('qo_latch_engaged 0')
    const elsewhere = join(mkdtempSync(join(tmpdir(), 'qo-textfile-')), 'qo.prom')
    await qo('metrics', '--out', elsewhere)
    expect(readFileSync(elsewhere, 'utf8')).toContain('qo_job_last_success_timestamp_seconds{job="metrics"}')
  })

  it('reports a latch as 1', async () => {
    mkdirSync(join(root, 'data/state/guard/HALT'), {recursive: true})
    await qo('metrics')
    expect(readFileSync(join(root, 'data/state/qo.prom'), 'utf8')).toContain('qo_latch_engaged 1')
  })
})
