import type {Desk, ScratchLake} from '../desk.ts'
import {FrameReader} from '../sensory/frames/frame-reader.ts'
import {appendFrameRows} from './append-frame-rows.ts'
import {ROWS_PER_COMMIT} from './coalesce-wal.ts'
import {storeReplies} from './store-replies.ts'

/** Every archived frame of a source once more, its rows of one table into another lake. */
export async function replayFrames(
  desk: Desk,
  scratch: ScratchLake,
  {source, venue, table}: {source: string; venue: string; table: string},
): Promise<{frames: number; upTo: number}> {
  const {seq} = await desk.wal.checkpoint(source)
  const beside: Desk = {...desk, lake: scratch.lake, files: scratch.files}
  const reader = new FrameReader()
  let [frames, from, receivedAt] = [0, 1, 0]
  const store = async (to: number): Promise<void> => {
    const {batches, replies} = reader.drain()
    const mine = batches.filter((batch) => batch.table === table)
    await appendFrameRows(scratch.lake, {source, venue, from, to, receivedAt}, {batches: mine, gaps: []})
    const asked = replies.filter(({request}) => TABLE_OF[String(request['type'])] === table)
    if (asked.length > 0) await storeReplies(beside, venue, asked, {source, from, to})
    from = to + 1
  }
  for await (const batch of await desk.wal.read(source, 0, seq + 1)) {
    for (const frame of batch) reader.take(frame)
    frames += batch.length
    const last = batch.at(-1)!
    receivedAt = Math.max(receivedAt, Math.floor(last.receivedAt))
    if (reader.length >= ROWS_PER_COMMIT) await store(last.seq)
    else await desk.clock.sleep(0)
  }
  if (from <= seq) await store(seq)
  return {frames, upTo: seq}
}

/** Info request -> table of its rows. */
const TABLE_OF: Readonly<Record<string, string>> = {
  candleSnapshot: 'candles',
  fundingHistory: 'funding',
  metaAndAssetCtxs: 'asset_ctx',
}
