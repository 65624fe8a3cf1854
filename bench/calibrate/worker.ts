import {parentPort} from 'node:worker_threads'
import {type Batch, doBatch, shippedGates} from './do-batch.ts'
import {CELLS} from './plan.ts'

/** Does what it is handed and hands back counts; it knows nothing of the other threads. */
const config = shippedGates()
const works = new Map(CELLS.map(({id, work}) => [id, work]))

parentPort!.on('message', (batch: Batch) => {
  const start = performance.now()
  const tally = doBatch(batch, works.get(batch.cell)!, config)
  parentPort!.postMessage({batch, tally, ms: performance.now() - start})
})
