import type {WalPort} from '../../desk.ts'
import {Fault} from '../../kernel/fault.ts'

/** Raw frames of a workspace: `data/lake/wal/<source>/<first seq>.wal`. */
export function openWal(_root: string, _options: {dryRun: boolean}): WalPort {
  throw new Fault('wal.write_failed', {family: 'bug', what: 'not here yet', why: 'not here yet', next: []})
}
