import {rebalanceBars} from '../cognition/backtest/rebalance-bars.ts'
import {warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {exhaustedVaults, vaultHistory} from '../cognition/gauntlet/ledger-history.ts'
import {powerPlan} from '../cognition/gauntlet/power-plan.ts'
import {researchWindow} from '../cognition/gauntlet/research-window.ts'
import {trialCount} from '../cognition/hypotheses/trial-count.ts'
import type {LineChart} from '../contracts/chart.ts'
import {GauntletConfig} from '../contracts/gauntlet.ts'
import {GauntletPower} from '../contracts/power.ts'
import type {Desk} from '../desk.ts'
import {normalCdf, normalPpf} from '../kernel/distributions.ts'
import {Fault} from '../kernel/fault.ts'
import {isoOf, parseDuration, YEAR_MS} from '../kernel/instant.ts'
import {checkDesk} from './check-desk.ts'
import {type Member, readBatch} from './gauntlet-batch.ts'
import {sealVaults, vaultOf} from './gauntlet-vaults.ts'
import {openLedger} from './ledger-book.ts'
import {gitVersions, identityOf} from './ledger-git.ts'
import {knownReturns} from './ledger-returns.ts'
import {loadPanel} from './load-panel.ts'
import {universeFor} from './select-universe.ts'

export interface PowerReport {
  readonly artifact: 'gauntlet-power-run@1'
  readonly ok: boolean
  readonly power: GauntletPower
  readonly paths: readonly string[]
}

/**
 * What the data can decide about one hypothesis, before its first trial.
 *
 * Counts and lengths only: how long the history is, where the vault lies or would be sealed, which coins the universe
 * has when. The window is that of the gauntlet, found in the same way. Nothing is registered, nothing is counted as a trial, no vault is made and none is read.
 *
 * @throws Fault `power.no_history`, `vault.no_room` (data), `artifact.*`, `feature.*` (contract)
 */
export async function gauntletPower(desk: Desk, file: string): Promise<PowerReport> {
  const config = await desk.files.read(GauntletConfig)
  const [member] = (await readBatch(desk, [file])) as [Member]
  const {hypothesis, venue, grid} = member
  const {entries} = await openLedger(desk)
  const before = await desk.lake.vaults()
  const exhausted = exhaustedVaults(entries, before, config.vault.alpha)
  // Planned on a desk that keeps what it would write: the window is the one the first run will seal.
  const {vaults, spans} = await sealVaults(checkDesk(desk, new Map()), [member], config.vault, exhausted)
  const [span, vault] = [spans.get(venue), vaultOf(member, vaults, exhausted)]
  if (span === undefined || vault === null) throw noHistory(member)

  const {barMs, windowFrom, end, assets, warmup} = await windowBefore(desk, member, Date.parse(vault.start))
  const rebalanceMs = parseDuration(hypothesis.portfolio.rebalance)
  // The gauntlet's gap is also as long as a block of the bootstrap, which only returns can tell.
  const gapMs = Math.max(warmup * barMs, rebalanceMs)
  const windowTo = Math.max(windowFrom, end - gapMs)
  const family = await familyTrials(desk, member, entries)
  const researchYears = (windowTo - windowFrom) / YEAR_MS
  const rebalances = Math.floor((windowTo - windowFrom) / rebalanceMs)
  const input = {
    ...{spent: family.spent, grid: grid.length, rebalances, researchYears, gapMs, spanFrom: span.from},
    // Without research there is only the warm-up to go by, as in the gauntlet's own date.
    windowFrom: researchYears > 0 ? windowFrom : span.from + warmup * barMs,
    rebalancesPerYear: YEAR_MS / rebalanceMs,
    vaultYears: (Date.parse(vault.end) - Date.parse(vault.start)) / YEAR_MS,
    vaultFrom: Date.parse(vault.start),
    srTarget: hypothesis.gauntlet.sr_target,
    maxVaultShare: config.vault.max_share,
    history: vaultHistory(entries, vault.id, new Set(family.names)),
    policy: vault.policy,
  }
  const power: GauntletPower = {
    artifact: 'gauntlet-power@1',
    hypothesis: hypothesis.id,
    configuration: member.configuration,
    srTarget: input.srTarget,
    trials: {spent: family.spent, grid: grid.length, family: [...family.names]},
    window: {venue, from: isoOf(windowFrom), to: isoOf(windowTo), years: researchYears, rebalances, assets},
    vault: {
      ...{id: vault.id, from: vault.start, to: vault.end, years: input.vaultYears},
      isSealed: before.some(({id}) => id === vault.id),
    },
    ...powerPlan(input, config),
    assumes: [
      'returns are independent from bar to bar and near normal: fat tails and autocorrelation cost power',
      'the edge is the same all the time, and the declared point has it',
      'unknown before a run, and taken as uniform: how alike the grid points are, and how many rebalances change the book',
      'the gap before the vault may be longer: a block of the bootstrap is known only from returns',
    ],
    provenance: {
      data_as_of: isoOf(span.to),
      seed: null,
      qo_version: desk.version,
      data_sha: null,
      inputs: member.inputs,
    },
  }
  const folder = `reports/gauntlet/${hypothesis.id}`
  const path = await desk.files.write(GauntletPower, power, `${folder}/power.json`)
  await desk.files.writeText(`${folder}/power.svg`, await desk.charts.svg(powerChart(power)))
  const isDecidable = power.scenarios.some(({isEnough}) => isEnough)
  return {
    artifact: 'gauntlet-power-run@1',
    ok: isDecidable,
    power,
    paths: desk.dryRun ? [] : [path, `${folder}/power.svg`],
  }
}

/** What the gauntlet will have before the vault: its own panel, universe and first decision, and no signal. */
async function windowBefore(
  opened: Desk,
  {hypothesis, venue, grid, compiled}: Member,
  end: number,
): Promise<{barMs: number; windowFrom: number; end: number; assets: number; warmup: number}> {
  // As the gauntlet reads: stage 1 judges what is missing.
  const desk = {...opened, allowGaps: true}
  const purpose = {kind: 'research'} as const
  const panel = await loadPanel(desk, {venue, interval: hypothesis.bar, inputs: ['close', 'volume'], to: end, purpose})
  const {mask} = await universeFor(desk, hypothesis, panel, purpose)
  const warmup = Math.max(...grid.map((params) => warmupBars(compiled, params)))
  const decisions = rebalanceBars(panel, hypothesis.portfolio.rebalance)
  const {first} = researchWindow(panel, mask, hypothesis.universe.min_assets, warmup, decisions)
  const {barMs, ts} = panel
  const assets = mask.filter((column) => column.includes(1)).length
  // A decision is filled in the bar after it. Without one there is no window: it would begin where the vault does.
  return {barMs, windowFrom: first === null ? end : Math.min(end, ts[first]! + barMs), end, assets, warmup}
}

/** What the family has spent without this grid: asked before and after it is counted in. */
async function familyTrials(
  desk: Desk,
  {hypothesis, groundOf}: Member,
  entries: Parameters<typeof trialCount>[0]['entries'],
): Promise<{spent: number; names: readonly string[]}> {
  const subject = identityOf(hypothesis, groundOf)
  const git = await gitVersions(desk, groundOf)
  const others = entries.filter(({configuration}) => configuration !== subject.configuration)
  const {
    ledger,
    git: inGit,
    family,
  } = trialCount({
    entries: others,
    subject,
    git: git?.filter(({configuration}) => configuration !== subject.configuration) ?? null,
    ...(await knownReturns(desk, entries)),
  })
  return {spent: Math.max(ledger, inGit ?? 0), names: family}
}

/** Power of the next attempts on the vault over the true Sharpe. */
function powerChart({hypothesis, attempts, vault, srTarget}: GauntletPower): LineChart {
  const x = Array.from({length: 81}, (_, k) => k / 20)
  return {
    kind: 'line',
    xKind: 'value',
    title: `${hypothesis}: chance that the vault confirms it`,
    xLabel: 'true annual Sharpe, net',
    yLabel: 'chance of PASS',
    series: attempts.map(({attempt, alpha}, k) => ({
      name: `attempt ${attempt}`,
      x,
      y: x.map((sharpe) => normalCdf(sharpe * Math.sqrt(vault.years) - normalPpf(1 - alpha))),
      dashed: k > 0,
    })),
    marks: [
      {axis: 'x', at: srTarget, label: 'declared'},
      {axis: 'y', at: 0.8, label: '80 %'},
    ],
  }
}

const noHistory = ({hypothesis, venue}: Member): Fault =>
  new Fault('power.no_history', {
    family: 'data',
    what: `The lake has no bars of ${venue}, where ${hypothesis.id} is researched.`,
    why: 'What data can decide follows from how long they are.',
    next: ['qo ingest', 'qo ingest archive binance', 'qo lake status'],
  })
