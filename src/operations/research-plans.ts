import type {ResearchPlan} from '../contracts/research-plan.ts'
import type {Desk} from '../desk.ts'
import {type Member, readBatch} from './gauntlet-batch.ts'
import type {Researched} from './gauntlet-vaults.ts'
import {type FeatureFile, namedPaths, readFeatureFile} from './hypothesis-files.ts'
import {type ImportRequest, readRecord} from './hypothesis-import.ts'
import {planResearch} from './research-plan.ts'
import {lakeVenues, researchOf} from './seal-research.ts'
import {selectionVenue} from './select-universe.ts'

/** `qo backtest --dry-run`. @throws Fault `artifact.*`, `feature.*` (contract) and as `planResearch` */
export async function planBacktest(desk: Desk, file: string): Promise<ResearchPlan> {
  const [member] = (await readBatch(desk, [file])) as [Member]
  const {id} = member.hypothesis
  return planResearch(desk, {
    command: `qo backtest ${id}`,
    batch: [member],
    trials: [{hypothesis: id, points: member.grid.length}],
    writes: ['hypotheses/returns/', `reports/backtest/${id}/`],
  })
}

/** `qo features report --dry-run`: a look at a hypothesis is a trial, one at a set of features is not. */
export async function planFeaturesReport(desk: Desk, named: readonly string[]): Promise<ResearchPlan> {
  const files = await featureFiles(desk, named)
  const batch = await Promise.all(files.map((file) => researchedIn(desk, file)))
  return planResearch(desk, {
    command: ['qo features report', ...named].join(' '),
    batch,
    trials: batch.flatMap((one) => ('grid' in one ? [{hypothesis: one.hypothesis.id, points: one.grid.length}] : [])),
    writes: files.map(({id}) => `reports/features/${id}/`),
  })
}

/** `qo features --dry-run`. */
export async function planFeatures(desk: Desk, named: readonly string[]): Promise<ResearchPlan> {
  const files = await featureFiles(desk, named)
  return planResearch(desk, {
    command: ['qo features', ...named].join(' '),
    batch: await Promise.all(files.map((file) => researchedIn(desk, file))),
    writes: [
      'data/lake/features/',
      ...files.flatMap(({id}) => [`data/manifests/features/${id}.json`, `reports/features/${id}.md`]),
    ],
  })
}

/** `qo select --history | --offset-test | --survivorship --dry-run`. */
export async function planStudy(
  desk: Desk,
  study: 'history' | 'offset-test' | 'survivorship',
  command: string,
): Promise<ResearchPlan> {
  return planResearch(desk, {
    command,
    batch: [researchOf(await selectionVenue(desk))],
    tables: 'candles',
    writes: [`reports/selection/${study}.md`, `reports/selection/${study}.svg`],
  })
}

/** `qo lake sql --dry-run`: the query is not run, so it is not refused either. */
export async function planSql(desk: Desk, out: string | null): Promise<ResearchPlan> {
  return planResearch(desk, {
    command: 'qo lake sql',
    batch: (await lakeVenues(desk)).map((venue) => researchOf(venue)),
    tables: 'the tables of the query',
    writes: out === null ? [] : [out],
  })
}

/**
 * What an import would do: the file is read and refused as the import itself would refuse it, and nothing is judged.
 *
 * @throws Fault as `hypothesisImport`
 */
export async function planImport(desk: Desk, request: ImportRequest): Promise<ResearchPlan> {
  const {id, net, period} = await readRecord(desk, request)
  const folder = `reports/imports/${id}`
  return {
    artifact: 'research-plan@1',
    ok: true,
    command: `qo hypothesis import --csv ${request.csv} --trials ${request.trials}`,
    reads: [{what: `${request.csv}: ${net.length} returns, one a ${period.name}`, until: null}],
    // The trials of a record made elsewhere are claimed, never counted.
    trials: [],
    seals: [],
    writes: ['import.json', 'report.md', 'equity.svg'].map((name) => `${folder}/${name}`),
  }
}

async function featureFiles(desk: Desk, named: readonly string[]): Promise<FeatureFile[]> {
  const files: FeatureFile[] = []
  for (const path of await namedPaths(desk, named)) files.push(await readFeatureFile(desk, path))
  return files
}

/** The hypothesis behind a file of expressions, or what stands for the author of a set that no hypothesis has claimed. */
export async function researchedIn(desk: Desk, {path, venue, compiled}: FeatureFile): Promise<Member | Researched> {
  if (path.startsWith('hypotheses/')) return (await readBatch(desk, [path]))[0]!
  return researchOf(venue, compiled.bar)
}
