import {readFile} from 'node:fs/promises'

/** Which boot of the host this is: two clocks of one host are comparable only within it. */
export const bootId = (): Promise<string> =>
  readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => 'unknown',
  )
