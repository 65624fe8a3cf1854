import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parse, stringify} from 'yaml'
import {openDesk} from '../src/cli/open-desk.ts'
import {runConfiguration} from '../src/cognition/backtest/run-configuration.ts'
import {firstHeldBar} from '../src/cognition/backtest/tear-sheet.ts'
import {evaluateSignals} from '../src/cognition/features/evaluate.ts'
import {rankMembers} from '../src/cognition/features/operators/rank-members.ts'
import {gridOf} from '../src/cognition/hypotheses/grid-of.ts'
import {familyBlockLength} from '../src/cognition/statistics/block-length.ts'
import {correlation} from '../src/cognition/statistics/correlation.ts'
import {sharpeOrZero} from '../src/cognition/statistics/sharpe.ts'
import {stationaryIndices} from '../src/cognition/statistics/stationary-bootstrap.ts'
import {FeatureSet} from '../src/contracts/features.ts'
import type {Desk} from '../src/desk.ts'
import {DAY_MS, isoOf} from '../src/kernel/instant.ts'
import {Random} from '../src/kernel/random.ts'
import {gauntlet} from '../src/operations/gauntlet.ts'
import {type Member, readBatch} from '../src/operations/gauntlet-batch.ts'
import {ingestFile} from '../src/operations/ingest-file.ts'
import {init} from '../src/operations/init.ts'
import {loadPanel} from '../src/operations/load-panel.ts'
import {universeFor} from '../src/operations/select-universe.ts'

const RESEARCH = {kind: 'research'} as const
/** First instant that no verdict has seen. */
const CUT = '2024-01-01T00:00:00.000Z'
const DRAWS = 2000
/** Holding periods under which each formula is judged, in days. */
const HOLDS = [1, 7]
const YEAR = 365
/** What others measured between a backtest and what came after it. */
const WIECKI = {backtest: 0.025, model: 0.17, strategies: 888}

/** One rule: what the verdict was on bars before the cut, and what it earned behind it. */
export interface Judged {
  readonly id: string
  /** `ELIGIBLE`, or the first stage that was not passed */
  readonly outcome: string
  /** net Sharpe of the research window, annual; null when nothing could be measured */
  readonly research: number | null
  /** shape [T] net returns of each bar behind the cut */
  readonly after: Float64Array
  /** returns before every cost, of the bars before the cut and of those behind it */
  readonly gross: {readonly before: Float64Array; readonly after: Float64Array}
}

/**
 * Does a verdict say anything about later returns? Every evaluable formulaic alpha at two holding periods, and every grid
 * point of the shipped hypotheses, judged on daily bars before the cut, then run over the bars behind it.
 *
 * The bars behind the cut are a sealed vault of the workspace that judges, and only another workspace, which judges
 * nothing, reads them.
 *
 * @param parquet  daily candles of the venue, absolute path
 */
export async function judgeAndFollow(parquet: string): Promise<Judged[]> {
  const roots = {
    judging: mkdtempSync(join(tmpdir(), 'qo-validity-')),
    following: mkdtempSync(join(tmpdir(), 'qo-validity-')),
  }
  try {
    const judging = await workspaceOf(roots.judging, parquet)
    const following = await workspaceOf(roots.following, parquet)
    const end = (await (await judging()).lake.commits()).flatMap(({files}) => files.map(({max_ts}) => max_ts))
    const vault = {id: 'V-binance-202401', venue: 'binance', start: CUT, tier: 'V0', policy: 'keep'}
    const vaults = [{...vault, end: isoOf(Math.max(...end) + DAY_MS)}]
    writeFileSync(join(roots.judging, 'configs/vaults.yaml'), stringify({artifact: 'vaults@1', vaults}))
    const {verdicts} = await gauntlet(await judging(), {files: [], all: false})
    const runs = await followed(await following())
    return verdicts.map(({hypothesis, verdict, failedStage, figures}) => ({
      id: hypothesis,
      outcome: verdict === 'ELIGIBLE' || failedStage === null ? verdict : `${verdict} at ${failedStage}`,
      research: figures.sharpeAnnual,
      ...runs.get(hypothesis)!,
    }))
  } finally {
    for (const root of Object.values(roots)) rmSync(root, {recursive: true, force: true})
  }
}

