import {open, readFile, rm, truncate} from 'node:fs/promises'
import {join} from 'node:path'
import type {WalRecovery} from '../../desk.ts'
import {syncFolder} from '../files.ts'
import {decodeSegment, type SegmentSummary} from './frame-format.ts'
import {quarantine, type SegmentFile, segmentsOnDisk, sourceFolder} from './layout.ts'

/**
 * Find the newest intact frame and clear away what a kill left behind it. Called by the one holder of the source.
 *
 * The torn tail goes to the quarantine and off the segment; an empty segment goes altogether. Damage between intact
 * frames is copied to the quarantine and stays: readers tell it by the positions around it.
 *
 * @param archivedTo  newest frame in the lake; asked after the folder was listed, so that a segment that is archived
 *                    meanwhile counts
 */
export async function recover(root: string, source: string, archivedTo: () => Promise<number>): Promise<WalRecovery> {
  const kept: string[] = []
  let [tornBytes, badFrames, lastSeq] = [0, 0, 0]
  for (const segment of (await segmentsOnDisk(root, source)).reverse()) {
    const content = await readFile(join(root, segment.path)).catch(absent)
    if (content === null) break
    const decoded = decodeSegment(content, segment.first)
    const torn = content.subarray(decoded.end)
    kept.push(...(await quarantineDamage(root, source, segment, content, decoded)))
    badFrames += decoded.damaged.reduce((sum, {frames}) => sum + frames, 0)
    tornBytes += torn.length
    await cutAt(root, source, segment, decoded.end, content.length)
    lastSeq = decoded.lastSeq
    if (lastSeq > 0) break
  }
  return {lastSeq: Math.max(lastSeq, await archivedTo()), tornBytes, badFrames, quarantine: kept}
}

/** Copies of everything in a segment that is no frame; workspace paths. */
export async function quarantineDamage(
  root: string,
  source: string,
  {first}: SegmentFile,
  content: Buffer,
  {damaged, end}: SegmentSummary,
): Promise<string[]> {
  const stretches = damaged.map(({offset, length}) => ({offset, bytes: content.subarray(offset, offset + length)}))
  if (end < content.length) stretches.push({offset: end, bytes: content.subarray(end)})
  const kept: string[] = []
  for (const {offset, bytes} of stretches) kept.push(await quarantine(root, source, `${first}-${offset}`, bytes))
  return kept
}

async function cutAt(root: string, source: string, {path}: SegmentFile, end: number, length: number): Promise<void> {
  if (end === 0) {
    await rm(join(root, path))
    await syncFolder(join(root, sourceFolder(source)))
    return
  }
  if (end < length) await truncate(join(root, path), end)
  // Also when nothing was torn: the killed process may not have synced its last frames, and from here on they count.
  const handle = await open(join(root, path), 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Archived and removed since it was listed: its frames count as archived. */
function absent(cause: NodeJS.ErrnoException): null {
  if (cause.code === 'ENOENT') return null
  throw cause
}
