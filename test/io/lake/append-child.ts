import {openFiles} from '../../../src/io/files.ts'
import {openLake} from '../../../src/io/lake/index.ts'
import {batchOf} from './batches.ts'

/** Appends batch after batch and says so after each: what was said must survive a kill at any instant. */
const [root = '', from = '0', to = '0'] = process.argv.slice(2)
const lake = openLake(root, {files: openFiles(root), dryRun: false})
for (let k = Number(from); k < Number(to); k++) {
  await lake.append(batchOf(k))
  process.stdout.write(`${k}\n`)
}
