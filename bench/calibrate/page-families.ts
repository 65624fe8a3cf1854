import {cellsOf, pooled} from './acceptance.ts'
import {between, count, familyOf, named, percent, type Row, section, shapeOf, share, table} from './page-table.ts'
import {SETS} from './plan.ts'
import type {Measured, Result} from './result.ts'
import {namedBy} from './tally.ts'

export function nulls(result: Result): string {
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

export function powers(result: Result): string {
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
