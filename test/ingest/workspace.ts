import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openDesk} from '../../src/cli/open-desk.ts'
import type {Desk} from '../../src/desk.ts'
import type {IngestFileRequest} from '../../src/operations/commit-file-rows.ts'

/** An empty workspace in a temporary folder. */
export function newWorkspace(exchange: 'hyperliquid' | 'sim' | 'binance' = 'binance'): string {
  const root = mkdtempSync(join(tmpdir(), 'qo-lake-'))
  mkdirSync(join(root, 'configs'))
  writeFileSync(join(root, 'configs/qo.yaml'), `artifact: qo@1\nexchange: ${exchange}\n`)
  return root
}

export const removeWorkspace = (root: string): void => rmSync(root, {recursive: true, force: true})

/** The real desk on a workspace; `asOf` like `--as-of`. */
export const deskAt = (root: string, asOf?: string): Promise<Desk> =>
  openDesk({root, asOf, dryRun: false, quiet: true, needsWorkspace: true})

/** A request with nothing special about it. */
export const request = (path: string, rest: Partial<IngestFileRequest>): IngestFileRequest => ({
  path,
  shape: 'ohlcv',
  venue: 'binance',
  interval: '1d',
  coin: null,
  map: {},
  zone: null,
  unit: 'ms',
  maxBad: 0.05,
  completeFrom: null,
  survivor: false,
  ...rest,
})

export interface Bar {
  readonly coin: string
  readonly ts: number
  readonly close: number
  readonly volume?: number
}

/** Flat bars as a CSV file; returns its path. */
export function writeBars(root: string, name: string, bars: readonly Bar[]): string {
  const path = join(root, name)
  const lines = bars.map(
    ({coin, ts, close, volume = 1}) => `${ts},${coin},${close},${close},${close},${close},${volume}`,
  )
  writeFileSync(path, `${['ts,symbol,open,high,low,close,volume', ...lines].join('\n')}\n`)
  return path
}
