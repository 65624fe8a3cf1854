import {createHash} from 'node:crypto'
import {appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Batch} from './do-batch.ts'
import {CELLS, SETS, seedOf} from './plan.ts'
import type {Tally} from './tally.ts'

/** One finished batch: a line of the record. */
export interface Done {
  readonly batch: Batch
  readonly tally: Tally
}

const home = fileURLToPath(new URL('../..', import.meta.url))
/** Everything that a count depends on. */
const MEASURED = [
  'bench/calibrate/count-family.ts',
  'bench/calibrate/count-forward.ts',
  'bench/calibrate/do-batch.ts',
  'bench/calibrate/families.ts',
  'bench/calibrate/judge-family.ts',
  'bench/calibrate/vault-author.ts',
  'configs/gauntlet.yaml',
  'src/cognition/forward',
  'src/cognition/gauntlet',
  'src/cognition/statistics',
  'src/contracts/gauntlet.ts',
  'src/kernel',
]

/**
 * SHA-256 of the gates, the stages, the plants and the seeds: a record made with others is another record. How many
 * repetitions are planned is not part of it, so that asking for more keeps those that are done.
 */
export function codeHash(): string {
  const hash = createHash('sha256')
  for (const {id, work} of CELLS) hash.update(JSON.stringify([work, SETS.map((set) => seedOf(set, id, 0))]))
  for (const path of MEASURED.flatMap(filesOf)) hash.update(`${path}\n`).update(readFileSync(join(home, path)))
  return hash.digest('hex')
}

function filesOf(path: string): string[] {
  if (path.includes('.')) return [path]
  return readdirSync(join(home, path), {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${path}/${name.replaceAll('\\', '/')}`)
    .sort()
}

/** The batches that are done, on disk as soon as each is: one JSON line after the other, in the order they came. */
export class Record {
  readonly path: string

  /** @param folder  made if it is not there; the file carries the hash of the code in its name */
  constructor(folder: string, code: string) {
    mkdirSync(folder, {recursive: true})
    this.path = join(folder, `${code.slice(0, 12)}.jsonl`)
  }

  /** What is there. A last line that a kill has torn is cut off: its batch was never finished. */
  read(): Done[] {
    if (!existsSync(this.path)) return []
    const text = readFileSync(this.path, 'utf8')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole.length < text.length) truncateSync(this.path, Buffer.byteLength(whole))
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Done)
  }

  append(done: Done): void {
    appendFileSync(this.path, `${JSON.stringify(done)}\n`)
  }
}
