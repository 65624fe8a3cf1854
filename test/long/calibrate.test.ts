import {spawn} from 'node:child_process'
import {appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'

const home = fileURLToPath(new URL('../..', import.meta.url))
/** All rows with a correlation of .8, two repetitions of each. */
const SMALL = ['--cells', '0.8', '--reps', '2', '--set', 'confirmation']

function calibrate(out: string, ...more: string[]) {
  const args = ['--import', 'tsx', 'bench/calibrate/run.ts', '--out', out, ...more]
  const child = spawn(process.execPath, args, {cwd: home, stdio: ['ignore', 'pipe', 'pipe']})
  let [said, errors] = ['', '']
  child.stdout.on('data', (chunk) => (said += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const ended = new Promise<{code: number | null; last: string; errors: string}>((resolve) => {
    child.on('close', (code) => resolve({code, last: said.trim().split('\n').at(-1) ?? '', errors}))
  })
  return {child, ended}
}

const recordIn = (out: string): string | null => {
  const name = existsSync(out) ? readdirSync(out).find((file) => file.endsWith('.jsonl')) : undefined
  return name === undefined ? null : join(out, name)
}
const linesIn = (out: string): number => {
  const path = recordIn(out)
  return path === null ? 0 : readFileSync(path, 'utf8').split('\n').length - 1
}
const resultIn = (out: string): string[] =>
  ['calibration.json', 'CALIBRATION.md'].map((name) => readFileSync(join(out, name), 'utf8'))

describe('npm run calibrate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'qo-calibrate-'))
  const whole = join(folder, 'whole')
  beforeAll(async () => {
    const {code, last} = await calibrate(whole, ...SMALL).ended
    expect([code, JSON.parse(last)]).toEqual([0, expect.objectContaining({calibrate: 'complete'})])
  })
  afterAll(() => rmSync(folder, {recursive: true, force: true}))

  it('measures what it was asked for and says how far that is from what was promised', () => {
    const {cells} = JSON.parse(resultIn(whole)[0]!) as {cells: {id: string; reps: number; tally: object}[]}
    expect(cells.length).toBeGreaterThan(15)
    expect(cells.every(({reps, tally}) => reps === 2 && Object.keys(tally).length > 0)).toBe(true)
    expect(resultIn(whole)[1]).toContain('| confirmation | worthless families that PASS | at most 4 in 2,000 | 0 of ')
  })

  it('gives the same bytes on two threads', async () => {
    const two = join(folder, 'two')
    expect((await calibrate(two, ...SMALL, '--threads', '2').ended).code).toBe(0)
    expect(resultIn(two)).toEqual(resultIn(whole))
  })

  it('goes on where it was killed, repeats nothing, and gives the same bytes', async () => {
    const killed = join(folder, 'killed')
    const {child, ended} = calibrate(killed, ...SMALL)
    while (linesIn(killed) < 3) await new Promise((resolve) => setTimeout(resolve, 50))
    child.kill('SIGKILL')
    await ended
    expect(existsSync(join(killed, 'calibration.json'))).toBe(false)
    const kept = linesIn(killed)
    // a kill in the middle of a write
    appendFileSync(recordIn(killed)!, '{"batch":{"set":"confirmation","cell":"nu')
    const again = await calibrate(killed, ...SMALL).ended
    expect([again.code, again.errors]).toEqual([0, expect.stringContaining(`${kept} of `)])
    expect(linesIn(killed)).toBe(linesIn(whole))
    expect(resultIn(killed)).toEqual(resultIn(whole))
  })

  it('spends nothing on what is there', async () => {
    const lines = linesIn(whole)
    const {code} = await calibrate(whole, ...SMALL).ended
    expect([code, linesIn(whole)]).toEqual([0, lines])
  })

  it.each([
    [['--cells', 'no such row'], "No row is called 'no such row'"],
    [['--reps', 'many'], "--reps is a whole number of at least 1, not 'many'"],
    [['--set', 'training'], "--set is development or confirmation, not 'training'"],
    [['--speed', '9'], '--speed'],
  ])('refuses %j with exit 2', async (args, said) => {
    const {code, errors, last} = await calibrate(join(folder, 'refused'), ...args).ended
    expect([code, last, errors]).toEqual([2, '', expect.stringContaining(said)])
  })
})
