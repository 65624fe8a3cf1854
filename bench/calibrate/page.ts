import type {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {acceptance, cellsOf, pooled} from './acceptance.ts'
import {GATE_SETS} from './count-family.ts'
import type {Shape} from './families.ts'
import {sizeOf} from './families.ts'
import {type Rate, rateOf} from './interval.ts'
import {SETS, type SeedSet} from './plan.ts'
import type {Measured, Result} from './result.ts'
import {countOf, namedBy} from './tally.ts'

/** The text of docs/CALIBRATION.md: a function of the result alone, no word of it typed into the page. */
export function calibrationPage(result: Result): string {
  return [
    head(result),
    targets(result),
    nulls(result),
    powers(result),
    gateChoice(result),
    plants(result),
    vaults(result),
    decay(result),
    evidence(result),
    gatesAsMeasured(result.gates),
    LIMITS,
  ].join('\n\n')
}

/** README's table: the targets of the default policy, on the confirmation seeds. */
export function readmeTable(result: Result): string {
  const found = acceptance(result, 'confirmation').filter(
    ({what, rate}) => rate.of > 0 && !what.endsWith('retire-on-pass'),
  )
  const rows = found.map(({what, aim, rate, met}) => [what, count(rate.of), share(rate), between(rate), aim, met])
  return table(['planted', 'how many', 'measured', '95 % interval', 'aim', 'met'], rows)
}

function head({cells, seeds}: Result): string {
  const done = (set: SeedSet): string => {
    const own = cells.filter((cell) => cell.set === set)
    const [reps, planned] = own.reduce(([r, p], cell) => [r + cell.reps, p + cell.planned], [0, 0])
    return `${count(reps)} of ${count(planned)} planned repetitions, seeds \`${seeds[set]}\``
  }
  return `# Calibration

What the gauntlet does with families whose truth is known, because they were made. Written by \`npm run calibrate\` from
\`docs/calibration.json\`; not edited by hand. Every share has its exact (Clopper–Pearson) 95 % interval.

- **Development**: ${done('development')}. To look at while building.
- **Confirmation**: ${done('confirmation')}. Looked at once.

A run that is ended goes on where it was: \`npm run calibrate -- --minutes 30\`, again and again, then once with \`--publish\`.
More repetitions than are planned are one number in \`bench/calibrate/plan.ts\`.

No threshold was moved because of a figure on this page. The stages are the product's own, with the gates of
\`configs/gauntlet.yaml\` as printed below: 4 to 8 in order, then the vault at the level of a first attempt. The candidate is
the best of its family in sample. \`sr_target\` is the Sharpe that is simulated, and 2 for what has none. Years of 365 days;
daily deviation 1 %; *ρ* is the correlation of any two of K configurations. *4 + 1.5* is four years of research, then a
vault of a year and a half.`
}

function targets(result: Result): string {
  const rows = SETS.flatMap((set) => {
    const found = acceptance(result, set).filter(({rate}) => rate.of > 0)
    return found.map(({what, aim, rate, met}) => [
      set,
      what,
      aim,
      `${count(rate.count)} of ${count(rate.of)}`,
      share(rate),
      between(rate),
      met,
    ])
  })
  return section('What was promised', table(['seeds', 'what', 'aim', 'seen', 'share', '95 % interval', 'met'], rows))
}

function nulls(result: Result): string {
  const rows = SETS.flatMap((set) => {
    const cells = cellsOf(result, set, 'null')
    if (cells.length === 0) return []
    const row = (name: string, shape: string, own: readonly Measured[]): Row => {
      const passed = pooled(own, 'asked:PASS')
      return [
        set,
        name,
        shape,
        count(passed.of),
        share(pooled(own, 'verdict:INSUFFICIENT 4')),
        share(pooled(own, 'eligible')),
        String(pooled(own, 'verdict:PASS').count),
        String(passed.count),
        between(passed),
      ]
    }
    return [
      ...cells.map((cell) => row(named(cell.id.replace(/^null /, '')), shapeOf(cell), [cell])),
      row('**all of them**', '', cells),
    ]
  })
  return section(
    'Worthless families',
    `A family that is too short for its own number of trials ends INSUFFICIENT at stage 4. That must not be what keeps false
passes down, so ELIGIBLE and the last three columns also say what happens when stage 4 is disregarded.`,
    table(
      [
        'seeds',
        'family',
        'K, bars, vault',
        'n',
        'INSUFFICIENT',
        'ELIGIBLE',
        'PASS',
        'PASS without stage 4',
        '95 % interval',
      ],
      rows,
    ),
    killers('What ended them, stage 4 disregarded', cellsOf(result, 'confirmation', 'null')),
  )
}

function powers(result: Result): string {
  const rows = SETS.flatMap((set) =>
    cellsOf(result, set, 'power').map((cell): Row => {
      const {shape} = familyOf(cell)
      const passed = pooled([cell], 'verdict:PASS')
      const asked = pooled([cell], 'asked:PASS')
      return [
        set,
        named(cell.id.replace(/^edge [\d.]+ /, '')),
        shapeOf(cell),
        String(shape.sharpe),
        count(cell.reps),
        share(pooled([cell], 'verdict:INSUFFICIENT 4')),
        `**${share(passed)}**`,
        between(passed),
        share(asked),
        share(pooled([cell], 'eligible')),
      ]
    }),
  )
  return section(
    'True edges',
    `The best point has this annual Sharpe, the others a share of it that is uniform between .7 and 1. Where the vault is shorter
than (1.96 / sr_target)² years, stage 4 answers INSUFFICIENT with a date; the column after the interval says what would
have passed had it not.`,
    table(
      [
        'seeds',
        'family',
        'K, bars, vault',
        'Sharpe',
        'n',
        'INSUFFICIENT',
        'PASS',
        '95 % interval',
        'PASS without stage 4',
        'ELIGIBLE without stage 4',
      ],
      rows,
    ),
    killers(
      'What ended true Sharpes of 2 and more',
      cellsOf(result, 'confirmation', 'power').filter((cell) => familyOf(cell).shape.sharpe >= 2),
    ),
  )
}

/** The choice of stage 6, as amendment 0.1.5 asks for it. */
function gateChoice(result: Result): string {
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
  'crash seller 750': ['the same, 750 days', 'FAIL 5'],
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

function plants(result: Result): string {
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
        cell.id,
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

function vaults(result: Result): string {
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

function decay(result: Result): string {
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
    `Four years of research at a Sharpe of 2, then a forward record of three years, looked at by the monitor every 91 days with
its shipped settings: kill e-process, CUSUM and drawdown. *Early* is an alarm while the edge was alive.`,
    table(['seeds', 'record', 'n', 'early', ...QUARTERS.map((q) => `within ${q * 91} days`), 'never'], rows),
  )
}

function evidence(result: Result): string {
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

function gatesAsMeasured({sufficiency, edge, multiplicity, overfitting, robustness, vault}: GauntletConfig): string {
  const rows = Object.entries({sufficiency, edge, multiplicity, overfitting, robustness, vault}).map(
    ([stage, limits]): Row => [
      stage,
      Object.entries(limits)
        .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
        .join('; '),
    ],
  )
  return section('The gates these figures belong to', table(['stage', 'thresholds'], rows))
}

const LIMITS = `## What this does not show

- A return series has no bars, fills, assets or costs. Stages 0 to 3, the permutation tests, the halves of the universe,
  concentration by asset, capacity, and twice the costs in the vault are not simulated: they apply to nothing here and refuse
  nothing. A real idea meets them too, so the real power is lower, and so is the real error rate.
- Correlations are equal, edges do not move, and the best point has its neighbours around it at random. Real grids are
  smoother and real edges are not constant.
- Tails come together (one factor for all configurations), and GARCH(1, 1) has α .08, β .90 and normal shocks.
- The author of a family declares the best point of the grid. Authors who look outside the ledger are not simulated; no
  statistic finds them.
- The monitor is looked at once in 91 days here and every day in use.
`

function killers(title: string, cells: readonly Measured[]): string {
  const total = new Map<string, number>()
  for (const {tally} of cells) {
    for (const [name, n] of namedBy(tally, 'killer:')) total.set(name, (total.get(name) ?? 0) + n)
  }
  const all = [...total.values()].reduce((a, b) => a + b, 0)
  const rows = [...total]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, 8)
    .map(([name, n]): Row => [name, count(n), percent(n / all)])
  return rows.length === 0
    ? ''
    : `${title}, confirmation seeds:\n\n${table(['stage and check', 'families', 'of those ended'], rows)}`
}

type Row = readonly string[]

const section = (title: string, ...parts: readonly string[]): string =>
  [`## ${title}`, ...parts.filter((part) => part !== '')].join('\n\n')

const line = (cells: Row): string => `| ${cells.join(' | ')} |`
const table = (columns: Row, rows: readonly Row[]): string =>
  rows.length === 0 ? 'Not measured.' : [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')

const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',')
const percent = (x: number): string => (Number.isNaN(x) ? '–' : `${Number((100 * x).toPrecision(3))} %`)
const share = ({count: k, of}: Rate): string => percent(k / of)
const between = ({low, high}: Rate): string =>
  `${Number((100 * low).toPrecision(2))}–${Number((100 * high).toPrecision(2))} %`

function familyOf({id, work}: Measured): {readonly shape: Shape} {
  if (work.kind !== 'family') throw new Error(`${id} is no family.`)
  return work
}

/** The name of a row as people read it. */
const named = (id: string): string => id.replace('rho ', 'ρ ')

const shapeOf = (cell: Measured): string => {
  const {shape} = familyOf(cell)
  return `${sizeOf(shape)}, ${count(shape.research)}, ${count(shape.vault)}`
}
