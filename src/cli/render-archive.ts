import {type Ending, renderTable} from './render.ts'

interface Facts {
  readonly planned: number
  readonly missing: readonly string[]
  readonly known: number
  readonly files: number
  readonly bytes: number
  readonly usd: number | null
  readonly downloaded: number
  readonly added: number
  readonly revised: number
  readonly unchanged: number
  readonly quarantined: number
  readonly failed: readonly {readonly file: string; readonly code: string; readonly what: string}[]
  readonly paths: readonly string[]
}

/** What an archive had, what it would cost, and what became of it. */
export function renderArchive(facts: Facts, dryRun: boolean): Ending {
  const {missing, known, files, bytes, usd, downloaded, added, revised, unchanged, quarantined, failed} = facts
  const cost = usd === null ? '' : `, ${usd.toFixed(2)} USD`
  const gone = missing.length === 0 ? 'none missing' : `${missing.length} missing (${missing.slice(0, 2).join(', ')})`
  return {
    ...(failed.length === 0
      ? {}
      : {
          body: renderTable(
            ['file', 'why it was left out'],
            failed.map(({file, code, what}) => [file, `${code}: ${what}`]),
          ),
        }),
    artifact: facts.paths,
    rationale: [
      `${files} files to fetch, ${(bytes / 1e6).toFixed(1)} MB${cost}; ${known} in the lake already, ${gone}`,
      dryRun
        ? 'nothing was fetched'
        : `${downloaded} downloaded · ${added} new rows, ${revised} revised, ${unchanged} known, ${quarantined} quarantined`,
    ],
    next: dryRun ? ['the same without --dry-run'] : failed.length > 0 ? ['run it again'] : ['qo lake status'],
  }
}
