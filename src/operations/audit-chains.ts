import type {ChainReport, Damage} from '../cockpit/audit/chain-report.ts'
import {auditJournal} from '../cockpit/audit/journal-chain.ts'
import {auditLinkedFiles, type LinkNames} from '../cockpit/audit/linked-files.ts'
import type {Desk, FilesPort} from '../desk.ts'
import {openLedger} from './ledger-book.ts'
import {readRituals} from './rituals-read.ts'

const LEDGER: LinkNames = {number: 'seq', genesis: '0'.repeat(64)}
const COMMITS: LinkNames = {number: 'n', genesis: ''}

/** Every hash chain of a workspace, as found on disk. */
export async function readChains(desk: Desk): Promise<ChainReport[]> {
  return [
    await ledger(desk),
    await linkedFiles(desk.files, 'lake', 'data/lake/commits', COMMITS),
    ...(await journals(desk.files, 'journal', 'data/journal', '')),
    ...(await journals(desk.state, 'guard', 'guard', 'state/')),
    (await readRituals(desk)).chain,
  ]
}

/** The ledger knows more than its own files: an entry that was committed to git and is gone was taken away. */
async function ledger(desk: Desk): Promise<ChainReport> {
  const report = await linkedFiles(desk.files, 'ledger', 'hypotheses/ledger', LEDGER)
  if (report.damage !== null) return report
  const fault = await openLedger(desk).then(
    () => null,
    (cause: Error) => cause,
  )
  if (fault === null) return report
  const [what = '', ...why] = fault.message.split('\n')
  return {...report, damage: {path: what.split(' ')[0] ?? report.path, line: 1, why: why.join(' ')}}
}

async function linkedFiles(files: FilesPort, chain: string, folder: string, names: LinkNames): Promise<ChainReport> {
  const found: {path: string; text: string}[] = []
  let damage: Damage | null = null
  for (const name of await files.list(folder)) {
    if (!name.endsWith('.json')) continue
    const path = `${folder}/${name}`
    try {
      found.push({path, text: await files.readText(path)})
    } catch (cause) {
      damage ??= {path, line: 1, why: (cause as Error).message.replaceAll('\n', ' ')}
    }
  }
  const report = auditLinkedFiles(chain, folder, names, found)
  return {...report, damage: damage ?? report.damage}
}

async function journals(files: FilesPort, chain: string, folder: string, shownUnder: string): Promise<ChainReport[]> {
  const names = (await files.list(folder)).filter((name) => name.endsWith('.jsonl'))
  return Promise.all(
    names.map(async (name) => {
      const [path, shown] = [`${folder}/${name}`, `${shownUnder}${folder}/${name}`]
      try {
        const report = auditJournal(chain, shown, await files.readText(path))
        // A writer may have been in the middle of a line: look once more before calling it damage.
        return report.damage === null ? report : auditJournal(chain, shown, await files.readText(path))
      } catch (cause) {
        const why = (cause as Error).message.replaceAll('\n', ' ')
        return {
          chain,
          path: shown,
          entries: 0,
          heads: [],
          hashes: new Set<string>(),
          damage: {path: shown, line: 1, why},
        }
      }
    }),
  )
}
