import {describe, expect, it} from 'vitest'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {joinParts, type MeansJob, meansHere, partsOf} from '../../src/cognition/gauntlet/means-source.ts'
import {permutationDraws} from '../../src/cognition/gauntlet/permutation/permutation-draws.ts'
import {onThisThread} from '../../src/cognition/gauntlet/permutation/permutation-test.ts'
import {permutationsOf} from '../../src/cognition/gauntlet/permutation/permutations-of.ts'
import type {Stage} from '../../src/contracts/gauntlet.ts'
import {openThreads} from '../../src/io/threads.ts'
import {Random} from '../../src/kernel/random.ts'
import {sourcesOn} from '../../src/operations/gauntlet-draws.ts'
import {CONFIG} from './noise-families.ts'
import {caseOf, docket, hypothesis, smallMarket} from './small-market.ts'

const opened = caseOf(
  hypothesis({signal: 'ts_mean(log(volume), $n)', params: {n: [1, 2, 3]}, primary: {n: 2}}),
  smallMarket({days: 500, assets: 6, edge: 0.3, seed: 'several threads'}),
)
const config = {
  ...CONFIG,
  lookahead: {...CONFIG.lookahead, cuts: 20, scramble_cuts: 2},
  edge: {...CONFIG.edge, max_permutation_p: 0.05, permutations: 70},
}

describe('the bootstrap on several threads', () => {
  const random = new Random('columns')
  const columns = Array.from({length: 7}, () => Float64Array.from({length: 400}, () => random.normal()))
  const job = {columns, b: 3, B: 500, seed: 'parts'}
  const parts = partsOf(job, 3)
  const size = ({columns: own, B}: MeansJob): number => own.length * B
  /** As shipped: a thread that has to translate what it loads would wait for this one. */
  const shipped = async (): Promise<typeof openThreads> =>
    ((await import(new URL('../../dist/io/threads.js', import.meta.url).href)) as {openThreads: typeof openThreads})
      .openThreads

  it('has the means of one, and computes one part on this one', {timeout: 60_000}, async () => {
    const mine: MeansJob[] = []
    const values = (await shipped())(3).parts('bootstrap', parts, size, (part) => {
      mine.push(part)
      return meansHere(part).values
    })
    expect(parts.map(size)).toEqual([1500, 1500, 500])
    expect(mine).toEqual([parts[0]])
    expect(joinParts(500, parts, values)).toEqual(meansHere(job))
  })

  it('goes on without a thread that dies', {timeout: 60_000}, async () => {
    const broken = parts.map((part, i) => (i === 1 ? {...part, columns: 'none' as never} : part))
    const solo = (part: MeansJob): Float64Array => meansHere(parts[broken.indexOf(part)]!).values
    const values = (await shipped())(3).parts('bootstrap', broken, () => 1500, solo)
    expect(joinParts(500, parts, [values[0]!, values[1]!, values[2]!.subarray(0, 500)])).toEqual(meansHere(job))
  })

  it('is asked for by a job that is worth it, and by no other', () => {
    const asked: number[] = []
    const threads = {
      ...openThreads(2),
      parts: (_: string, jobs: readonly unknown[], __: unknown, solo: (job: never) => Float64Array) => {
        asked.push(jobs.length)
        return jobs.map((part) => solo(part as never))
      },
    }
    const {means} = sourcesOn(threads, 1e6)
    means(job)
    expect(asked).toEqual([])
    const large = {...job, B: 2000}
    expect(means(large)).toEqual(meansHere(large))
    expect(asked).toEqual([2])
  })
})

describe('permutations on several threads', () => {
  it('give the same verdict, byte for byte, on one and on two', {timeout: 60_000}, () => {
    const judged = (threads: number): string => {
      const port = openThreads(threads)
      return JSON.stringify(judgeHypothesis(opened, docket(opened), config, false, sourcesOn(port)))
    }
    const one = judged(1)
    expect(judged(2)).toBe(one)
    const stage = (JSON.parse(one) as {stages: Stage[]}).stages.find(({id}) => id === 5)!
    expect(stage.checks.filter(({name}) => name.startsWith('permutation p'))).toHaveLength(2)
  })

  it('are helped by the other thread, with the numbers of this one', {timeout: 60_000}, async () => {
    const {job} = permutationsOf(opened, 'help', onThisThread)
    const [whole, draw] = [{...job, block: 1, seed: 'help'}, permutationDraws({...job, block: 1, seed: 'help'})]
    const mine = new Set<number>()
    const numbers = openThreads(2).numbers('permutations', whole, (n) => {
      mine.add(n)
      return draw(n)
    })
    const ends = performance.now() + 40_000
    let n = 0
    for (; (n === 0 || mine.has(n - 1)) && performance.now() < ends; n++) {
      numbers.at(n)
      // What loads a TypeScript file in another thread lives on this one: let it.
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    const given = Array.from(Array(n).keys()).filter((k) => !mine.has(k))
    expect(given.length).toBeGreaterThan(0)
    for (const k of given) expect(numbers.at(k)).toBe(draw(k))
    numbers.close()
  })

  it('go on without a thread that cannot start', () => {
    const numbers = openThreads(3).numbers('permutations', {not: 'a job'}, (n) => n * n)
    expect(Array.from({length: 100}, (_, n) => numbers.at(n))).toEqual(Array.from({length: 100}, (_, n) => n * n))
    numbers.close()
  })
})
