import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {acceptance} from './acceptance.ts'
import {shippedGates} from './do-batch.ts'
import {calibrationPage} from './page.ts'
import {CELLS, SETS} from './plan.ts'
import {doAll} from './pool.ts'
import {codeHash, Record} from './record.ts'
import {batchesOf, keyOf, type Result, resultOf, type Scope} from './result.ts'

const USAGE = `npm run calibrate [-- OPTIONS]: the error rate and the power of the gauntlet, measured on planted families

  --out FOLDER     where finished batches are kept; a run that was ended goes on from there (.calibrate)
  --cells PATTERN  only the rows whose name contains it, e.g. 'null', 'edge 2 ', 'vault'
  --reps N         at most N repetitions of a row
  --set NAME       development or confirmation; both when left out
  --threads N      the result does not depend on it (1)
  --minutes N      hand out no batch after N minutes
  --publish        leave docs/calibration.json and docs/CALIBRATION.md
  --page           only make docs/CALIBRATION.md anew from docs/calibration.json

Progress goes to standard error; standard output ends in one line of JSON.`

const home = fileURLToPath(new URL('../..', import.meta.url))
const docs = join(home, 'docs')

/** A run: do what is missing of the plan, batch by batch, then make the page from all that is there. */
async function calibrate(args: readonly string[]): Promise<number> {
  const {values} = parseArgs({
    args: [...args],
    options: {
      out: {type: 'string', default: join(home, '.calibrate')},
      cells: {type: 'string', default: ''},
      reps: {type: 'string'},
      set: {type: 'string'},
      threads: {type: 'string', default: '1'},
      minutes: {type: 'string'},
      publish: {type: 'boolean', default: false},
      page: {type: 'boolean', default: false},
      help: {type: 'boolean', default: false},
    },
  })
  if (values.help) return say(USAGE)
  if (values.page) {
    leave(docs, JSON.parse(readFileSync(join(docs, 'calibration.json'), 'utf8')) as Result)
    return 0
  }
  const [threads, most, minutes] = [
    wholeOr(values.threads, 1, 'threads'),
    wholeOr(values.reps, Number.POSITIVE_INFINITY, 'reps'),
    wholeOr(values.minutes, Number.POSITIVE_INFINITY, 'minutes'),
  ]
  const scope: Scope = {
    sets: SETS.filter((set) => values.set === undefined || set === values.set),
    cells: CELLS.filter(({id}) => id.includes(values.cells)),
    most,
  }
  if (scope.sets.length === 0) throw new Error(`--set is ${SETS.join(' or ')}, not '${values.set}'.`)
  if (scope.cells.length === 0) throw new Error(`No row is called '${values.cells}'.`)

  const code = codeHash()
  const record = new Record(values.out, code)
  const done = record.read()
  const known = new Set(done.map(({batch}) => keyOf(batch)))
  const all = batchesOf(scope)
  const missing = all.filter((batch) => !known.has(keyOf(batch)))
  const progress = meter(missing.map(({cell, from, to}) => ({cell, reps: to - from})))
  const deadline = performance.now() + minutes * 60_000
  console.error(`${all.length - missing.length} of ${all.length} batches are in ${record.path}`)
  await doAll(
    missing,
    threads,
    () => performance.now() < deadline,
    ({batch, tally, ms}) => {
      record.append({batch, tally})
      done.push({batch, tally})
      progress(batch.cell, batch.to - batch.from, ms, threads)
    },
  )
  const result = resultOf(done, scope, code, shippedGates())
  leave(values.out, result)
  if (values.publish) leave(docs, result)
  const complete = result.cells.every(({planned, reps}) => reps === planned)
  return say(
    JSON.stringify({
      calibrate: complete ? 'complete' : 'to be continued',
      repetitions: result.cells.reduce((total, {reps}) => total + reps, 0),
      planned: result.cells.reduce((total, {planned}) => total + planned, 0),
      code,
      acceptance: acceptance(result, 'confirmation').map(({what, rate, met}) => ({what, ...rate, met})),
    }),
  )
}

/** Both files of a result, made from it alone. */
function leave(folder: string, result: Result): void {
  mkdirSync(folder, {recursive: true})
  writeFileSync(join(folder, 'calibration.json'), `${JSON.stringify(result, null, 1)}\n`)
  writeFileSync(join(folder, 'CALIBRATION.md'), calibrationPage(result))
}

function say(text: string): number {
  console.log(text)
  return 0
}

function wholeOr(text: string | undefined, otherwise: number, name: string): number {
  if (text === undefined) return otherwise
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} is a whole number of at least 1, not '${text}'.`)
  return Number(text)
}

/** Says every few seconds how much is left, judging by what a repetition of each row has cost so far. */
function meter(
  missing: readonly {readonly cell: string; readonly reps: number}[],
): (cell: string, reps: number, ms: number, threads: number) => void {
  const left = new Map<string, number>()
  for (const {cell, reps} of missing) left.set(cell, (left.get(cell) ?? 0) + reps)
  const spent = new Map<string, {ms: number; reps: number}>()
  let [said, batches] = [performance.now(), 0]
  return (cell, reps, ms, threads) => {
    left.set(cell, left.get(cell)! - reps)
    const before = spent.get(cell) ?? {ms: 0, reps: 0}
    spent.set(cell, {ms: before.ms + ms, reps: before.reps + reps})
    batches += 1
    if (performance.now() - said < 5000 && batches < missing.length) return
    said = performance.now()
    const all = [...spent.values()].reduce((a, b) => ({ms: a.ms + b.ms, reps: a.reps + b.reps}))
    const rest = [...left].reduce((total, [name, count]) => {
      const own = spent.get(name) ?? all
      return total + (count * own.ms) / own.reps
    }, 0)
    const minutes = Math.ceil(rest / threads / 60_000)
    console.error(`${batches} of ${missing.length} batches, now ${cell}; about ${minutes} min left`)
  }
}

try {
  process.exitCode = await calibrate(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 2
}
