import {canonicalJson} from '../../kernel/canonical-json.ts'
import {sha256} from '../../kernel/sha256.ts'
import type {ChainReport, Damage} from './chain-report.ts'

const GENESIS = '0'.repeat(64)

/**
 * Check a hash-chained JSONL file to the last byte.
 *
 * Each line is the canonical JSON of {seq, ts, kind, body, prev, hash}; `hash` covers all but itself. Stricter than a
 * reader has to be: a line whose bytes are not the canonical form, or a tail without its newline, is damage too.
 *
 * @param text  the file, UTF-8
 */
export function auditJournal(chain: string, path: string, text: string): ChainReport {
  const lines = text.split('\n')
  const tail = lines.pop()
  const hashes = new Set<string>()
  let prev = GENESIS
  let damage: Damage | null = null
  for (const [i, line] of lines.entries()) {
    const why = brokenLink(line, i + 1, prev)
    if (why !== null) {
      damage = {path, line: i + 1, why}
      break
    }
    prev = (JSON.parse(line) as {hash: string}).hash
    hashes.add(prev)
  }
  if (damage === null && tail !== '') damage = {path, line: lines.length + 1, why: 'the last line was cut short'}
  return {chain, path, entries: hashes.size, heads: hashes.size === 0 ? [] : [prev], hashes, damage}
}

function brokenLink(line: string, seq: number, prev: string): string | null {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(line) as Record<string, unknown>
  } catch {
    return 'it is not JSON'
  }
  if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return 'it is not an entry'
  const {hash, ...content} = entry
  if (content['seq'] !== seq) return `it is numbered ${String(content['seq'])}`
  if (content['prev'] !== prev) return 'it does not follow the line before it'
  if (hash !== sha256(canonicalJson(content))) return 'its content does not match its hash'
  return line === canonicalJson(entry) ? null : 'its bytes are not those that were written'
}
