import {planVault, type Span} from '../cognition/gauntlet/plan-vault.ts'
import type {GauntletConfig} from '../contracts/gauntlet.ts'
import type {Hypothesis} from '../contracts/hypothesis.ts'
import {Candles} from '../contracts/market.ts'
import {type Vault, Vaults} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {INTERVAL_MS, type Interval} from '../kernel/instant.ts'

/** What is researched, a hypothesis or a set of features, and the venue it is researched on. */
export interface Researched {
  readonly hypothesis: Pick<Hypothesis, 'bar' | 'gauntlet'>
  readonly venue: string
}

/**
 * See to it that every venue of the batch has a vault before anybody reads its research data.
 *
 * A venue without one (or whose vaults are all exhausted) and with a hypothesis that names none gets the newest part of
 * its history sealed. Span and length come from commit records and one aggregate: no price is read.
 *
 * @param exhausted  ids of vaults whose alpha is spent
 * @param movable    ids of vaults to plan anew, because history has become long enough to decide: never asked, and
 *                   nobody waits for their answer
 * @returns          every vault of the workspace, those made now, and those that gave way to one of these
 * @throws Fault     `vault.no_room` (data)
 */
export async function sealVaults(
  desk: Desk,
  batch: readonly Researched[],
  config: GauntletConfig['vault'],
  exhausted: ReadonlySet<string>,
  movable: ReadonlySet<string> = new Set(),
): Promise<{
  vaults: readonly Vault[]
  made: readonly Vault[]
  givenUp: readonly Vault[]
  spans: ReadonlyMap<string, Span>
}> {
  const before = await desk.lake.vaults()
  const standing = before.filter(({id}) => !movable.has(id))
  const made: Vault[] = []
  const spans = new Map<string, Span>()
  for (const venue of new Set(batch.map((member) => member.venue))) {
    const members = batch.filter((member) => member.venue === venue).map(({hypothesis}) => hypothesis)
    const span = await venueSpan(desk, venue)
    if (span === null) continue
    spans.set(venue, span)
    const unnamed = members.filter(({gauntlet}) => gauntlet.vault === undefined)
    if (unnamed.length === 0 || standing.some((vault) => vault.venue === venue && !exhausted.has(vault.id))) continue
    const vault = roomFor(
      venue,
      span,
      {
        srTarget: Math.min(...unnamed.map(({gauntlet}) => gauntlet.sr_target)),
        barMs: Math.max(...members.map(({bar}) => INTERVAL_MS[bar])),
        share: config.share,
        maxShare: config.max_share,
        ...researchedUntil(before.filter(({id, venue: of}) => movable.has(id) && of === venue)),
      },
      [...standing, ...made],
    )
    if (vault !== null) made.push(vault)
  }
  // A vault gives way to one that was made for its venue, and to nothing else.
  const givenUp = before.filter(({id, venue}) => movable.has(id) && made.some((one) => one.venue === venue))
  const vaults = [...before.filter((vault) => !givenUp.includes(vault)), ...made]
  if (made.length > 0) await desk.files.write(Vaults, {artifact: 'vaults@1', vaults})
  return {vaults, made, givenUp, spans}
}

/** Up to the start of a vault that is given up research has read: the next one begins there at the earliest. */
const researchedUntil = (given: readonly Vault[]): {notBefore?: number} =>
  given.length === 0 ? {} : {notBefore: Math.max(...given.map(({start}) => Date.parse(start)))}

/** The next vault; null when the old ones are spent and no fresh data has come: research goes on, unsealing waits. */
function roomFor(...[venue, span, plan, taken]: Parameters<typeof planVault>): Vault | null {
  try {
    return planVault(venue, span, plan, taken)
  } catch (error) {
    const waits =
      error instanceof Fault && error.code === 'vault.no_room' && taken.some((vault) => vault.venue === venue)
    if (waits) return null
    throw error
  }
}

/** The vault a hypothesis is judged against: the one it names, else the venue's newest that is not exhausted. */
export function vaultOf(
  {hypothesis, venue}: Researched,
  vaults: readonly Vault[],
  exhausted: ReadonlySet<string>,
): Vault | null {
  const ofVenue = vaults.filter((vault) => vault.venue === venue)
  const named = hypothesis.gauntlet.vault
  if (named !== undefined) return ofVenue.find(({id}) => id === named) ?? null
  const open = ofVenue.filter(({id}) => !exhausted.has(id)).sort((a, b) => Date.parse(a.end) - Date.parse(b.end))
  return open.at(-1) ?? ofVenue.sort((a, b) => Date.parse(a.end) - Date.parse(b.end)).at(-1) ?? null
}

/** From the venue's first traded bar to the close of its last complete one at the decision time; null: no bars. */
export async function venueSpan(desk: Desk, venue: string): Promise<Span | null> {
  const commits = (await desk.lake.commits()).filter((commit) => commit.table === tableName && commit.venue === venue)
  const closes = commits.flatMap(({files, interval}) =>
    files.map(({max_ts}) => max_ts + INTERVAL_MS[interval as Interval]),
  )
  if (closes.length === 0) return null
  const {rows} = await desk.lake.sql(
    `SELECT min(ts) FROM ${tableName} WHERE venue = '${venue}' AND volume > 0`,
    desk.asOf,
    {holes: 'allow'},
  )
  const from = Number(rows[0]?.[0] ?? Number.NaN)
  const to = Math.min(Math.max(...closes), desk.asOf)
  return Number.isFinite(from) && from < to ? {from, to} : null
}

const tableName = Candles.path.split('/').at(-1)!
