import {BookConfig} from '../contracts/book.ts'
import {AccountSnapshot, type HaltState} from '../contracts/orders.ts'
import {type Breach, RiskCheckReport, RiskLimits} from '../contracts/risk.ts'
import {SelectedAssets} from '../contracts/selection.ts'
import type {Desk} from '../desk.ts'
import {fileStampOf, isoOf} from '../kernel/instant.ts'
import {type Compared, compareLimits} from '../reflex/compare-limits.ts'
import {killswitchStatus} from './killswitch-status.ts'
import {readChain} from './read-chain.ts'

export interface RiskCheckResult {
  readonly artifact: 'risk-check@1'
  /** false when a limit is breached */
  readonly ok: boolean
  readonly state: HaltState
  readonly latched: boolean | 'memory'
  readonly breaches: readonly Breach[]
  readonly limits: Compared['limits']
  readonly account: string | null
  readonly equity: string | null
  /** venue time of the exposure; null when no account was ever used here */
  readonly reconciledAt: string | null
  readonly path: string
}

const JOURNAL = 'data/journal/guard.jsonl'

/**
 * Validate the limits and compare them with the exposure of the last reconcile. No reconcile yet: an empty account.
 *
 * @throws Fault `artifact.missing`, `artifact.invalid` (contract) for the limits; `journal.broken_chain` (data)
 */
export async function riskCheck(desk: Desk): Promise<RiskCheckResult> {
  const limits = await desk.files.read(RiskLimits)
  const last = await lastReconcile(desk)
  const compared: Compared =
    last === null
      ? {limits: [], breaches: []}
      : compareLimits(limits, last.snapshot, {...(await contextOf(desk)), dayLowEquity: last.dayLow})
  const {state, latched} = await killswitchStatus(desk)
  const limitsSha = await desk.files.hash(RiskLimits.path)
  const reconciledAt = last === null ? null : isoOf(last.snapshot.at)
  const facts = {
    account: last?.snapshot.account ?? null,
    equity: last?.snapshot.equity ?? null,
    limits: [...compared.limits],
    breaches: [...compared.breaches],
  }
  const path = await desk.files.write(
    RiskCheckReport,
    {
      artifact: 'risk-check@1',
      ...{state, latched: latched !== false, limits_sha: limitsSha, reconciled_at: reconciledAt, ...facts},
      provenance: {
        data_as_of: reconciledAt,
        seed: null,
        qo_version: desk.version,
        data_sha: null,
        inputs: {[RiskLimits.path]: limitsSha},
      },
    },
    `reports/risk/check-${fileStampOf(desk.asOf)}.yaml`,
  )
  return {artifact: 'risk-check@1', ok: compared.breaches.length === 0, state, latched, ...facts, reconciledAt, path}
}

/** The venue's truth as the guard last wrote it down. */
async function lastReconcile(desk: Desk): Promise<{snapshot: AccountSnapshot; dayLow: string | null} | null> {
  const entry = (await readChain(desk.files, JOURNAL)).findLast(({kind}) => kind === 'reconcile')
  if (entry === undefined) return null
  const {day, ...snapshot} = entry.body
  return {snapshot: AccountSnapshot.parse(snapshot), dayLow: (day as {low?: string} | undefined)?.low ?? null}
}

async function contextOf(desk: Desk): Promise<{selected: readonly string[] | null; dailySigma: number | null}> {
  const selected = await desk.files.read(SelectedAssets).catch(() => null)
  const book = await desk.files.read(BookConfig).catch(() => null)
  return {
    selected: selected?.selected.map(({asset}) => asset) ?? null,
    dailySigma: book === null ? null : book.vol_target_annual / Math.sqrt(365),
  }
}
