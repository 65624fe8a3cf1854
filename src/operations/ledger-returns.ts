import {type DailyReturns, dailyReturns, packReturns, unpackReturns} from '../cognition/hypotheses/daily-returns.ts'
import {kinByReturns, type ReturnsKinship} from '../cognition/hypotheses/returns-kinship.ts'
import type {Params} from '../contracts/hypothesis.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Panel} from '../contracts/panel.ts'
import {ResearchReturns} from '../contracts/returns.ts'
import type {Desk} from '../desk.ts'
import {hashOf} from '../kernel/canonical-json.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf} from '../kernel/instant.ts'
import {sha256} from '../kernel/sha256.ts'

/** What one configuration earned on research bars, by grid point. */
export interface Earned {
  readonly configuration: string
  readonly panel: Panel
  /** bars of the panel that were measured */
  readonly bars: {readonly from: number; readonly to: number}
  readonly points: readonly {readonly params: Params /** over `bars` */; readonly net: ArrayLike<number>}[]
}

/** What the stored returns say about kinship, for `trialCount`. */
export interface KnownReturns {
  readonly correlated: readonly ReturnsKinship[]
  /** hypothesis -> why nobody can say what it earned */
  readonly unknown: ReadonlyMap<string, string>
}

export const returnsPath = (ref: string): string => `hypotheses/returns/${ref.slice(0, 16)}.json`

/**
 * Store what a grid earned, a day at a time, beside the ledger; returns the hash that the ledger keeps.
 *
 * Research bars only: nothing at or after the start of a vault is in it, so it may be committed.
 */
export async function leaveReturns(desk: Desk, {configuration, panel, bars, points}: Earned): Promise<string> {
  const ts = panel.ts.subarray(bars.from, bars.to)
  const packed = packReturns(points.map(({net}) => dailyReturns(ts, net)))
  const stored: ResearchReturns = {
    artifact: 'research-returns@1',
    configuration,
    venue: panel.venue,
    bar: panel.interval,
    data_sha: panel.dataSha,
    data_as_of: isoOf(bars.to > 0 ? panel.ts[bars.to - 1]! + panel.barMs : 0),
    ...packed,
    points: packed.points.map((point, g) => ({params: {...points[g]!.params}, ...point})),
  }
  const text = `${JSON.stringify(ResearchReturns.schema.parse(stored), null, 2)}\n`
  const ref = sha256(text)
  await desk.files.writeText(returnsPath(ref), text)
  return ref
}

/**
 * Compare what every hypothesis in the ledger earned with what every other did.
 *
 * A configuration that was run and whose returns are not stored, are gone or are not the bytes the ledger vouches for,
 * makes its hypothesis unknown: it then counts as kin of everybody, until the series is there again.
 *
 * @param fresh  configuration -> what this command has just measured, not in the ledger yet
 */
export async function knownReturns(
  desk: Desk,
  entries: readonly LedgerEntry[],
  fresh: ReadonlyMap<string, string> = new Map(),
): Promise<KnownReturns> {
  const refs = refsOf(entries, fresh)
  const streams = new Map<string, DailyReturns[]>()
  const unknown = new Map<string, string>()
  for (const [hypothesis, configurations] of refs) {
    const own: DailyReturns[] = []
    for (const [configuration, ref] of configurations) {
      const found = ref === null ? null : await readSeries(desk, ref, configuration)
      if (found !== null) own.push(...found)
      else unknown.set(hypothesis, lossOf(hypothesis, ref))
    }
    streams.set(hypothesis, own)
  }
  return {correlated: kinByReturns(streams), unknown}
}

/**
 * hypothesis -> configuration that was ever run -> its newest stored returns, null when none were stored. A verdict has
 * the whole grid, a backtest one point of it: the verdict speaks for both.
 */
function refsOf(
  entries: readonly LedgerEntry[],
  fresh: ReadonlyMap<string, string>,
): Map<string, Map<string, string | null>> {
  const refs = new Map<string, Map<string, string | null>>()
  const [judged, looked] = [new Map<string, string>(), new Map<string, string>()]
  for (const entry of entries) {
    if (entry.kind !== 'run' && entry.kind !== 'verdict') continue
    if (entry.returns_ref) (entry.kind === 'run' ? looked : judged).set(entry.configuration, entry.returns_ref)
    if (entry.kind !== 'run') continue
    const own = refs.get(entry.hypothesis) ?? new Map<string, string | null>()
    refs.set(entry.hypothesis, own.set(entry.configuration, null))
  }
  for (const own of refs.values())
    for (const configuration of own.keys())
      own.set(configuration, fresh.get(configuration) ?? judged.get(configuration) ?? looked.get(configuration) ?? null)
  return refs
}

/**
 * Daily research returns of one grid point of a configuration; empty when none are stored.
 *
 * @throws Fault `returns.lost` (data) when the ledger names a series that is gone: a claim that cannot be read cannot be
 *               monitored
 */
export async function primaryReturns(
  desk: Desk,
  entries: readonly LedgerEntry[],
  configuration: string,
  params: Params,
): Promise<Float64Array> {
  const entry = newestVerdict(entries, configuration)
  const ref = entry?.returns_ref
  if (!ref) return new Float64Array(0)
  const series = await readSeries(desk, ref, configuration)
  if (series === null) {
    throw new Fault('returns.lost', {
      family: 'data',
      what: `${returnsPath(ref)} is gone or edited.`,
      why: `It holds what ${entry.hypothesis} claimed in research; forward evidence is compared with it.`,
      next: [`git checkout -- ${returnsPath(ref)}`, `qo gauntlet ${entry.hypothesis}`],
    })
  }
  const {points} = await desk.files.read(ResearchReturns, returnsPath(ref))
  const wanted = hashOf(params)
  return series[points.findIndex((point) => hashOf(point.params) === wanted)]?.values ?? new Float64Array(0)
}

/** Daily research returns of every grid point of a configuration; null: none are stored, or they are gone or edited. */
export async function configurationReturns(
  desk: Desk,
  entries: readonly LedgerEntry[],
  configuration: string,
): Promise<DailyReturns[] | null> {
  const ref = newestVerdict(entries, configuration)?.returns_ref
  return ref ? readSeries(desk, ref, configuration) : null
}

const newestVerdict = (entries: readonly LedgerEntry[], configuration: string) =>
  entries.findLast(
    (candidate): candidate is Extract<LedgerEntry, {kind: 'verdict'}> =>
      candidate.kind === 'verdict' && candidate.configuration === configuration && Boolean(candidate.returns_ref),
  )

/** null: the file is not there, or is not what the ledger vouches for. */
async function readSeries(desk: Desk, ref: string, configuration: string): Promise<DailyReturns[] | null> {
  const path = returnsPath(ref)
  if (!(await isStored(desk, ref))) return null
  try {
    const stored = await desk.files.read(ResearchReturns, path)
    return stored.configuration === configuration ? unpackReturns(stored) : null
  } catch (cause) {
    if (cause instanceof Fault) return null
    throw cause
  }
}

/** Whether the series is there with the bytes that the ledger names. */
export async function isStored(desk: Desk, ref: string): Promise<boolean> {
  const path = returnsPath(ref)
  return (await desk.files.exists(path)) && (await desk.files.hash(path)) === ref
}

const lossOf = (hypothesis: string, ref: string | null): string =>
  ref === null
    ? `it was run and its returns are not stored, so it cannot be shown to be another idea (qo gauntlet ${hypothesis})`
    : `its stored returns are gone or edited, so it cannot be shown to be another idea (git checkout -- ${returnsPath(ref)})`
