import type {GauntletConfig} from '../../src/contracts/gauntlet.ts'
import {acceptance} from './acceptance.ts'
import {nulls, powers} from './page-families.ts'
import {gateChoice, missed, plants} from './page-plants.ts'
import {between, count, type Row, section, share, table} from './page-table.ts'
import {decay, evidence, vaults} from './page-vaults.ts'
import {SETS, type SeedSet} from './plan.ts'
import type {Result} from './result.ts'

/** The text of docs/CALIBRATION.md: a function of the result alone, no word of it typed into the page. */
export function calibrationPage(result: Result): string {
  return [
    head(result),
    targets(result),
    missed(result),
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
  return section(
    'What was promised',
    `Each target counts every repetition that was drawn from its family. For a Sharpe of 2, 4 + 1.5 years and ρ .8 that is two
rows, the one under *True edges* and the one beside the plants; that they count together was decided on the development
seeds.`,
    table(['seeds', 'what', 'aim', 'seen', 'share', '95 % interval', 'met'], rows),
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
