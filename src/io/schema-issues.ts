import {type Document, isMap, isNode, isPair, type LineCounter, type Node} from 'yaml'
import {z} from 'zod'
import {nearestName} from '../kernel/nearest-name.ts'

/** zod issues -> lines `path:line:col message`, with the nearest known key for an unknown one. */
export function describeIssues(
  error: z.ZodError,
  document: Document,
  lines: LineCounter,
  path: string,
  schema: z.ZodType,
): string[] {
  return error.issues.map((issue) => {
    const at = [...issue.path] as (string | number)[]
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : []
    const {line, col} = positionOf(document, lines, unknown.length > 0 ? [...at, unknown[0]!] : at)
    const where = `${path}:${line}:${col}`
    if (unknown.length === 0) return `${where} ${at.length > 0 ? `${at.join('.')}: ` : ''}${issue.message}`
    const known = knownKeys(schema, at)
    const hints = unknown.map((key) => {
      const near = nearestName(key, known)
      return near === null ? `'${key}'` : `'${key}' (did you mean '${near}'?)`
    })
    return `${where} unknown key ${hints.join(', ')}${at.length > 0 ? ` in ${at.join('.')}` : ''}`
  })
}

function positionOf(
  document: Document,
  lines: LineCounter,
  at: readonly (string | number)[],
): {line: number; col: number} {
  let node: unknown = document.contents
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const step of at) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && String((item.key as {value?: unknown})?.value) === String(step),
      )
      if (!pair) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value
    } else {
      const child = (node as {items?: unknown[]} | null)?.items?.[Number(step)]
      if (!isNode(child)) break
      offset = child.range?.[0] ?? offset
      node = child
    }
  }
  return lines.linePos(offset)
}

function knownKeys(schema: z.ZodType, at: readonly (string | number)[]): string[] {
  try {
    let node = z.toJSONSchema(schema, {io: 'input', unrepresentable: 'any'}) as Record<string, unknown>
    for (const step of at) {
      const properties = node['properties'] as Record<string, Record<string, unknown>> | undefined
      const next = typeof step === 'number' ? node['items'] : (properties?.[step] ?? node['additionalProperties'])
      if (typeof next !== 'object' || next === null) return []
      node = next as Record<string, unknown>
    }
    return Object.keys((node['properties'] as object | undefined) ?? {})
  } catch {
    return []
  }
}
