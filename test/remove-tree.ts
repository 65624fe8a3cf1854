import {rmSync} from 'node:fs'
import {setTimeout as sleep} from 'node:timers/promises'

/**
 * Remove a folder in which a process that is ending may still write a last file. The retries of `rm` take only the folder
 * again, and not the file that came meanwhile.
 */
export async function removeTree(path: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(path, {recursive: true, force: true})
      return
    } catch (cause) {
      if (tries === 100) throw cause
      await sleep(50)
    }
  }
}
