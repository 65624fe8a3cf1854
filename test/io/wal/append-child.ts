import {openWal} from '../../../src/io/wal/index.ts'

/** Writes numbered frames until it is killed, and says after each sync what is durable. */
const [, , root, source] = process.argv
const writer = await openWal(root!, {dryRun: false}).open(source!)
for (let k = writer.lastSeq + 1; ; k++) {
  writer.append('socket', Date.now(), Buffer.from(`{"k":${k}}`))
  if (k % 50 !== 0) continue
  await writer.sync()
  process.stdout.write(`${writer.durableSeq}\n`)
}
