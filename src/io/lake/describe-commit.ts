import {hostname} from 'node:os'
import type {LakeCommitEntry} from '../../contracts/lake.ts'
import type {LakeAppend, LakeFile} from '../../desk.ts'
import {isoOf} from '../../kernel/instant.ts'
import {bootId} from '../boot-id.ts'
import {qoVersion} from '../version.ts'
import {sealCommit} from './commit-log.ts'
import {tableName} from './layout.ts'

/** The entry of an append: what came, from where, and who wrote it. */
export async function describeCommit(
  batch: LakeAppend,
  head: LakeCommitEntry | undefined,
  {files, added, revised, receivedAt}: {files: readonly LakeFile[]; added: number; revised: number; receivedAt: number},
): Promise<LakeCommitEntry> {
  return sealCommit({
    artifact: 'lake-commit@1',
    n: (head?.n ?? 0) + 1,
    prev: head?.hash ?? '',
    table: tableName(batch.table),
    schema: batch.table.id,
    venue: batch.venue,
    interval: (batch.interval ?? null) as LakeCommitEntry['interval'],
    source: batch.source,
    files: [...files],
    added,
    revised,
    quarantined: batch.quarantined ?? 0,
    gaps: [...(batch.gaps ?? [])],
    ...(batch.frames ? {frames: {...batch.frames}} : {}),
    ...(batch.awaited && batch.awaited.length > 0 ? {awaited: [...batch.awaited]} : {}),
    notes: {survivor: batch.notes?.survivor ?? false, completeFrom: batch.notes?.completeFrom ?? null},
    received_at: receivedAt,
    writer: {qo_version: qoVersion(), host: hostname(), boot_id: await bootId()},
    created_at: isoOf(Date.now()),
  })
}
