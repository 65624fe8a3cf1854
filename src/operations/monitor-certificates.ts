import {isConfirmed, type LifecycleState} from '../cognition/hypotheses/lifecycle.ts'
import {eLond} from '../cognition/statistics/e-lond.ts'
import {ForwardRecord} from '../contracts/forward.ts'
import type {GauntletConfig} from '../contracts/gauntlet.ts'
import type {LedgerEntry} from '../contracts/ledger.ts'
import type {Desk} from '../desk.ts'
import type {Reading} from './monitor-settle.ts'

/**
 * The label `certified`: e-LOND over everything a vault ever confirmed, in the order of confirmation. What has decayed or
 * was retired keeps its place with no evidence: leaving it out would make the rest look better.
 */
export async function certificates(
  desk: Desk,
  entries: readonly LedgerEntry[],
  readings: readonly Reading[],
  {monitor}: GauntletConfig,
): Promise<Map<string, {level: number | null; certified: boolean}>> {
  const confirmed = [
    ...new Set(
      entries.flatMap((entry) => (entry.kind === 'unseal' && entry.verdict === 'PASS' ? [entry.configuration] : [])),
    ),
  ]
  const own = new Map(readings.map(({identity, reading}) => [identity.configuration, reading.e_forward]))
  const {levels, discovered} = eLond(
    await Promise.all(
      confirmed.map(async (configuration) => own.get(configuration) ?? (await lastE(desk, configuration))),
    ),
    monitor.e_lond_alpha,
  )
  return new Map(
    readings.map(({identity, reading, moves}) => {
      const place = confirmed.indexOf(identity.configuration)
      const isOne = place >= 0 && discovered[place]! && reading.e_forward >= 20 && isConfirmed(moves.at(-1)!.to)
      return [identity.configuration, {level: place < 0 ? null : levels[place]!, certified: isOne}]
    }),
  )
}

/** The evidence that a hypothesis which is not read now left behind, by its report; none is 0. */
async function lastE(desk: Desk, configuration: string): Promise<number> {
  for (const name of await desk.files.list('reports/forward')) {
    if (!name.endsWith('.json')) continue
    const record = await desk.files.read(ForwardRecord, `reports/forward/${name}`)
    if (record.configuration === configuration && isConfirmed(record.state as LifecycleState))
      return record.reading.e_forward
  }
  return 0
}
