import {type Rate, rateOf} from './interval.ts'
import type {SeedSet} from './plan.ts'
import type {Measured, Result} from './result.ts'
import {countOf} from './tally.ts'

/** What was promised, what was measured, and whether the interval agrees. */
export interface Target {
  readonly what: string
  readonly aim: string
  readonly rate: Rate
  readonly met:
    | 'yes'
    | 'yes, but the interval reaches beyond'
    | 'no, but the interval reaches it'
    | 'no'
    | 'not measured'
}

export const cellsOf = ({cells}: Result, set: SeedSet, group: Measured['group']): Measured[] =>
  cells.filter((cell) => cell.set === set && cell.group === group && cell.reps > 0)

/** A count over several rows together. */
export function pooled(cells: readonly Measured[], name: string): Rate {
  const [count, of] = cells.reduce(([k, n], {tally, reps}) => [k + countOf(tally, name), n + reps], [0, 0])
  return rateOf(count, of)
}

/** The figures the gauntlet has to reach. None of its thresholds was ever moved to reach one. */
export function acceptance(result: Result, set: SeedSet): Target[] {
  const nulls = cellsOf(result, set, 'null')
  /** Everything that was drawn from the same family and asked for the same: the comparison of gates counts too. */
  const power = (id: string): Rate => {
    const [own] = cellsOf(result, set, 'power').filter((cell) => cell.id === id)
    if (own === undefined) return rateOf(0, 0)
    const same = cellsOf(result, set, 'plant').filter((cell) => asks(cell) === asks(own))
    return pooled([own, ...same], 'verdict:PASS')
  }
  const short = nulls.filter(({id}) => id.startsWith('null 4 + 1.5'))
  const vault = (id: string): Rate =>
    pooled(
      cellsOf(result, set, 'vault').filter((cell) => cell.id === id),
      'broken',
    )
  return [
    atMost('worthless families that PASS', 4 / 2000, '4 in 2,000', pooled(nulls, 'verdict:PASS')),
    atMost('the same, stage 4 disregarded', 4 / 2000, '4 in 2,000', pooled(nulls, 'asked:PASS')),
    atMost('worthless families that PASS, 4 + 1.5 years', 0.001, '0.1 %', pooled(short, 'verdict:PASS')),
    ...[0.8, 0.5].flatMap((rho) => [
      atLeast(`true Sharpe 2, 7 + 3 years, ρ ${rho}`, 0.8, power(`edge 2 7 + 3 rho ${rho}`)),
      atLeast(`true Sharpe 2.5, 7 + 3 years, ρ ${rho}`, 0.9, power(`edge 2.5 7 + 3 rho ${rho}`)),
      atLeast(`true Sharpe 2, 4 + 1.5 years, ρ ${rho}`, 0.5, power(`edge 2 4 + 1.5 rho ${rho}`)),
    ]),
    ...['climber', 'prober'].flatMap((author) =>
      ['keep', 'retire-on-pass'].map((policy) =>
        atMost(
          `a false PASS in 100 attempts on one vault, ${author}, ${policy}`,
          0.05,
          '5 %',
          vault(`vault ${author} ${policy}`),
        ),
      ),
    ),
  ]
}

/** What a family is and what its author declares; gates that are looked at one by one change no verdict. */
const asks = ({work}: Measured): string =>
  work.kind === 'family' ? JSON.stringify([work.shape, work.srTarget]) : JSON.stringify(work)

function atMost(what: string, aim: number, text: string, rate: Rate): Target {
  const share = rate.count / rate.of
  return {what, aim: `at most ${text}`, rate, met: answer(rate, share <= aim, rate.high <= aim, rate.low <= aim)}
}

function atLeast(what: string, aim: number, rate: Rate): Target {
  const share = rate.count / rate.of
  return {
    ...{what, aim: `at least ${100 * aim} %`, rate},
    met: answer(rate, share >= aim, rate.low >= aim, rate.high >= aim),
  }
}

function answer({of}: Rate, met: boolean, surely: boolean, perhaps: boolean): Target['met'] {
  if (of === 0) return 'not measured'
  if (met) return surely ? 'yes' : 'yes, but the interval reaches beyond'
  return perhaps ? 'no, but the interval reaches it' : 'no'
}
