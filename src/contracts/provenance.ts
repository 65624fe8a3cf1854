import {z} from 'zod'
import {IsoInstant, Sha256} from './units.ts'

/**
 * Where a committed file comes from. Only what the bytes depend on: no wall time, host or commit number, so the same
 * inputs give the same bytes on any machine.
 */
export const Provenance = z.strictObject({
  data_as_of: IsoInstant.nullable().describe('close of the last bar used; null when no market data was read'),
  seed: z.string().nullable().describe('seed text of the random streams; null when nothing was drawn'),
  qo_version: z.string(),
  data_sha: Sha256.nullable(),
  gaps_allowed: z.number().int().positive().optional().describe('holes in the data that --allow-gaps read over'),
  inputs: z.record(z.string(), Sha256).describe('workspace path -> SHA-256 of its content'),
})
export type Provenance = z.infer<typeof Provenance>
