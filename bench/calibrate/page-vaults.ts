import {cellsOf, pooled} from './acceptance.ts'
import {rateOf} from './interval.ts'
import {between, count, percent, type Row, section, share, table} from './page-table.ts'
import {SETS} from './plan.ts'
import type {Result} from './result.ts'
import {countOf, namedBy} from './tally.ts'

export function vaults(result: Result): string {
  const rows = SETS.flatMap((set) =>
    cellsOf(result, set, 'vault').map((cell): Row => {
      const {work} = cell
      if (work.kind !== 'vault') throw new Error(`${cell.id} attacks no vault.`)
      const broken = pooled([cell], 'broken')
      return [
        set,
        work.author,
        work.policy,
        count(cell.reps),
        (countOf(cell.tally, 'asked') / cell.reps).toFixed(1),
        (countOf(cell.tally, 'passes') / cell.reps).toFixed(2),
        `**${share(broken)}**`,
        between(broken),
      ]
    }),
  )
  return section(
    'A hundred attempts on one vault',
    `Authors who adapt to every answer, a vault of 375 days, the stop rule off. The *climber* owns no edge and climbs on the bit.
The *prober* owns a real edge and submits it with one worthless stream added, so that each answer tells the sign of that
stream in the vault; every second attempt it submits the sum of all streams with the signs it has learnt, which is worthless.
Counted are vaults on which a worthless idea passed, by the whole of stage 9; a run ends at its first false pass. *Naive* is
5 % per attempt, what a desk without a schedule spends.`,
    table(['seeds', 'author', 'policy', 'vaults', 'attempts', 'passes', 'with a false PASS', '95 % interval'], rows),
  )
}

const QUARTERS = [1, 2, 4, 8] as const

export function decay(result: Result): string {
  const rows = SETS.flatMap((set) =>
    cellsOf(result, set, 'decay').map(({id, tally, reps}): Row => {
      const alarms = namedBy(tally, 'alarm:').map(([look, n]) => [Number(look), n] as const)
      const by = (quarters: number): number => alarms.reduce((sum, [look, n]) => sum + (look <= quarters ? n : 0), 0)
      const early = rateOf(countOf(tally, 'early'), reps)
      return [
        set,
        id,
        count(reps),
        `${share(early)} (${between(early)})`,
        ...(alarms.length === 0 ? QUARTERS.map(() => '–') : QUARTERS.map((q) => percent(by(q) / reps))),
        percent(countOf(tally, 'never') / reps),
      ]
    }),
  )
  return section(
    'Decay',
    `Four years of research at a Sharpe of 2, then a forward record of three years, looked at by the monitor every 91 days: kill
e-process, CUSUM with false alarms ${result.gates.monitor.cusum_years} years apart, and drawdown. *Early* is an alarm while the edge was alive. What the
monitor does as it ships, with theory beside it: [MONITOR.md](MONITOR.md).`,
    table(['seeds', 'record', 'n', 'early', ...QUARTERS.map((q) => `within ${q * 91} days`), 'never'], rows),
  )
}

export function evidence(result: Result): string {
  const rows = SETS.flatMap((set) =>
    cellsOf(result, set, 'evidence').map((cell): Row => {
      const at = (step: number, year: number): string => share(pooled([cell], `e:${step} within ${year}`))
      return [
        set,
        cell.id.replace('forward Sharpe ', ''),
        count(cell.reps),
        at(3, 1),
        at(8, 1),
        at(20, 1),
        at(20, 2),
        at(20, 4),
      ]
    }),
  )
  return section(
    'Forward evidence',
    `Share of forward records whose e-value has reached a step of the capital ladder at any day until then. Under no edge, 20 may
be reached by at most 5 % however long one looks.`,
    table(
      ['seeds', 'Sharpe', 'n', '3 in 1 year', '8 in 1 year', '20 in 1 year', '20 in 2 years', '20 in 4 years'],
      rows,
    ),
  )
}
