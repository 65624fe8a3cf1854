import {Flags} from '@oclif/core'
import {pinFlag, pinOf} from '../../cli/pin-flag.ts'
import {QoCommand} from '../../cli/qo-command.ts'
import {type Ending, renderTable} from '../../cli/render.ts'
import type {Desk} from '../../desk.ts'
import {type LakeStatusResult, lakeStatus} from '../../operations/lake-status.ts'

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

/** Layer 0 · sensory input. Reads the commit log and the keys of every table. */
export default class LakeStatus extends QoCommand<typeof LakeStatus, LakeStatusResult> {
  static override summary = 'what the lake holds: rows, span, gaps, quarantine, sealed rows'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --coins']
  static override flags = {
    ...pinFlag,
    coins: Flags.boolean({summary: 'quality figures per coin, of what research may see'}),
  }

  perform(desk: Desk): Promise<LakeStatusResult> {
    return lakeStatus(desk, {coins: this.flags.coins, commit: pinOf(this.flags)})
  }

  render({commit, tables, quality, streams}: LakeStatusResult): Ending {
    const lines = tables.map((line) => [
      line.table,
      line.venue,
      line.interval ?? '-',
      line.rows,
      line.coins,
      line.from?.slice(0, 16) ?? '-',
      line.to?.slice(0, 16) ?? '-',
      line.gaps,
      line.quarantined,
      line.sealed,
      line.files,
    ])
    const head = ['table', 'venue', 'bar', 'rows', 'names', 'from', 'to', 'gaps', 'quarantined', 'sealed', 'files']
    const perCoin = quality.flatMap(({venue, interval, coins}) =>
      coins.map((c) => [
        ...[venue, interval, c.coin, c.mark, c.rows, c.incarnations, c.gaps, c.ohlcViolations],
        ...[percent(c.zeroVolumeShare), percent(c.staleShare), c.outliers, c.prelistingBars, c.deadBars],
      ]),
    )
    const coinHead = ['venue', 'bar', 'coin', 'mark', 'rows', 'names', 'gaps', 'OHLC', 'no volume', 'stale']
    const coinTable = renderTable(
      [...coinHead, 'outliers', 'prelisting', 'dead'],
      perCoin,
      [4, 5, 6, 7, 8, 9, 10, 11, 12],
    )
    const sealed = tables.reduce((sum, line) => sum + line.sealed, 0)
    return {
      body: [
        renderTable(head, lines, [3, 4, 7, 8, 9, 10]),
        ...(perCoin.length > 0 ? ['', coinTable] : []),
        ...streamTable(streams),
      ].join('\n'),
      artifact: [],
      rationale: [
        `${commit} commits, the chain of hashes is whole`,
        ...(sealed > 0 ? [`${sealed} rows lie behind a vault seal: counted, never shown to research`] : []),
      ],
      next: tables.length === 0 ? ['qo ingest', 'qo ingest file PATH --as ohlcv'] : ['qo lake verify', 'qo select'],
    }
  }
}

/** Figures of streams: a share in percent, a silence in seconds. */
function streamTable(streams: LakeStatusResult['streams']): string[] {
  const lines = streams.flatMap(({table, venue, coins}) =>
    coins.map(({coin, mark, rows, silenceMs, figures}) => [
      ...[table, venue, coin, mark, rows, `${(silenceMs / 1000).toFixed(1)} s`],
      Object.entries(figures)
        .filter(([name, value]) => name.endsWith('_share') && value > 0)
        .map(([name, value]) => `${name.replace('_share', '').replaceAll('_', ' ')} ${percent(value)}`)
        .join(', '),
    ]),
  )
  return lines.length === 0
    ? []
    : ['', renderTable(['table', 'venue', 'coin', 'mark', 'rows', 'silence', 'found'], lines, [4, 5])]
}
