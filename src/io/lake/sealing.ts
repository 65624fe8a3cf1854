import {researchEnd, type Vault, Vaults} from '../../contracts/workspace.ts'
import type {FilesPort, LakeQuery, Purpose} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {INTERVAL_MS, type Interval, isoOf, parseInstant} from '../../kernel/instant.ts'

/** The sealed windows of the workspace. No file: none. A file that cannot be trusted: a Fault, never "none". */
export async function readVaults(files: FilesPort): Promise<readonly Vault[]> {
  if (!(await files.exists(Vaults.path))) return []
  return (await files.read(Vaults)).vaults
}

/** Instant from which a read sees nothing: a hole behind it is none of its business. */
export const visibleEnd = (vaults: readonly Vault[], {venue, purpose}: Pick<LakeQuery, 'venue' | 'purpose'>): number =>
  purpose.kind === 'research' ? researchEnd(vaults, venue) : Number.POSITIVE_INFINITY

/**
 * Which rows a purpose may see, as an SQL condition on `ts`.
 *
 * `research` ends where the first vault of the venue starts: what lies behind is sealed or forward, and neither may
 * shape an idea. A bar that only begins before the window is hidden too: its close is inside. `unseal` adds the one
 * window it names, less any other vault that overlaps it. `live` sees the market as it is.
 *
 * @throws Fault `lake.unknown_vault` (contract)
 * @see gauntlet amendments: the vault as an object of the workspace
 */
export function visibleRows(
  vaults: readonly Vault[],
  {venue, interval, purpose}: {venue: string; interval: string | null; purpose: Purpose},
): string {
  if (purpose.kind === 'live') return 'TRUE'
  const bar = interval === null ? 0 : INTERVAL_MS[interval as Interval]
  const before = (instant: number): string => (bar > 0 ? `ts + ${bar} <= ${instant}` : `ts < ${instant}`)
  const end = researchEnd(vaults, venue)
  const research = Number.isFinite(end) ? `(${before(end)})` : 'TRUE'
  if (purpose.kind === 'research') return research

  const opened = vaults.find(({id}) => id === purpose.vault)
  if (!opened) {
    throw new Fault('lake.unknown_vault', {
      family: 'contract',
      what: `There is no vault ${purpose.vault} in ${Vaults.path}.`,
      why: 'Unsealing names exactly one declared window.',
      next: [`look into ${Vaults.path}`],
    })
  }
  if (opened.venue !== venue) return research
  const others = vaults.filter(({id, venue: at}) => id !== opened.id && at === venue)
  const inside = [
    `ts >= ${parseInstant(opened.start)}`,
    before(parseInstant(opened.end)),
    ...others.map(({start, end}) => `NOT (ts + ${bar} > ${parseInstant(start)} AND ts < ${parseInstant(end)})`),
  ]
  return `(${research} OR (${inside.join(' AND ')}))`
}

/** Rows inside a sealed window, as an SQL condition: what `lake verify` counts and never shows. */
export function sealedRows(vaults: readonly Vault[], venue: string, interval: string | null): string {
  const bar = interval === null ? 1 : INTERVAL_MS[interval as Interval]
  const windows = vaults
    .filter((vault) => vault.venue === venue)
    .map(({start, end}) => `(ts + ${bar} > ${parseInstant(start)} AND ts < ${parseInstant(end)})`)
  return windows.length === 0 ? 'FALSE' : windows.join(' OR ')
}

/** What to write into the journal when a research read asks for rows behind the seal; null when it does not. */
export function trespassOf(vaults: readonly Vault[], query: LakeQuery): Record<string, unknown> | null {
  if (query.purpose.kind !== 'research') return null
  const end = researchEnd(vaults, query.venue)
  // A read without bounds asks for "what I may see"; only a bound behind the seal asks for more.
  const beyond = [query.from, query.to].filter((bound) => bound !== undefined && bound > end)
  if (beyond.length === 0) return null
  return {
    table: query.table.id,
    venue: query.venue,
    asked_to: isoOf(Math.max(...(beyond as number[]))),
    sealed_from: isoOf(end),
  }
}
