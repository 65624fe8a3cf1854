import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {parseReturns} from '../../src/cognition/imports/parse-returns.ts'
import {parseInstantOr} from '../../src/cognition/imports/parse-time.ts'
import {periodOf} from '../../src/cognition/imports/period.ts'
import {moments} from '../../src/cognition/statistics/moments.ts'
import {hacT} from '../../src/cognition/statistics/newey-west.ts'
import {DAY_MS, HOUR_MS, isoOf} from '../../src/kernel/instant.ts'
import {Random} from '../../src/kernel/random.ts'
import {hypothesisImport, type ImportRequest} from '../../src/operations/hypothesis-import.ts'
import {init} from '../../src/operations/init.ts'
import {openLedger} from '../../src/operations/ledger-book.ts'
import {deskAt} from '../gauntlet/workspace.ts'

const PLAIN = {percent: false}
const START = Date.parse('2016-01-01T00:00:00Z')
const days = (n: number, step = DAY_MS): number[] => Array.from({length: n}, (_, k) => START + k * step)
const csvOf = (ts: readonly number[], values: readonly number[], name = 'return'): string =>
  `date,${name}\n${ts.map((t, k) => `${isoOf(t)},${values[k]}`).join('\n')}\n`
/** Daily returns with an annual Sharpe, sd 1 %. */
const returnsWith = (sharpe: number, n: number, seed: string): number[] => {
  const random = new Random(seed)
  return Array.from({length: n}, () => 0.01 * (sharpe / Math.sqrt(365) + random.normal()))
}

describe('a file of returns', () => {
  const bad: [string, string, string, string][] = [
    ['nothing', '', 'import.empty', 'Line 1'],
    ['a header alone', 'date,return\n', 'import.empty', 'Line 1'],
    ['no time column', 'a,b\n1,2\n', 'import.no_time_column', 'Line 1'],
    ['two candidates', 'date,a,b\n2024-01-01,1,2\n', 'import.which_column', 'a, b'],
    ['a name that says nothing', 'date,x\n2024-01-01,1\n', 'import.which_column', '--kind'],
    ['a short row', 'date,return\n2024-01-01\n', 'import.ragged_row', 'Line 2'],
    ['a date that could be two', 'date,return\n01/02/2024,0.1\n', 'import.bad_time', 'Line 2'],
    ['a day of no calendar', 'date,return\n2024-02-30,0.1\n', 'import.bad_time', 'Line 2'],
    ['an empty cell', 'date,return\n2024-01-01,0.1\n2024-01-02,\n', 'import.bad_number', 'Line 3'],
    ['NaN', 'date,return\n2024-01-01,NaN\n', 'import.bad_number', 'Line 2'],
    ['infinity', 'date,return\n2024-01-01,inf\n', 'import.bad_number', 'Line 2'],
    ['a decimal comma', 'date;return\n2024-01-01;0,01\n', 'import.bad_number', 'decimal point'],
    ['a day twice', 'date,return\n2024-01-01,0\n2024-01-01,1e-3\n', 'import.duplicate_time', 'Line 3'],
    ['time that goes back', 'date,return\n2024-01-02,0\n2024-01-01,0\n', 'import.not_ascending', 'Line 3'],
    ['a loss of everything', 'date,return\n2024-01-01,-1\n', 'import.impossible_value', 'Line 2'],
    ['an equity of nothing', 'date,nav\n2024-01-01,0\n', 'import.impossible_value', 'Line 2'],
  ]
  it.each(bad)('with %s is refused', (_, text, code, says) => {
    let fault: unknown
    try {
      parseReturns(text.split('\n'), PLAIN)
    } catch (cause) {
      fault = cause
    }
    expect(fault).toMatchObject({code, exitCode: 4})
    expect((fault as Error).message).toContain(says)
  })

  it('is read whatever its delimiter, quotes, line ends and zone', () => {
    const plain = parseReturns('date,net_return\n2024-01-01,0.01\n2024-01-02,-0.005\n'.split('\n'), PLAIN)
    for (const text of [
      '\uFEFF"date";"net_return"\r\n"2024-01-01";"1%"\r\n"2024-01-02";"-0.5%"\r\n',
      'timestamp\tnet_return\n1704067200000\t.01\n1704153600\t-5e-3\n',
      'date,net_return\n2024-01-01T02:00:00+02:00,0.01\n\n2024-01-02T00:00Z,-0.005',
    ]) {
      const read = parseReturns(text.split('\n'), PLAIN)
      expect([...read.ts]).toEqual([...plain.ts])
      expect([...read.values]).toEqual([...plain.values])
    }
    expect(plain).toMatchObject({kind: 'returns', assumedUtc: true})
  })

  it('gives back every time that ISO can write', () => {
    fc.assert(
      fc.property(fc.integer({min: 0, max: 4e12}), (ms) => {
        expect(parseInstantOr(isoOf(ms))).toEqual({ms, zoned: true})
      }),
    )
  })
})

