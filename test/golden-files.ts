import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

const shared = process.env['QO_SHARED'] ?? fileURLToPath(new URL('../../shared', import.meta.url))
const told = new Set<string>()

/** Path of a file beside the repository, or null with one visible line: a test that needs it then skips. */
export function sharedFile(path: string): string | null {
  const full = `${shared}/${path}`
  if (existsSync(full)) return full
  if (!told.has(path)) console.log(`skipped: ${path} is not beside this checkout`)
  told.add(path)
  return null
}

/** Reference value file, e.g. `gauntlet/prng.json`. */
export const golden = (path: string): string | null => sharedFile(`golden/${path}`)

/** Real market data, e.g. `hl_perp_1h/hl_perp_1h.parquet`. */
export const marketData = (path: string): string | null => sharedFile(`data/${path}`)
