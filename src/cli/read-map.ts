import {Fault} from '../kernel/fault.ts'

/** `volume=Volume BTC,coin=exchange` -> ours to theirs. @throws Fault `ingest.bad_map` (usage) */
export function readMap(text: string): Record<string, string> {
  const pairs = text.split(',').filter((pair) => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1 || at === pair.length - 1) throw badMap(pair)
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
    }),
  )
}

const badMap = (pair: string): Fault =>
  new Fault('ingest.bad_map', {
    family: 'usage',
    what: `'${pair}' is no part of a --map.`,
    why: 'A map is ours=theirs, several parts with commas between them.',
    next: ['--map "volume=Volume BTC,coin=exchange"'],
  })