describe('the period of a record', () => {
  const line = (row: number): number => row + 2
  const found = (ts: readonly number[]) => periodOf(Float64Array.from(ts), line)

  it('is found for hours, days, weeks, months and business days', () => {
    const months = Array.from({length: 60}, (_, k) => Date.UTC(2016, k + 1, 0))
    const business = days(400).filter((t) => ![0, 6].includes(new Date(t).getUTCDay()))
    expect(found(days(100, HOUR_MS))).toMatchObject({name: 'hour', perYear: 8760, missing: 0})
    expect(found(days(100, 8 * HOUR_MS))).toMatchObject({name: '8 hours', perYear: 1095})
    expect(found(days(100))).toMatchObject({name: 'day', perYear: 365})
    expect(found(days(100, 7 * DAY_MS)).perYear).toBeCloseTo(365 / 7, 10)
    expect(found(months)).toMatchObject({name: 'month', perYear: 12, missing: 0})
    expect(found(business)).toMatchObject({name: 'business day', perYear: 252})
  })

  it('is refused when rows are off the grid or too many are missing, and few missing ones are counted', () => {
    const shifted = days(100)
    shifted[40]! += HOUR_MS
    expect(() => found(shifted)).toThrow(/line 42/)
    expect(() => found(days(100).filter((_, k) => k % 10 !== 3))).toThrow(/10 of 100 are missing/)
    expect(found(days(100).filter((_, k) => k !== 50 && k !== 51)).missing).toBe(2)
  })
})

