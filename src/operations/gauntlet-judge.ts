import {judgeHypothesis, type Sources} from '../cognition/gauntlet/judge-hypothesis.ts'
import {vaultHistory} from '../cognition/gauntlet/ledger-history.ts'
import type {Book} from '../cognition/gauntlet/marginal-value.ts'
import {runStages, type StagesRun} from '../cognition/gauntlet/run-stages.ts'
import {judgeRegister, type RegisterInput} from '../cognition/gauntlet/stages/00-register.ts'
import {judgeMissingData} from '../cognition/gauntlet/stages/01-data.ts'
import {effectiveTrialsOf} from '../cognition/gauntlet/statistical-stages.ts'
import {vaultAlpha} from '../cognition/gauntlet/vault-alpha.ts'
import type {TrialCount} from '../cognition/hypotheses/trial-count.ts'
import {type GauntletConfig, GauntletVerdict} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import {normalCdf, normalPpf} from '../kernel/distributions.ts'
import {isoOf, YEAR_MS} from '../kernel/instant.ts'
import {warningsOf, windowOf} from './gauntlet-judged-on.ts'
import type {Registration} from './gauntlet-register.ts'
import type {Opened} from './gauntlet-run.ts'

const NOTHING_MEASURED: GauntletVerdict['figures'] = {
  sharpeAnnual: null,
  meanAnnual: null,
  volatilityAnnual: null,
  maxDrawdown: null,
  minimumDetectableSharpe: null,
  posteriorFalseDiscovery: null,
  labels: null,
  turnoverAnnual: null,
  prior: null,
}

/** Checks of the specification that this version does not make: listed in every verdict, never counted as passed. */
const NOT_RUN = ['stage 10 (forward evidence): qo gauntlet monitor']

/**
 * Judge one hypothesis whose grid was run. Pure over its arguments: the same registration, trials and data give the same
 * bytes.
 */
export function judgeOpened(
  opened: Opened,
  trials: TrialCount,
  entries: readonly LedgerEntry[],
  {
    config,
    all,
    version,
    books,
    sources,
  }: {config: GauntletConfig; all: boolean; version: string; books: readonly Book[]; sources: Sources},
): GauntletVerdict {
  const {registration} = opened
  const {member, vault} = registration
  const {hypothesis} = member
  const history = vault ? vaultHistory(entries, vault.id, new Set(trials.family)) : null
  const next = vault && history ? vaultAlpha(history, vault.policy, config.vault.alpha) : null
  const vaultYears = vault ? (Date.parse(vault.end) - Date.parse(vault.start)) / YEAR_MS : 0
  const seedBase = `qo-gauntlet|v1|hyp:${member.configuration}|data:${opened.kind === 'run' ? opened.panel.dataSha : 'none'}`
  const register = registerInput(registration)
  const run: StagesRun & {figures: GauntletVerdict['figures']} =
    opened.kind === 'run'
      ? judgeHypothesis(
          opened.opened,
          {
            register,
            N: trials.N,
            vaultYears,
            vaultFrom: vault ? Date.parse(vault.start) : 0,
            nextAlpha: next?.alpha ?? Number.NaN,
            books,
            spanFrom: registration.span?.from ?? 0,
            seedOf: (stage) => `${seedBase}|stage:${stage}`,
          },
          config,
          all,
          sources,
        )
      : {...runStages(missingCalls(register, opened, member.venue), all), figures: NOTHING_MEASURED}
  const lacksNothing = opened.kind === 'run'
  // Parsed, so that a verdict has its keys in the order of its file whether it was made now or read.
  return GauntletVerdict.schema.parse({
    artifact: 'gauntlet-verdict@1',
    hypothesis: hypothesis.id,
    verdict: run.verdict,
    failedStage: run.failedStage,
    decidesOn: run.decidesOn,
    sentence: run.sentence,
    configuration: member.configuration,
    allStages: all || run.verdict === 'ELIGIBLE',
    trials: {
      N: trials.N,
      grid: member.grid.length,
      Neff:
        lacksNothing && opened.opened.evidence.net[0]!.length >= 2
          ? effectiveTrialsOf({net: opened.opened.evidence.net, N: trials.N})
          : null,
      ledger: trials.ledger,
      git: trials.git,
      programme: trials.programme,
      family: [...trials.family],
      kin: [...trials.kin],
    },
    window: lacksNothing ? windowOf(opened) : null,
    vault:
      vault && next
        ? {
            id: vault.id,
            from: vault.start,
            to: vault.end,
            years: vaultYears,
            nextAttempt: next.attempt,
            nextAlpha: next.alpha,
            powerAtTarget: normalCdf(hypothesis.gauntlet.sr_target * Math.sqrt(vaultYears) - normalPpf(1 - next.alpha)),
          }
        : null,
    figures: run.figures,
    warnings: warningsOf(opened, trials),
    stages: [...run.stages],
    notRun: [...NOT_RUN, ...run.stages.flatMap(({id, notRun}) => notRun.map((name) => `stage ${id}: ${name}`))],
    reproduce: `qo gauntlet ${member.path}`,
    provenance: {
      data_as_of:
        lacksNothing && opened.panel.ts.length > 0 ? isoOf(opened.panel.ts.at(-1)! + opened.panel.barMs) : null,
      seed: lacksNothing ? `${seedBase}|stage:…` : null,
      qo_version: version,
      data_sha: lacksNothing ? opened.panel.dataSha : null,
      inputs: member.inputs,
    },
  })
}

/** How far research had read into the vault before it was sealed, as the registration says; null: no row of it. */
function readUntil(entry: LedgerEntry): string | null {
  const until = entry.detail?.['read_until']
  return entry.kind === 'register' && typeof until === 'string' ? until : null
}

function missingCalls(register: RegisterInput, {tables, sealed}: Extract<Opened, {kind: 'missing'}>, venue: string) {
  return [
    {id: 0, name: 'register', judge: () => judgeRegister(register)},
    {id: 1, name: 'data', judge: () => judgeMissingData(tables, venue, sealed)},
  ]
}

function registerInput({member, vault, span, entry}: Registration): RegisterInput {
  return {
    configuration: member.configuration,
    family: member.hypothesis.family,
    gridPoints: member.grid.length,
    primaryInGrid: member.primary >= 0,
    inLedger: entry.kind === 'register',
    vault: vault === null ? null : {id: vault.id, from: Date.parse(vault.start), to: Date.parse(vault.end)},
    history: span !== null,
    vaultNamed: member.hypothesis.gauntlet.vault ?? null,
    registeredAt: Date.parse(entry.ts),
    readUntil: readUntil(entry),
  }
}
