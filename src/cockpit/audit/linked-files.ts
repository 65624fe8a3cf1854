import {canonicalJson, hashOf} from '../../kernel/canonical-json.ts'
import type {ChainReport, Damage} from './chain-report.ts'

/** What a file of a chain calls its number and its predecessors. */
export interface LinkNames {
  readonly number: string
  /** value of `prev` in the first entry */
  readonly genesis: string
}

interface Link {
  readonly path: string
  readonly hash: string
  readonly number: number
  readonly before: readonly string[]
}

/**
 * Check a chain of one JSON file per entry, as the lake's commits and the hypothesis ledger are.
 *
 * Each file's `hash` covers every other key; `prev` (and `merges`, where branches joined) name entries that must be
 * there, and the number is one more than the highest of theirs. Bytes that no writer of ours would leave are damage.
 *
 * @param files  path and text, any order
 */
export function auditLinkedFiles(
  chain: string,
  folder: string,
  names: LinkNames,
  files: readonly {readonly path: string; readonly text: string}[],
): ChainReport {
  const links: Link[] = []
  let damage: Damage | null = null
  for (const {path, text} of files) {
    const link = parseLink(path, text, names)
    if ('why' in link) damage ??= link
    else links.push(link)
  }
  const byHash = new Map(links.map((link) => [link.hash, link]))
  for (const link of links) damage ??= brokenPredecessors(link, byHash, names.genesis)
  const followed = new Set(links.flatMap(({before}) => before))
  const heads = links.filter(({hash}) => !followed.has(hash)).map(({hash}) => hash)
  return {chain, path: folder, entries: links.length, heads, hashes: new Set(byHash.keys()), damage}
}

function parseLink(path: string, text: string, {number, genesis}: LinkNames): Link | Damage {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(text) as Record<string, unknown>
  } catch (cause) {
    return {path, line: lineOfSyntaxError(text, cause as Error), why: 'it is not JSON'}
  }
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry))
    return {path, line: 1, why: 'it is not an entry'}
  const {hash, ...content} = entry
  if (typeof hash !== 'string' || hash !== hashOf(content))
    return {path, line: 1, why: 'its content does not match its hash'}
  const strange = strangeLine(text, entry)
  if (strange !== null) return {path, line: strange, why: 'its bytes are not those that were written'}
  const before = [entry['prev'], ...(Array.isArray(entry['merges']) ? entry['merges'] : [])].filter(
    (prev) => prev !== genesis,
  )
  return {path, hash, number: Number(entry[number]), before: before.map(String)}
}

/** First line that differs from every form our writers use; null when one fits. */
function strangeLine(text: string, entry: unknown): number | null {
  const forms = [0, 1, 2].map((indent) => `${JSON.stringify(entry, null, indent)}\n`)
  if (forms.includes(text) || text === `${canonicalJson(entry)}\n`) return null
  const lines = text.split('\n')
  const nearest = forms.map((form) => form.split('\n')).find((form) => form.length === lines.length)
  const at = nearest === undefined ? 0 : lines.findIndex((line, i) => line !== nearest[i])
  return Math.max(0, at) + 1
}

function lineOfSyntaxError(text: string, error: Error): number {
  const position = /position (\d+)/.exec(error.message)?.[1]
  return position === undefined ? text.split('\n').length : text.slice(0, Number(position)).split('\n').length
}

function brokenPredecessors(link: Link, byHash: ReadonlyMap<string, Link>, genesis: string): Damage | null {
  const {path, before, number} = link
  const missing = before.find((hash) => !byHash.has(hash))
  if (missing !== undefined) return {path, line: 1, why: `the entry before it, ${missing.slice(0, 12)}, is not there`}
  const expected = before.length === 0 ? 1 : 1 + Math.max(...before.map((hash) => byHash.get(hash)!.number))
  if (number === expected) return null
  const start = before.length === 0 ? ` after ${genesis === '' ? 'nothing' : 'genesis'}` : ''
  return {path, line: 1, why: `it is number ${number} where ${expected} was expected${start}`}
}
