import {TABLES} from '../contracts/index.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'

/** The commit number that is meant; the newest when none is named. @throws Fault `lake.unknown_commit` (usage) */
export async function requireCommit(desk: Desk, commit: number | undefined): Promise<number> {
  const newest = (await desk.lake.commits()).length
  if (commit === undefined) return newest
  if (commit >= 0 && commit <= newest) return commit
  throw new Fault('lake.unknown_commit', {
    family: 'usage',
    what: `There is no commit ${commit}.`,
    why: `The newest is ${newest}.`,
    next: ['qo lake log'],
  })
}

/** Raw frames are no table, but they are files of the lake. */
const RAW = 'frames'

/** @throws Fault `lake.unknown_table` (usage) */
export function requireTable(table: string): void {
  const names = [...TABLES.map(({id}) => id.split('@')[0]!), RAW]
  if (names.includes(table)) return
  throw new Fault('lake.unknown_table', {
    family: 'usage',
    what: `There is no table '${table}'.`,
    why: `The lake has ${names.join(', ')}.`,
    next: ['qo lake status'],
  })
}
