import {Worker} from 'node:worker_threads'
import type {Batch} from './do-batch.ts'
import type {Tally} from './tally.ts'

interface Answer {
  readonly batch: Batch
  readonly tally: Tally
  readonly ms: number
}

/**
 * Do batches on some threads, each thread the next one that is free.
 *
 * @param go     asked before each batch is handed out; false: let those that run come to their end
 * @param heard  called once per batch, in the order in which they end
 */
export async function doAll(
  batches: readonly Batch[],
  threads: number,
  go: () => boolean,
  heard: (answer: Answer) => void,
): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({length: Math.min(threads, batches.length)}, async () => {
      const worker = new Worker(new URL('./thread.mjs', import.meta.url))
      try {
        while (next < batches.length && go()) heard(await ask(worker, batches[next++]!))
      } finally {
        await worker.terminate()
      }
    }),
  )
}

function ask(worker: Worker, batch: Batch): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', answered)
      worker.off('error', failed)
      worker.off('exit', ended)
    }
    const answered = (answer: Answer): void => {
      settle()
      resolve(answer)
    }
    const failed = (error: Error): void => {
      settle()
      reject(error)
    }
    const ended = (code: number): void => {
      settle()
      reject(new Error(`A thread ended with ${code} in the middle of ${batch.cell}.`))
    }
    worker.on('message', answered).on('error', failed).on('exit', ended)
    worker.postMessage(batch)
  })
}
