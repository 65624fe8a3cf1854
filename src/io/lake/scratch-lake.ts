import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ScratchLake} from '../../desk.ts'
import {openFiles} from '../files.ts'
import {openLake} from './index.ts'

/** An empty lake in a temporary folder, for rows that are made only to be compared. */
export async function openScratchLake(): Promise<ScratchLake> {
  const root = await mkdtemp(join(tmpdir(), 'qo-scratch-'))
  const files = openFiles(root)
  return {lake: openLake(root, {files, dryRun: false}), files, close: () => rm(root, {recursive: true, force: true})}
}
