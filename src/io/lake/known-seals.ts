import {LedgerEntry} from '../../contracts/ledger.ts'
import {type Vault, VaultMemory, Vaults} from '../../contracts/workspace.ts'
import type {FilesPort, GitPort} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'
import {parseInstant} from '../../kernel/instant.ts'

/** A sealed window that something other than `configs/vaults.yaml` remembers. */
export interface KnownSeal {
  readonly id: string
  /** null: whoever remembers it did not write down the venue */
  readonly venue: string | null
  readonly start: string
  /** null: not written down */
  readonly end: string | null
  readonly by: 'ledger' | 'git' | 'machine'
}

/** Where a workspace remembers its vaults beside the file that anybody can edit. */
export interface SealSources {
  readonly root: string
  readonly files: FilesPort
  readonly state: FilesPort
  readonly git: Pick<GitPort, 'versions'>
}

const LEDGER = 'hypotheses/ledger'
const MEMORY = VaultMemory.path.split('/').at(-1)!

/**
 * Refuse vaults that seal less than was ever relied on: research would read the rows that are to judge it.
 *
 * Ledger entries, every committed version of the file and the memory of this machine are asked. Vaults may be added and
 * windows may grow. A window that was given up by the documented way, nobody having asked it or waited for it, is named
 * in a ledger entry and is known no more.
 *
 * @throws Fault `vault.moved` (contract)
 */
export function keepSeals(sources: SealSources): (vaults: readonly Vault[]) => Promise<void> {
  const ledger = ledgerReader(sources.files)
  let outside: Promise<KnownSeal[]> | null = null
  return async (vaults) => {
    outside ??= Promise.all([committedSeals(sources), rememberedSeals(sources)]).then((found) => found.flat())
    const {known, givenUp} = await ledger()
    const moved = movedSeal([...known, ...(await outside)], givenUp, vaults)
    if (moved !== null) throw sealMoved(moved)
  }
}

/** The first window that the vaults do not cover from its start to its end; null: all of them are. */
export function movedSeal(
  known: readonly KnownSeal[],
  givenUp: readonly Pick<KnownSeal, 'id' | 'start'>[],
  vaults: readonly Vault[],
): KnownSeal | null {
  const isGivenUp = ({id, start}: KnownSeal): boolean =>
    givenUp.some((one) => one.id === id && parseInstant(one.start) === parseInstant(start))
  const covers = (vault: Vault, seal: KnownSeal): boolean =>
    (seal.venue === null ? vault.id === seal.id : vault.venue === seal.venue) &&
    parseInstant(vault.start) <= parseInstant(seal.start) &&
    (seal.end === null || parseInstant(vault.end) >= parseInstant(seal.end))
  return known.find((seal) => !isGivenUp(seal) && !vaults.some((vault) => covers(vault, seal))) ?? null
}

/** Windows in registrations and questions, and those given up since; each file is read once. */
function ledgerReader(files: FilesPort): () => Promise<{known: KnownSeal[]; givenUp: KnownSeal[]}> {
  const seen = new Set<string>()
  const known: KnownSeal[] = []
  const givenUp: KnownSeal[] = []
  return async () => {
    for (const name of await files.list(LEDGER)) {
      if (seen.has(name) || !name.endsWith('.json')) continue
      const entry = await files.read(LedgerEntry, `${LEDGER}/${name}`)
      seen.add(name)
      if (entry.kind === 'unseal-intent') known.push({id: entry.vault, venue: null, ...entry.window, by: 'ledger'})
      if (entry.kind !== 'register' || entry.vault === null || entry.window === null) continue
      const {vault_end: end, vault_venue: venue, given_up: gone} = entry.detail ?? {}
      known.push({
        id: entry.vault,
        venue: typeof venue === 'string' ? venue : null,
        start: entry.window.end,
        end: typeof end === 'string' ? end : null,
        by: 'ledger',
      })
      const parsed = Vaults.schema.shape.vaults.safeParse(gone)
      if (parsed.success) givenUp.push(...parsed.data.map((vault): KnownSeal => ({...vault, by: 'ledger'})))
    }
    return {known, givenUp}
  }
}

/** Every version of the file that any commit holds; one that no parser accepts sealed nothing. */
async function committedSeals({files, git}: SealSources): Promise<KnownSeal[]> {
  const seals = new Map<string, KnownSeal>()
  for (const text of await git.versions(Vaults.path)) {
    for (const vault of vaultsIn(files, text))
      seals.set(`${vault.id} ${vault.venue} ${vault.start} ${vault.end}`, {...vault, by: 'git'})
  }
  return [...seals.values()]
}

function vaultsIn(files: FilesPort, text: string): readonly Vault[] {
  try {
    return files.parse(Vaults, Vaults.path, text).vaults
  } catch (cause) {
    if (cause instanceof Fault) return []
    throw cause
  }
}

/** A memory that cannot be read, or is of another workspace, remembers nothing; ledger and git still do. */
async function rememberedSeals({root, state}: SealSources): Promise<KnownSeal[]> {
  if (!(await state.exists(MEMORY))) return []
  try {
    const memory = await state.read(VaultMemory, MEMORY)
    return memory.root === root ? memory.vaults.map((vault): KnownSeal => ({...vault, by: 'machine'})) : []
  } catch (cause) {
    if (cause instanceof Fault) return []
    throw cause
  }
}

const WHO = {ledger: 'The ledger', git: 'Git', machine: 'This machine'}

const sealMoved = ({id, venue, start, end, by}: KnownSeal): Fault =>
  new Fault('vault.moved', {
    family: 'contract',
    what: `${Vaults.path} no longer seals ${id}: ${start} to ${end ?? 'its end'}${venue === null ? '' : ` on ${venue}`}.`,
    why: `${WHO[by]} knows that window as sealed. Whatever research read behind its start could judge nothing any more, so no research reads the lake until it is back.`,
    next: [
      by === 'git' ? `git checkout -- ${Vaults.path}` : `git log --all -p -- ${Vaults.path}`,
      `put it back: {id: ${id}, venue: ${venue ?? 'its venue'}, start: ${start}, end: ${end ?? 'its end'}, tier: V0}`,
    ],
  })