describe('qo hypothesis import', () => {
  let [root, folder] = ['', '']
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'qo-import-'))
    folder = mkdtempSync(join(tmpdir(), 'qo-elsewhere-'))
    await init(await deskAt(root), {exchange: 'sim'})
  })
  afterAll(() => {
    for (const path of [root, folder]) rmSync(path, {recursive: true, force: true})
  })
  const bring = async (text: string, over: Partial<ImportRequest> = {}) => {
    const csv = join(folder, 'record.csv')
    writeFileSync(csv, text)
    return hypothesisImport(await deskAt(root), {csv, trials: 1, percent: false, hold: 1, all: false, ...over})
  }

  it('says UNAUDITED at best, with the audits NOT_RUN, and touches neither ledger nor vault', async () => {
    const {record, ok, paths} = await bring(csvOf(days(1825), returnsWith(2.8, 1825, 'true edge')))
    expect([record.verdict, ok, record.failedStage]).toEqual(['UNAUDITED', false, null])
    expect(record.stages.map(({id, verdict}) => [id, verdict])).toEqual([4, 5, 6, 7].map((id) => [id, 'PASS']))
    expect(record.notRun.map(({stage, verdict}) => `${stage} ${verdict}`)).toEqual(
      [0, 1, 2, 3, 8, 9, 10].map((stage) => `${stage} NOT_RUN`),
    )
    expect(JSON.stringify(record)).not.toMatch(/"verdict":"(ELIGIBLE)"/)
    expect((await openLedger(await deskAt(root))).entries).toEqual([])
    expect(existsSync(join(root, 'data/journal'))).toBe(false)
    const report = readFileSync(join(root, paths[1]!), 'utf8')
    expect(report).toContain('UNAUDITED. The statistics hold for 1 trial;')
    expect(report).toContain('how many trials there really were')
    const text = readFileSync(join(root, paths[0]!), 'utf8')
    await bring(csvOf(days(1825), returnsWith(2.8, 1825, 'true edge')))
    expect(readFileSync(join(root, paths[0]!), 'utf8')).toBe(text)
  })

  it('dies of the trials that are admitted, at the number it says it can bear', async () => {
    const text = csvOf(days(1200), returnsWith(1.8, 1200, 'weak edge 3'))
    const {record} = await bring(text, {all: true})
    const most = record.trials.survivesUpTo
    expect(most).toBeGreaterThan(0)
    const stage6 = async (trials: number) =>
      (await bring(text, {all: true, trials})).record.stages.find(({id}) => id === 6)!.verdict
    expect([await stage6(most), await stage6(2 * most + 2)]).toEqual(['PASS', 'FAIL'])
  })

  it('rejects noise, the best of many, and says which record is too short to tell', async () => {
    expect((await bring(csvOf(days(2920), returnsWith(0, 2920, 'noise')))).record).toMatchObject({
      ...{verdict: 'FAIL', failedStage: 5},
    })
    const best = Array.from({length: 100}, (_, k) => returnsWith(0, 2920, `try ${k}`))
      .map((r) => ({r, sharpe: moments(r).sr}))
      .sort((a, b) => b.sharpe - a.sharpe)[0]!.r
    expect((await bring(csvOf(days(2920), best), {trials: 100})).record.verdict).not.toBe('UNAUDITED')
    const short = await bring(csvOf(days(700), returnsWith(4, 700, 'short')), {trials: 100})
    expect(short.record).toMatchObject({verdict: 'INSUFFICIENT', failedStage: 4})
  })

  it('computes on an equity curve what it computes on its returns', async () => {
    const r = returnsWith(2, 1500, 'curve')
    let level = 100
    const equity = [100, ...r.map((x) => (level *= 1 + x))]
    const a = (
      await bring(
        csvOf(
          days(1500, DAY_MS).map((t) => t + DAY_MS),
          r,
        ),
        {all: true},
      )
    ).record
    const b = (await bring(csvOf(days(1501), equity, 'nav'), {all: true})).record
    expect(b.record).toMatchObject({kind: 'equity', observations: 1500})
    expect(b.figures.sharpeAnnual).toBeCloseTo(a.figures.sharpeAnnual!, 9)
    const t = (record: typeof a) => record.stages.find(({id}) => id === 5)!.checks[0]!.value as number
    expect(t(b)).toBeCloseTo(t(a), 9)
    expect(t(a)).toBeCloseTo(hacT(r, 1).t, 12)
  })

  it('refuses what is no record', async () => {
    const r = returnsWith(1, 60, 'x')
    await expect(bring(csvOf(days(49), r.slice(0, 49)))).rejects.toMatchObject({code: 'import.too_short'})
    await expect(
      bring(
        csvOf(
          days(60),
          r.map(() => 0.001),
        ),
      ),
    ).rejects.toMatchObject({code: 'import.constant'})
    await expect(
      bring(
        csvOf(
          days(60),
          r.map((x) => Math.max(-0.9, 100 * x)),
        ),
      ),
    ).rejects.toMatchObject({
      code: 'import.looks_like_percent',
    })
    await expect(
      bring(
        csvOf(
          days(60).map((t, k) => t + (k === 7 ? 1 : 0)),
          r,
        ),
      ),
    ).rejects.toMatchObject({
      ...{code: 'import.irregular', exitCode: 4},
    })
    await expect(bring(csvOf(days(60), r), {csv: join(folder, 'none.csv')})).rejects.toMatchObject({
      ...{code: 'ingest.no_file', exitCode: 4},
    })
    await expect(bring(csvOf(days(60), r), {id: '../..'})).rejects.toMatchObject({code: 'import.bad_id', exitCode: 2})
  })
})
