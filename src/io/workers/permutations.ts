import {workerData} from 'node:worker_threads'
import {type PermutationJob, permutationDraws} from '../../cognition/gauntlet/permutation/permutation-draws.ts'
import {NEXT, type SharedNumbers, STOP} from '../threads.ts'

const {job, results, done, state} = workerData as SharedNumbers
const draw = permutationDraws(job as PermutationJob)

while (Atomics.load(state, STOP) === 0) {
  const n = Atomics.add(state, NEXT, 1)
  if (n >= done.length) break
  results[n] = draw(n)
  Atomics.store(done, n, 1)
}