async function workspaceOf(root: string, parquet: string): Promise<() => Promise<Desk>> {
  const open = () => openDesk({root, asOf: undefined, dryRun: false, quiet: true, needsWorkspace: false})
  await init(await open(), {exchange: 'binance'})
  await ingestFile(await open(), {
    ...{path: parquet, shape: 'ohlcv', venue: 'binance', interval: '1d', coin: null},
    ...{map: {}, zone: null, unit: 'ms', maxBad: 0, completeFrom: null, survivor: false},
  })
  writeRules(root)
  return open
}

/** The shipped hypotheses point by point, and each formula as a long-short book of its ranks. */
function writeRules(root: string): void {
  const shipped = ['cross-sectional-momentum', 'short-term-reversal', 'trend', 'funding-carry']
  const texts = new Map(shipped.map((id) => [id, readFileSync(join(root, `hypotheses/${id}.yaml`), 'utf8')]))
  const write = (id: string, body: object): void =>
    writeFileSync(join(root, `hypotheses/${id}.yaml`), stringify({...body, id}))
  for (const [id, text] of texts) {
    rmSync(join(root, `hypotheses/${id}.yaml`))
    // No funding before the venue's own rows: nothing to judge.
    if (id === 'funding-carry') continue
    const body = parse(text) as {params: Record<string, number[]>}
    for (const [k, point] of gridOf(body).entries()) {
      const params = Object.fromEntries(Object.entries(point).map(([name, value]) => [name, [value]]))
      write(`${id}-${k + 1}`, {...body, family: `${id}-${k + 1}`, params, primary: point})
    }
  }
  const path = fileURLToPath(new URL('../configs/features/alpha101.yaml', import.meta.url))
  const momentum = parse(texts.get('cross-sectional-momentum')!) as {portfolio: object}
  const set = FeatureSet.schema.parse(parse(readFileSync(path, 'utf8')))
  for (const [name, expression] of Object.entries(set.features)) {
    for (const days of HOLDS) {
      write(`${name}-${days}d`, {
        ...momentum,
        family: `${name}-${days}d`,
        claim: 'The published formula ranks the coins by what they will return over the days that follow.',
        mechanism:
          'None is claimed: Kakushadze (2016) published the formulas without one, on shares of another market.',
        features: {alpha: expression},
        signal: 'cs_rank(alpha) - 0.5',
        portfolio: {...momentum.portfolio, rebalance: `${days}d`},
        params: {},
        primary: {},
      })
    }
  }
}

/** Returns of every rule behind the cut: run over all bars, so that the book at the cut is the one it would have held. */
async function followed(desk: Desk): Promise<Map<string, Pick<Judged, 'after' | 'gross'>>> {
  const found = new Map<string, Pick<Judged, 'after' | 'gross'>>()
  const members = (await readBatch(desk, [])) as Member[]
  const inputs = ['open', 'high', 'low', 'close', 'volume', 'trades', 'funding'] as const
  const panel = await loadPanel(desk, {venue: 'binance', interval: '1d', inputs, purpose: RESEARCH})
  const from = panel.ts.findIndex((ts) => ts >= Date.parse(CUT))
  const {mask} = await universeFor(desk, members[0]!.hypothesis, panel, RESEARCH)
  for (const {hypothesis, compiled, grid, primary, costs} of members) {
    const params = grid[primary]!
    const signal = evaluateSignals(compiled, panel, mask, [params])[0]!
    const run = runConfiguration({hypothesis, params, panel, universe: mask, signal, costs})
    const held = firstHeldBar(run)
    const gross = {before: run.gross.slice(Math.min(held, from), from), after: run.gross.slice(from)}
    found.set(hypothesis.id, {after: run.net.slice(from), gross})
  }
  return found
}

