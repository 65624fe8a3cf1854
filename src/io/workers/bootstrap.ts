import {workerData} from 'node:worker_threads'
import {type MeansJob, meansHere} from '../../cognition/gauntlet/means-source.ts'
import type {SharedPart} from '../threads.ts'

const {job, result, done} = workerData as SharedPart
result.set(meansHere(job as MeansJob).values)
Atomics.store(done, 0, 1)
Atomics.notify(done, 0)
