import {type Vault, VaultMemory} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

const MEMORY = VaultMemory.path.split('/').at(-1)!

/**
 * Remember in the state folder what the workspace seals: a vault that no ledger entry and no commit names yet would
 * otherwise be gone with its file, and its rows be read.
 */
export async function rememberVaults(desk: Desk, vaults: readonly Vault[]): Promise<void> {
  if (desk.dryRun) return
  const before = await remembered(desk)
  const keyOf = ({id, venue, start, end}: Vault): string => `${id} ${venue} ${start} ${end}`
  const all = new Map([...before, ...vaults].map((vault) => [keyOf(vault), vault]))
  if (all.size === before.length) return
  await desk.state.write(VaultMemory, {artifact: 'vault-memory@1', root: desk.root, vaults: [...all.values()]}, MEMORY)
}

async function remembered(desk: Desk): Promise<readonly Vault[]> {
  if (!(await desk.state.exists(MEMORY))) return []
  try {
    const {root, vaults} = await desk.state.read(VaultMemory, MEMORY)
    return root === desk.root ? vaults : []
  } catch (cause) {
    if (cause instanceof Fault) return []
    throw cause
  }
}
