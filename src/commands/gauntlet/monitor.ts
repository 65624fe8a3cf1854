import {Args} from '@oclif/core'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {EXIT} from '../../kernel/fault.ts'
import {gauntletMonitor, type MonitorRun} from '../../operations/gauntlet-monitor.ts'

/** Layer 1 · forward evidence, for cron. Reads lake, ledger and journals; leaves shadow books, moves and reports/forward. */
export default class GauntletMonitor extends QoCommand<typeof GauntletMonitor, MonitorRun> {
  static override summary =
    'keep the shadow books, read the monitors, move lifecycles; exit 5 on a decay, 4 when a book lacks data'
  static override examples = [
    '<%= config.bin %> <%= command.id %> --commit',
    '<%= config.bin %> <%= command.id %> trend --json',
    '<%= config.bin %> <%= command.id %> --dry-run',
  ]
  static override args = {
    file: Args.string({description: 'files or ids; default: all of hypotheses/*.yaml', multiple: true}),
  }

  perform(desk: Desk): Promise<MonitorRun> {
    return gauntletMonitor(desk, this.args.file ?? [])
  }

  render({monitored, failed, idle, moved}: MonitorRun): Ending {
    const number = (value: number | null): string => (value === null ? '-' : String(Number(value.toPrecision(3))))
    return {
      body: [
        renderTable(
          ['hypothesis', 'state', 'share', 'days', 'Sharpe', 'e forward', 'e kill', 'because'],
          monitored.map(({id, from, to, share, reading, because, certified}) => [
            certified ? `${id} (certified)` : id,
            from === to ? to : `${from} → ${to}`,
            number(share),
            reading.days,
            number(reading.sharpe_annual),
            number(reading.e_forward),
            number(reading.e_kill),
            because,
          ]),
          [2, 3, 4, 5, 6],
        ),
        ...failed.map(({id, code, what, why}) => `error ${code}: ${id}: ${what}\n${why}`),
      ].join('\n'),
      artifact: monitored.flatMap(({path}) => (path === null ? [] : [path])),
      rationale: [
        `${monitored.reduce((sum, {book}) => sum + book.appended, 0)} days added to ${monitored.length} shadow books; ${moved.length === 0 ? 'nobody moved' : `moved: ${moved.join(', ')}`}`,
        'e-values may be looked at on any day: 3, 8 and 20 size capital, an alarm ends it',
        ...(idle.length > 0 ? [`without a book: ${idle.map(({id, state}) => `${id} (${state})`).join(', ')}`] : []),
      ],
      next: [moved.length > 0 ? `qo hypothesis show ${moved[0]}` : 'qo hypothesis list', 'qo trade --mode paper'],
    }
  }

  protected override statusOf({failed, monitored}: MonitorRun): number {
    if (monitored.some(({to}) => to === 'decayed')) return EXIT.verdict
    return failed.length > 0 ? EXIT.data : 0
  }
}
