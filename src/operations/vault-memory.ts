import {type Vault, VaultMemory} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

const MEMORY = VaultMemory.path.split('/').at(-1)!

/**
 * Remember in the state folder what the workspace seals: a vault that no ledger entry and no commit names yet would
 * otherwise be gone with its file, and its rows be read.
 */
export async function rememberVaults(desk: Desk, vaults: readonly Vault[]): Promise<void> {
  const memory = await remembered(desk)
  const keyOf = ({id, venue, start, end}: Vault): string => `${id} ${venue} ${start} ${end}`
  const all = new Map([...memory.vaults, ...vaults].map((vault) => [keyOf(vault), vault]))
  if (all.size > memory.vaults.length) await write(desk, {...memory, vaults: [...all.values()]})
}

/** Remember that research read the bars of a venue before this instant, and no vault was there. */
export async function rememberReads(desk: Desk, read: VaultMemory['reads'][number]): Promise<void> {
  const memory = await remembered(desk)
  const before = memory.reads.find(({venue}) => venue === read.venue)
  if (before !== undefined && before.until >= read.until) return
  await write(desk, {...memory, reads: [...memory.reads.filter((one) => one !== before), read]})
}

/** How far research read into a vault before it was sealed; null: no row of it. */
export async function readBeforeSeal(desk: Desk, vault: Vault | null): Promise<string | null> {
  if (vault === null) return null
  const {reads} = await remembered(desk)
  return reads.find(({venue, until}) => venue === vault.venue && until > vault.start)?.until ?? null
}

async function write(desk: Desk, memory: VaultMemory): Promise<void> {
  if (!desk.dryRun) await desk.state.write(VaultMemory, memory, MEMORY)
}

/** A memory that cannot be read, or is of another workspace, remembers nothing. */
async function remembered(desk: Desk): Promise<VaultMemory> {
  const nothing: VaultMemory = {artifact: 'vault-memory@1', root: desk.root, vaults: [], reads: []}
  if (!(await desk.state.exists(MEMORY))) return nothing
  try {
    const memory = await desk.state.read(VaultMemory, MEMORY)
    return memory.root === desk.root ? memory : nothing
  } catch (cause) {
    if (cause instanceof Fault) return nothing
    throw cause
  }
}
