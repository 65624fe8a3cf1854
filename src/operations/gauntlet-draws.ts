import {permutationDraws} from '../cognition/gauntlet/permutation/permutation-draws.ts'
import type {DrawSource} from '../cognition/gauntlet/permutation/permutation-test.ts'
import type {Desk} from '../desk.ts'

/** Permutations on all threads of the machine; the numbers are those of one. */
export async function drawSource(desk: Desk): Promise<DrawSource> {
  const threads = await desk.threads()
  return (job) => threads.numbers('permutations', job, permutationDraws(job))
}
