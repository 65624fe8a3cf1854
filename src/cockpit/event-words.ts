type Body = Readonly<Record<string, unknown>>

/** What a person wants of an event, in the order it is read; the words stand for themselves, the rest is named. */
const WANTED = ['state', 'verdict', 'control', 'cause', 'reason', 'side', 'sz', 'coin', 'px'] as const
const NAMED = [
  'phase',
  'fee',
  'equity',
  'traded',
  'vetoed',
  'cost_bps',
  'differences',
  'mode',
  'latched',
  'pid',
] as const

/**
 * An event of any chain as one short line: known fields wherever they stand in the body, nothing that only a machine
 * reads. A body without any of them gives an empty line; its kind still says that it happened.
 */
export function eventWords(body: Body): string {
  const words = WANTED.flatMap((name) => {
    const value = find(body, name)
    return typeof value === 'string' && value !== '' ? [value] : []
  })
  const named = NAMED.flatMap((name) => {
    const value = find(body, name)
    const label = name.replaceAll('_', ' ')
    if (Array.isArray(value)) return [`${value.length} ${label}`]
    if (typeof value === 'boolean') return [value ? label : `not ${label}`]
    if (typeof value === 'number') return [`${label} ${Number.isInteger(value) ? value : value.toFixed(1)}`]
    return typeof value === 'string' && value !== '' ? [`${label} ${value}`] : []
  })
  return [...words, ...named].join(' ')
}

/** The field of that name, in the body itself or in an object inside it. */
function find(body: Body, name: string): unknown {
  if (name in body && !isPlain(body[name])) return body[name]
  for (const inner of Object.values(body)) {
    if (isPlain(inner) && name in inner && !isPlain(inner[name])) return inner[name]
  }
  return undefined
}

const isPlain = (value: unknown): value is Body => value !== null && typeof value === 'object' && !Array.isArray(value)
