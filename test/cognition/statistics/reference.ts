import {readFileSync} from 'node:fs'
import {expect} from 'vitest'
import {golden} from '../../golden-files.ts'

/** Parsed reference values of `golden/gauntlet/<name>.json`, or null when they are not beside this checkout. */
// biome-ignore lint/suspicious/noExplicitAny: reference files differ in shape and are read once each
export function reference(name: string): any {
  const path = golden(`gauntlet/${name}.json`)
  return path === null ? null : JSON.parse(readFileSync(path, 'utf8'))
}

/** Rows of numbers of `golden/gauntlet/<name>.csv`, without its header. */
export function table(name: string, header = false): number[][] {
  const path = golden(`gauntlet/${name}.csv`)
  if (path === null) return []
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.slice(header ? 1 : 0).map((line) => line.split(',').map(Number))
}

/** Rows -> columns, shape [K][T]. */
export const columnsOf = (rows: readonly number[][]): Float64Array[] =>
  (rows[0] ?? []).map((_, k) => Float64Array.from(rows, (row) => row[k]!))

/** Equal within `tolerance`, absolute or relative. */
export function expectClose(actual: number, expected: number, label: string, tolerance = 1e-10): void {
  const error = Math.abs(actual - expected)
  const near = error <= tolerance || error <= tolerance * Math.abs(expected)
  expect(near, `${label}: ${actual} is not ${expected}`).toBe(true)
}

/** Element by element, as many as `expected` has. */
export function expectAllClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  label: string,
  tolerance = 1e-10,
): void {
  for (const [i, value] of expected.entries()) expectClose(actual[i]!, value, `${label}[${i}]`, tolerance)
}
