import {Fault} from './fault.ts'
import {sha256} from './sha256.ts'

/**
 * JSON with sorted keys and no white space, so that equal values have equal bytes and one hash.
 *
 * Keys whose value is undefined are left out. NaN and Infinity have no JSON form and are refused:
 * a hash over `null` in their place would make different results look equal.
 *
 * @throws Fault `json.not_finite` (bug)
 * @see RFC 8785 (JSON Canonicalization Scheme); numbers are the ECMAScript shortest form
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Fault('json.not_finite', {
      family: 'bug',
      what: `${value} cannot be written as JSON.`,
      why: 'A hashed record holds only finite numbers; a missing number is null on purpose.',
      next: ['report this with the command you typed'],
    })
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** SHA-256 over the canonical form: the identity of any declared value. */
export const hashOf = (value: unknown): string => sha256(canonicalJson(value))
