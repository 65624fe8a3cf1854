import {readFileSync} from 'node:fs'
import {describe, it} from 'vitest'
import {golden} from './golden-files.ts'

/**
 * Tests against reference values, given the texts of their files. Where one is missing they are one skipped test: the body
 * of a skipped `describe` is run all the same, and would open what is not there.
 */
export function againstGolden(title: string, paths: readonly string[], tests: (...texts: string[]) => void): void {
  const found = paths.map(golden)
  if (found.includes(null)) it.skip(title, () => {})
  else describe(title, () => tests(...found.map((path) => readFileSync(path!, 'utf8'))))
}
