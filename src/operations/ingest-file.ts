import {ROW_SHAPES} from '../contracts/ingest.ts'
import type {Desk} from '../desk.ts'
import {nameColumns} from '../sensory/name-columns.ts'
import type {IngestFileRequest} from './commit-file-rows.ts'
import {ingestCapture} from './ingest-capture.ts'
import {type IngestFileResult, ingestRows} from './ingest-rows.ts'
import {ingestVision} from './ingest-vision.ts'

/**
 * Import one file: read → check every row → quarantine what is no market data → commit the rest at once, or nothing.
 *
 * Reading the same file again changes nothing: rows that are there are not written twice.
 *
 * @throws Fault `ingest.*` (data, usage); the lake is then as it was
 */
export async function ingestFile(desk: Desk, request: IngestFileRequest): Promise<IngestFileResult> {
  desk.progress.say(`reading ${request.path}`)
  const {shape: kind, reply = null} = request
  if (kind === 'hl-capture' || kind === 'binance-capture') return ingestCapture(desk, {...request, shape: kind, reply})
  if (kind === 'binance-vision') return ingestVision(desk, request)
  const file = await desk.lake.openSource(request.path)
  try {
    const shape = ROW_SHAPES.find((name) => name === request.shape)!
    return await ingestRows(desk, request, {file, shape, columns: nameColumns(shape, file.columns, request)})
  } finally {
    await file.close()
  }
}
