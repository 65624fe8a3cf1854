import type {RitualRecord, RitualsConfig} from '../../contracts/rituals.ts'

/** What a sign-off vouched for; a change of any of it makes the sign-off void. */
export type RitualBinding = RitualRecord['binds']

export interface RitualStanding {
  readonly ritual: string
  readonly title: string
  readonly state: 'never' | 'failed' | 'expired' | 'void' | 'valid'
  /** epoch ms; null unless it was once signed */
  readonly expiresAt: number | null
  readonly report: string | null
  /** what changed, for `void` */
  readonly because: string | null
}

/** A ritual that is not valid now has to be done. */
export const isDue = ({state}: RitualStanding): boolean => state !== 'valid'

/**
 * Where every declared ritual stands at `asOf`.
 *
 * The last record of a ritual decides: a failed attempt after a good one leaves nothing valid.
 *
 * @param records  path and record, any order
 * @param now      what is true now of everything a sign-off binds
 */
export function ritualStandings(
  {rituals}: RitualsConfig,
  records: readonly {readonly path: string; readonly record: RitualRecord}[],
  now: RitualBinding,
  asOf: number,
): RitualStanding[] {
  return rituals.map(({name, title}) => {
    const last = records.filter(({record}) => record.ritual === name).sort((a, b) => b.record.seq - a.record.seq)[0]
    if (last === undefined) return {ritual: name, title, state: 'never', expiresAt: null, report: null, because: null}
    const {record, path: report} = last
    const expiresAt = record.expires_at === null ? null : Date.parse(record.expires_at)
    const because = changed(record.binds, now)
    const base = {ritual: name, title, expiresAt, report, because: null}
    if (record.verdict === 'refused' || expiresAt === null) return {...base, state: 'failed'}
    // A sign-off from the future is a clock that was set back: it vouches for nothing.
    if (expiresAt <= asOf || Date.parse(record.at) > asOf) return {...base, state: 'expired'}
    return because === null ? {...base, state: 'valid'} : {...base, state: 'void', because}
  })
}

function changed(then: RitualBinding, now: RitualBinding): string | null {
  if (then.limits_sha !== now.limits_sha) return 'configs/risk_limits.yaml has changed since'
  if (then.qo_version !== now.qo_version) return `it was signed under qo ${then.qo_version}`
  return null
}
