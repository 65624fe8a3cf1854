import type {Table} from '../contracts/artifact.ts'
import {LakeManifest} from '../contracts/lake.ts'
import type {Desk} from '../desk.ts'
import {INTERVAL_MS, type Interval, isoOf} from '../kernel/instant.ts'

/**
 * Leave the manifest of one table partition: its files by content hash, as of the newest commit. The Parquet bytes
 * depend on the market alone, so the same imports give the same manifest on every machine.
 *
 * @returns the path, or null when the lake has no such files
 */
export async function leaveManifest(
  desk: Desk,
  {table, venue, interval}: {table: Table; venue: string; interval: string | null},
): Promise<string | null> {
  const name = table.id.split('@')[0]!
  const commits = (await desk.lake.commits()).filter(
    (entry) => entry.table === name && entry.venue === venue && entry.interval === interval,
  )
  const files = commits.flatMap((entry) => entry.files).sort((a, b) => (a.path < b.path ? -1 : 1))
  if (files.length === 0) return null
  const [from, to] = [Math.min(...files.map((file) => file.min_ts)), Math.max(...files.map((file) => file.max_ts))]
  const path = `data/manifests/${[name, venue, ...(interval === null ? [] : [interval])].join('-')}.json`
  return desk.files.write(
    LakeManifest,
    {
      artifact: 'lake-manifest@1',
      table: table.id,
      venue,
      interval: interval as LakeManifest['interval'],
      rows: files.reduce((sum, {rows}) => sum + rows, 0),
      from: isoOf(from),
      to: isoOf(to),
      files: files.map((file) => ({
        path: file.path,
        rows: file.rows,
        from: isoOf(file.min_ts),
        to: isoOf(file.max_ts),
        sha256: file.sha256,
      })),
      provenance: {
        data_as_of: isoOf(to + (interval === null ? 0 : INTERVAL_MS[interval as Interval])),
        seed: null,
        qo_version: desk.version,
        data_sha: await desk.lake.digest(files.map(({sha256}) => sha256)),
        inputs: {},
      },
    },
    path,
  )
}
