import {rebalanceBars} from '../cognition/backtest/rebalance-bars.ts'
import {warmupBars} from '../cognition/features/compile-hypothesis.ts'
import {effectiveLabels, gatherEvidence} from '../cognition/gauntlet/gather-evidence.ts'
import {researchWindow} from '../cognition/gauntlet/research-window.ts'
import {runPrimary} from '../cognition/gauntlet/run-grid.ts'
import {runStages} from '../cognition/gauntlet/run-stages.ts'
import {judgeVault} from '../cognition/gauntlet/stages/09-vault.ts'
import type {GauntletConfig, Stage} from '../contracts/gauntlet.ts'
import type {Vault} from '../contracts/workspace.ts'
import type {Desk} from '../desk.ts'
import {hashOf} from '../kernel/canonical-json.ts'
import {Fault} from '../kernel/fault.ts'
import {YEAR_MS} from '../kernel/instant.ts'
import type {Registration} from './gauntlet-register.ts'
import {loadPanel} from './load-panel.ts'
import {universeFor} from './select-universe.ts'

/**
 * Load research and vault once, run the declared rule over both, and judge the part inside the vault.
 *
 * Research bars serve as warm-up and as the yardstick of consistency. Nothing but the stage leaves this function, and
 * the caller shows one bit of it.
 *
 * @throws Fault `vault.no_bars` (data) when the lake holds nothing of the window: the attempt is spent all the same
 */
export async function openVault(
  desk: Desk,
  {member, vault, commit}: Registration & {readonly vault: Vault},
  config: GauntletConfig,
  alpha: number,
  attempt: number,
): Promise<{stage: Stage; dataSha: string; resultSha: string}> {
  const {hypothesis, compiled, grid, venue} = member
  const purpose = {kind: 'unseal', vault: vault.id} as const
  const inputs = ['open', 'high', 'low', 'close', 'volume', 'trades', 'funding'] as const
  const to = Date.parse(vault.end)
  // The attempt is spent: a hole must not turn it into no answer at all.
  const panel = await loadPanel(
    {...desk, allowGaps: true},
    {venue, interval: hypothesis.bar, inputs, to, commit, purpose},
  )
  const inside = panel.ts.findIndex((open) => open >= Date.parse(vault.start))
  if (inside < 0) {
    throw new Fault('vault.no_bars', {
      family: 'data',
      what: `The lake holds no bar of ${vault.id}.`,
      why: 'The window was sealed when its bars were there; they are gone, and the attempt is spent.',
      next: ['qo lake verify'],
    })
  }
  const {mask} = await universeFor({...desk, allowGaps: true}, hypothesis, panel, purpose, commit)
  const warmup = Math.max(...grid.map((params) => warmupBars(compiled, params)))
  const decisions = rebalanceBars(panel, hypothesis.portfolio.rebalance)
  const window = researchWindow(panel, mask, hypothesis.universe.min_assets, warmup, decisions)
  const rule = {...member, panel, mask: window.mask}
  const own = runPrimary(rule)
  const stressed = runPrimary(rule, {costMultiplier: config.vault.stress_multiplier})
  const research = {...own, net: own.net.subarray(0, inside), netExposure: own.netExposure.subarray(0, inside)}
  const evidence = gatherEvidence([research], 0, {
    panel: {...panel, ts: panel.ts.subarray(0, inside)},
    mask: window.mask,
    first: window.first ?? inside,
    warmupBars: warmup,
    beta: false,
  })
  const net = own.net.subarray(inside)
  const seed = `qo-gauntlet|v1|hyp:${member.configuration}|data:${panel.dataSha}|stage:vault|attempt:${attempt}`
  const {stages} = runStages(
    [
      {
        id: 9,
        name: 'vault',
        judge: () =>
          judgeVault(
            {
              net,
              stressed: stressed.net.subarray(inside),
              nEff: effectiveLabels(own, {from: inside, to: panel.ts.length}),
              research: evidence.net[0]!,
              blockLength: evidence.blockLength,
              alpha,
              periodsPerYear: YEAR_MS / panel.barMs,
              seed,
            },
            config.vault,
          ),
      },
    ],
    true,
  )
  return {stage: stages[0]!, dataSha: panel.dataSha, resultSha: hashOf(Array.from(net))}
}
