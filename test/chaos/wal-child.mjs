// Writes frames `FROM … TO` to the log of a source and says `durable N` after each sync.
// node wal-child.mjs ROOT SOURCE COUNT [BURST] [BYTES]; COUNT frames behind the last one that is there.
import {openWal} from '../../dist/io/wal/index.js'

const [root = '', source = 'sim-ws', count = '10', burst = '5', bytes = '40'] = process.argv.slice(2)
const text = (seq) => `{"seq":${seq},"pad":"${'x'.repeat(Math.max(0, Number(bytes) - 24))}"}`
try {
  const writer = await openWal(root, {dryRun: false}).open(source)
  process.stdout.write(`ready ${writer.lastSeq}\n`)
  let left = Number(count)
  while (left > 0) {
    for (let k = Math.min(left, Number(burst)); k > 0; k--, left--) {
      writer.append('socket', 1_700_000_000_000 + writer.lastSeq, Buffer.from(text(writer.lastSeq + 1)))
    }
    await writer.sync()
    process.stdout.write(`durable ${writer.durableSeq}\n`)
  }
  await writer.close()
  process.stdout.write('closed\n')
} catch (cause) {
  process.stdout.write(`${JSON.stringify({code: cause.code, exitCode: cause.exitCode, why: cause.message})}\n`)
  process.exitCode = cause.exitCode ?? 1
}
