import {availableParallelism} from 'node:os'
import {Worker} from 'node:worker_threads'
import type {ThreadsPort} from '../desk-threads.ts'

/** What threads that compute numbers of one task have in common. */
export interface SharedNumbers {
  readonly job: unknown
  /** shape [ROOM] */
  readonly results: Float64Array
  /** shape [ROOM], 1 once the number is there */
  readonly done: Int32Array
  /** the next number nobody has taken, and 1 once no more are wanted */
  readonly state: Int32Array
}

/** A part of a task that another thread computes. */
export interface SharedPart {
  readonly job: unknown
  readonly result: Float64Array
  /** shape [1], 1 once the result is whole */
  readonly done: Int32Array
}

export const NEXT = 0
export const STOP = 1
/** Numbers that are shared; those beyond are computed by whoever asks. */
const ROOM = 1 << 16
/** Numbers computed before help is called: most tests that fail need no more, and a thread takes a moment to start. */
const ALONE = 12
/** Numbers this thread computes ahead of one that it waits for, before it computes that one as well. */
const AHEAD = 2
const MOST_THREADS = 16
const isSource = import.meta.url.endsWith('.ts')
/** What a thread may take to start; then a part that is still missing is computed here after all. */
const PATIENCE_MS = 2000

/**
 * Threads for tasks whose n-th number, or part, depends on its job alone: it does not matter who computes it, so the numbers
 * are the same for any number of threads. This thread works too, and does not wait for another longer than the same work
 * takes: one that dies costs time and nothing else.
 *
 * @param threads  all of them, this one included; default `QO_THREADS`, else what the machine has
 */
export function openThreads(threads = threadsOf(process.env['QO_THREADS'])): ThreadsPort {
  return {
    count: threads,
    parts(task, jobs, size, solo) {
      // A thread that translates what it loads needs this one for it, and this one would wait.
      if (isSource || threads < 2) return jobs.map(solo)
      const begun = performance.now()
      const shared = jobs.slice(1).map((job) => sharedPart(job, size(job)))
      const helpers = shared.map((part) => startHelper(task, part))
      const own = jobs.slice(0, 1).map(solo)
      const until = performance.now() + 2 * (performance.now() - begun) + PATIENCE_MS
      const others = shared.map(({result, done}, i) => {
        Atomics.wait(done, 0, 0, Math.max(0, until - performance.now()))
        return Atomics.load(done, 0) === 1 ? result : solo(jobs[i + 1]!)
      })
      for (const helper of helpers) void helper.terminate()
      return [...own, ...others]
    },
    numbers(task, job, solo) {
      const shared: SharedNumbers = {
        job,
        results: new Float64Array(new SharedArrayBuffer(8 * ROOM)),
        done: new Int32Array(new SharedArrayBuffer(4 * ROOM)),
        state: new Int32Array(new SharedArrayBuffer(8)),
      }
      Atomics.store(shared.state, NEXT, ALONE)
      let helpers: Worker[] | null = null
      return {
        at(n) {
          if (n < ALONE || n >= ROOM || threads < 2) return solo(n)
          helpers ??= Array.from({length: threads - 1}, () => startHelper(task, shared))
          return numberOf(n, shared, solo)
        },
        close() {
          Atomics.store(shared.state, STOP, 1)
          for (const helper of helpers ?? []) void helper.terminate()
        },
      }
    },
  }
}

function numberOf(n: number, {results, done, state}: SharedNumbers, solo: (n: number) => number): number {
  for (let ahead = 0; Atomics.load(done, n) === 0; ahead++) {
    const taken = Atomics.load(state, NEXT) <= n || ahead < AHEAD ? Atomics.add(state, NEXT, 1) : n
    if (taken >= done.length) return solo(n)
    results[taken] = solo(taken)
    Atomics.store(done, taken, 1)
  }
  return results[n]!
}

const sharedPart = (job: unknown, size: number): SharedPart => ({
  job,
  result: new Float64Array(new SharedArrayBuffer(8 * size)),
  done: new Int32Array(new SharedArrayBuffer(4)),
})

function startHelper(task: string, shared: SharedNumbers | SharedPart): Worker {
  const file = new URL(`./workers/${task}.${isSource ? 'ts' : 'js'}`, import.meta.url)
  const worker = isSource
    ? new Worker(fromSource(file), {workerData: shared, eval: true})
    : // Started plainly: a loader that this process was started with would wait for this thread, which computes.
      new Worker(file, {workerData: shared, execArgv: []})
  // Its numbers are computed here in its place.
  worker.on('error', () => {})
  worker.unref()
  return worker
}

/** Tests and benchmarks run TypeScript as it stands; a thread has to be taught that anew. */
const fromSource = ({href}: URL): string =>
  `import('tsx/esm/api').then(({register}) => { register(); return import(${JSON.stringify(href)}) })`

function threadsOf(asked: string | undefined): number {
  const wanted = Number(asked)
  return Number.isInteger(wanted) && wanted >= 1
    ? Math.min(wanted, MOST_THREADS)
    : Math.min(availableParallelism(), MOST_THREADS)
}
