import {AssetCtx, Bbo, Book, Candles, Trades} from '../contracts/market.ts'
import type {Desk} from '../desk.ts'
import {type StreamReportFacts, streamReport} from '../sensory/stream/stream-report.ts'
import {leaveManifest} from './lake-manifest.ts'

const TABLES = {bbo: Bbo, trades: Trades, l2Book: Book, activeAssetCtx: AssetCtx, candle: Candles} as const

/** Leave a manifest a table and the page of the recording; returns their paths. */
export async function leaveStreamArtifacts(desk: Desk, facts: Omit<StreamReportFacts, 'qoVersion'>): Promise<string[]> {
  const {venue, channels, intervals} = facts.plan
  const paths: (string | null)[] = []
  for (const channel of channels) {
    const table = TABLES[channel]
    const parts = channel === 'candle' ? intervals : [null]
    for (const interval of parts) paths.push(await leaveManifest(desk, {table, venue, interval}))
  }
  const page = `reports/ingest/${venue}-stream.md`
  await desk.files.writeText(page, streamReport({...facts, qoVersion: desk.version}))
  return [...paths.filter((path) => path !== null), page]
}
