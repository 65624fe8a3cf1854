import {acceptance, cellsOf, pooled} from './acceptance.ts'
import {GATE_SETS} from './count-family.ts'
import {sizeOf} from './families.ts'
import {between, count, familyOf, named, percent, type Row, section, share, table} from './page-table.ts'
import {SETS} from './plan.ts'
import type {Measured, Result} from './result.ts'
import {countOf, namedBy} from './tally.ts'

/** The choice of stage 6, as amendment 0.1.5 asks for it. */
export function gateChoice(result: Result): string {
  const ids = ['many trials, 4 + 1.5 rho 0.8', 'true edge 2, 4 + 1.5 rho 0.8']
  const rows = SETS.flatMap((set) => {
    const cells = cellsOf(result, set, 'plant')
    const [worthless, edge] = ids.map((id) => cells.filter((cell) => cell.id === id))
    if (!worthless?.length || !edge?.length) return []
    return GATE_SETS.map((name): Row => {
      const rates = [
        pooled(worthless, `set:${name}`),
        pooled(worthless, `set:${name} and vault`),
        pooled(edge, `set:${name}`),
        pooled(edge, `set:${name} and vault`),
      ]
      return [set, name, ...rates.map((rate) => `${share(rate)} (${between(rate)})`)]
    })
  })
  return section(
    'What stage 6 is made of',
    `Four sets of gates on the same families of 40, ρ .8, 4 + 1.5 years, all other stages as they ship and stage 4 disregarded.
*As shipped*: SPA and StepM at 5 %, deflated Sharpe at least .5. *Strict*: SPA, StepM, deflated Sharpe .95 at N_eff and Holm
at 5 %, all at once.`,
    table(['seeds', 'stage 6', 'null ELIGIBLE', 'null PASS', 'Sharpe 2 ELIGIBLE', 'Sharpe 2 PASS'], rows),
  )
}

/** What a plant is, and where it has to end. */
const PLANTED: Readonly<Record<string, readonly [string, string]>> = {
  't5 tails': ['one rule without edge, Student t with 5 degrees of freedom, 750 days', 'FAIL 5'],
  'AR(1) 0.2': ['one rule without edge, autocorrelation .2, 750 days', 'FAIL 5'],
  'AR(1) 0.5': ['one rule without edge, autocorrelation .5, 750 days', 'FAIL 5'],
  'smoothed over 3 bars': ['one rule without edge, each return the mean of three, 750 days', 'FAIL 5'],
  'crash seller 250': ['a small gain a day, −12 deviations with chance .004, mean 0, 250 days', 'FAIL 5'],
  'crash seller 750': ['a small gain a day, −12 deviations with chance .004, mean 0, 750 days', 'FAIL 5'],
  'single regime': ['Sharpe 5 in the first fifth of 1,000 days, nothing after', 'FAIL 8'],
  spike: ['Sharpe 2 at one of 9 grid points, nothing at the others, ρ .5, 1,000 days', 'FAIL 8'],
  'many trials': ['the best of 40 worthless rules, ρ 0, 1,000 days', 'FAIL 6'],
  'many trials, 4 + 1.5 rho 0.8': ['the best of 40 worthless rules, ρ .8, 4 + 1.5 years', 'FAIL 6'],
  'true edge 2, 4 + 1.5 rho 0.8': ['for comparison: 40 rules with an edge', 'PASS'],
}

/** Gates that are shown one by one: name of the check, and its column. */
const SHOWN = [
  ['5 HAC t of the net mean', 'HAC t'],
  ['5 hard probabilistic Sharpe against 0', 'psr_hard'],
  ['5 net return without crashes', 'crashes'],
  ['6 SPA consistent p', 'SPA'],
  ['6 StepM adjusted p of the candidate', 'StepM'],
  ['7 CSCV gate', 'CSCV'],
  ['7 hard probabilistic Sharpe, walk-forward', 'walk-forward'],
  ['8 plateau, median neighbour over the point', 'plateau'],
  ['8 p of equal Sharpe over five times', 'five times'],
  ['8 times of eight that earn', 'eight times'],
] as const

export function plants(result: Result): string {
  const cells = SETS.flatMap((set) => cellsOf(result, set, 'plant').map((cell) => ({set, cell})))
  const ends = cells.map(({set, cell}): Row => {
    const passed = pooled([cell], 'asked:PASS')
    const [what, expected] = PLANTED[cell.id] ?? ['', '']
    return [
      set,
      named(cell.id),
      what,
      count(cell.reps),
      expected,
      namedBy(cell.tally, 'asked:')
        .sort(([, a], [, b]) => b - a)
        .map(([end, n]) => `${end} ${percent(n / cell.reps)}`)
        .join(', '),
      between(passed),
    ]
  })
  const gates = cells
    .filter(({set}) => set === 'confirmation')
    .map(
      ({cell}): Row => [
        named(cell.id),
        ...SHOWN.map(([name]) => (applies(cell, name) ? share(pooled([cell], `gate:${name}`)) : '–')),
      ],
    )
  return section(
    'What is wrong on purpose',
    `Where each plant ended with stage 4 disregarded, and how often it passed everything. The expected stage is where the recipe
aims; ending earlier is as good.`,
    table(['seeds', 'plant', 'recipe', 'n', 'aimed at', 'ended', 'PASS, 95 % interval'], ends),
    'Each gate by itself, share that passes it, confirmation seeds. A dash: does not apply to a grid this small.',
    table(['plant', ...SHOWN.map(([, column]) => column)], gates),
  )
}

function applies(cell: Measured, gate: string): boolean {
  const K = sizeOf(familyOf(cell).shape)
  return gate.startsWith('7 CSCV') ? K >= 10 : gate.startsWith('8 plateau') ? K >= 2 : true
}

/** What the page has to own up to: targets that were not reached, plants that got through. */
export function missed(result: Result): string {
  const targets = acceptance(result, 'confirmation')
    .filter(({met, rate}) => met.startsWith('no') && rate.of > 0)
    .map(({what, aim, rate, met}) => `- ${what}: ${share(rate)} (${between(rate)}), promised was ${aim}; ${met}.`)
  const through = cellsOf(result, 'confirmation', 'plant')
    .filter(({id, tally}) => PLANTED[id]?.[1] !== 'PASS' && countOf(tally, 'asked:PASS') > 0)
    .map((cell) => {
      const rate = pooled([cell], 'asked:PASS')
      return `- ${named(cell.id)}: ${rate.count} of ${count(rate.of)} passed everything, the vault included (${between(rate)}): ${PLANTED[cell.id]?.[0]}.`
    })
  const all = [...targets, ...through]
  return section('What was missed', all.length === 0 ? 'Nothing, on the confirmation seeds.' : all.join('\n'))
}
