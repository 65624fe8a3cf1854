import {RitualRecord} from '../../contracts/rituals.ts'
import {hashOf} from '../../kernel/canonical-json.ts'

/** `prev` of the first record. */
export const RITUAL_GENESIS = '0'.repeat(64)

/** Seal a record: its hash covers every other field, the hash of the record before it included. */
export const sealRitual = (record: Omit<RitualRecord, 'hash'>): RitualRecord => ({...record, hash: hashOf(record)})

/**
 * The file of a record: front matter, then the page a person reads, both a pure function of the fields. A changed byte
 * anywhere therefore shows, also in the prose.
 */
export function ritualText(record: RitualRecord): string {
  const {items, ...fields} = record
  const front = Object.entries(fields).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  const list = items.map((item) => `  - ${JSON.stringify(item)}`)
  return ['---', ...front, 'items:', ...list, '---', '', ...page(record)].join('\n')
}

function page({title, at, verdict, expires_at, signed_by, items}: RitualRecord): string[] {
  const outcome = verdict === 'signed' ? `signed, valid until ${expires_at}` : 'refused: an item failed'
  const rows = items.map(({id, pass, finding}) => `| ${pass ? 'pass' : '**FAIL**'} | ${id} | ${cellText(finding)} |`)
  return [
    `# ${title}`,
    '',
    `${at} · ${outcome} · by ${signed_by}`,
    '',
    '| | item | finding |',
    '|---|---|---|',
    ...rows,
    '',
  ]
}

const cellText = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')

/** The record of a file, or the line (from 1) at which the file is not what its record says. */
export function parseRitual(
  text: string,
): {readonly record: RitualRecord} | {readonly line: number; readonly why: string} {
  const lines = text.split('\n')
  const end = lines.indexOf('---', 1)
  if (lines[0] !== '---' || end < 0) return {line: 1, why: 'it has no front matter'}
  const fields: Record<string, unknown> = {}
  const items: unknown[] = []
  for (const [i, line] of lines.slice(1, end).entries()) {
    if (line === 'items:') continue
    const match = /^(?:([a-z_]+): | {2}- )(.*)$/.exec(line)
    const value = match ? parseJson(match[2]!) : undefined
    if (value === undefined) return {line: i + 2, why: 'it is not a field of a ritual record'}
    if (match![1] === undefined) items.push(value)
    else fields[match![1]] = value
  }
  const parsed = RitualRecord.schema.safeParse({...fields, items})
  if (!parsed.success) return {line: 2, why: `it is not a ${RitualRecord.id}: ${parsed.error.issues[0]?.message}`}
  const {hash, ...body} = parsed.data
  const written = ritualText(parsed.data).split('\n')
  const different = lines.findIndex((line, i) => line !== written[i])
  if (different >= 0 || lines.length !== written.length) {
    return {line: (different < 0 ? written.length : different) + 1, why: 'it is not what its own record says'}
  }
  return hash === hashOf(body) ? {record: parsed.data} : {line: 2, why: 'its content does not match its hash'}
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * The first record that does not follow the one before it; null when the chain holds.
 *
 * @param records  each parsed, any order
 */
export function brokenRitualLink(
  records: readonly {readonly path: string; readonly record: RitualRecord}[],
): {path: string; line: number; why: string} | null {
  let prev = RITUAL_GENESIS
  for (const [i, {path, record}] of inOrder(records).entries()) {
    if (record.seq !== i + 1) return {path, line: 3, why: `it is number ${record.seq} where ${i + 1} was expected`}
    if (record.prev !== prev) return {path, line: 2, why: 'it does not follow the record before it'}
    prev = record.hash
  }
  return null
}

/** Records by their place in the chain. */
export const inOrder = <R extends {readonly record: RitualRecord}>(records: readonly R[]): R[] =>
  [...records].sort((a, b) => a.record.seq - b.record.seq)