/** The section of docs/REAL-DATA.md. */
export function validitySection(judged: readonly Judged[]): string {
  const measured = judged.filter(({research, after}) => research !== null && after.some((r) => r !== 0))
  const research = measured.map((one) => one.research!)
  const annual = (x: Float64Array): number => sharpeOrZero(x) * Math.sqrt(YEAR)
  const columns = measured.map(({after}) => after)
  const realised = columns.map(annual)
  const net = intervalsOver(redraw(columns, annual))
  const bare = measured.filter(({gross}) => gross.before.some((r) => r !== 0))
  const grossColumns = bare.map(({gross}) => gross.after)
  const gross = intervalsOver(redraw(grossColumns, annual))
  const grossRealised = grossColumns.map(annual)
  const grossResearch = bare.map((one) => annual(one.gross.before))
  const rankOn =
    (before: readonly number[]) =>
    (x: readonly number[]): number =>
      correlation(ranks(before), ranks(x))
  const r2On =
    (before: readonly number[]) =>
    (x: readonly number[]): number =>
      correlation(before, x) ** 2
  const outcomes = [...new Set(measured.map(({outcome}) => outcome))].sort()
  const rows = outcomes.map((outcome) => {
    const mine = measured.flatMap((one, i) => (one.outcome === outcome ? [i] : []))
    const mean = (x: readonly number[]): number => mine.reduce((total, i) => total + x[i]!, 0) / mine.length
    const positive = mine.filter((i) => realised[i]! > 0).length
    return [
      outcome,
      mine.length,
      mean(research).toFixed(2),
      mean(realised).toFixed(2),
      net(mean),
      `${positive} of ${mine.length}`,
    ]
  })
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  const head = [
    'verdict on bars to 2023-12-31',
    'rules',
    'mean research Sharpe',
    'mean realised Sharpe',
    '95 % interval',
    'realised above 0',
  ]
  const silent = judged.length - measured.length
  return `## What came after the verdict

**The warning above holds here twice: whoever drew up this list of coins knew which would live until 2026.**

${judged.length} rules, declared before the first was run: the 82 evaluable formulas of Kakushadze (2016) as dollar-neutral books of their ranks, rebalanced
each day and each week, and every grid point of the shipped hypotheses on its own. Judged at the shipped thresholds and costs on daily bars to 2023-12-31; 2024-01-01
to the end was the sealed vault of that workspace. Realised: the net return of the same book over those later bars, ${columns[0]?.length ?? 0} days.
${silent} rules never traded, or could not be measured before the cut, and are left out below.

${row(head)}
${row(head.map(() => '---'))}
${rows.map(row).join('\n')}

| Sharpe to 2023-12-31 against Sharpe behind it | net of costs | 95 % interval | before every cost | 95 % interval |
| --- | --- | --- | --- | --- |
| rank correlation (Spearman), ${measured.length} rules | ${rankOn(research)(realised).toFixed(2)} | ${net(rankOn(research))} | ${rankOn(grossResearch)(grossRealised).toFixed(2)} | ${gross(rankOn(grossResearch))} |
| R² | ${r2On(research)(realised).toFixed(3)} | ${net(r2On(research))} | ${r2On(grossResearch)(grossRealised).toFixed(3)} | ${gross(r2On(grossResearch))} |
| R² of backtest Sharpe on ${WIECKI.strategies} strategies of real authors (Wiecki et al. 2016) | ${WIECKI.backtest} | | | |
| R² of their best model of many features | ${WIECKI.model} | | | |

Intervals: ${DRAWS} stationary bootstraps of the later days, the same days for all rules, so that rules which move together count as what they
are. A rule that trades too much loses to costs in both periods, so costs alone make net figures agree; the columns before every cost show what is left
for the market. Neither is evidence that research finds edges; the table says whether it turned away what went on to lose.
`
}

/** 95 % of a figure of the rules over resamples of their realised Sharpes. */
const intervalsOver =
  (draws: readonly (readonly number[])[]) =>
  (of: (sharpes: readonly number[]) => number): string => {
    const sorted = draws.map(of).sort((a, b) => a - b)
    const at = (q: number): string => sorted[Math.floor(q * (sorted.length - 1))]!.toFixed(2)
    return `${at(0.025)} to ${at(0.975)}`
  }

/** Realised figures of each rule in resamples of the days behind the cut. */
function redraw(columns: readonly Float64Array[], figure: (x: Float64Array) => number): number[][] {
  const T = columns[0]!.length
  const random = new Random('docs|predictive validity|v1')
  const b = familyBlockLength(columns)
  return Array.from({length: DRAWS}, () => {
    const starts = Array.from({length: T}, () => random.below(T))
    const path = stationaryIndices(
      starts,
      Array.from({length: T}, () => random.unit()),
      b,
    )
    const drawn = new Float64Array(T)
    return columns.map((column) => {
      for (let t = 0; t < T; t++) drawn[t] = column[path[t]!]!
      return figure(drawn)
    })
  })
}

function ranks(x: readonly number[]): Float64Array {
  const out = new Float64Array(x.length)
  rankMembers(Float64Array.from(x), x.length, out)
  return out
}
