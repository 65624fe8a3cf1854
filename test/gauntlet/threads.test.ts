import {describe, expect, it} from 'vitest'
import {judgeHypothesis} from '../../src/cognition/gauntlet/judge-hypothesis.ts'
import {permutationDraws} from '../../src/cognition/gauntlet/permutation/permutation-draws.ts'
import {type DrawSource, onThisThread} from '../../src/cognition/gauntlet/permutation/permutation-test.ts'
import {permutationsOf} from '../../src/cognition/gauntlet/permutation/permutations-of.ts'
import type {Stage} from '../../src/contracts/gauntlet.ts'
import {openThreads} from '../../src/io/threads.ts'
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

describe('permutations on several threads', () => {
  it('give the same verdict, byte for byte, on one and on two', {timeout: 60_000}, () => {
    const judged = (threads: number): string => {
      const port = openThreads(threads)
      const source: DrawSource = (job) => port.numbers('permutations', job, permutationDraws(job))
      return JSON.stringify(judgeHypothesis(opened, docket(opened), config, false, source))
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
