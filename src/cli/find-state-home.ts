import {lstatSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'

/** What a workspace is recognised by when its configuration may be gone: any of these, whatever it contains. */
const SIGNS = ['configs/qo.yaml', 'data/state', 'configs/risk_limits.yaml']

/**
 * The workspace that an emergency command is for: nothing is read, only looked for.
 *
 * @returns null when no folder at or above `from` shows any sign of one
 */
export function findStateHome(from: string): string | null {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (isStateHome(folder)) return folder
    if (dirname(folder) === folder) return null
  }
}

/** The workspace above the current folder; none when that folder is gone. */
export function stateHomeHere(): string | null {
  try {
    return findStateHome(process.cwd())
  } catch {
    return null
  }
}

/** true when this very folder shows a sign of a workspace */
export const isStateHome = (folder: string): boolean => SIGNS.some((sign) => exists(join(resolve(folder), sign)))

function exists(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}
