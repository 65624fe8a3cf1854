import type {Desk, FilesPort, LakePort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {sha256} from '../kernel/sha256.ts'

/**
 * A desk that recomputes and leaves nothing: what would be written is held in memory, and the lake answers research only.
 *
 * @param held  workspace path -> text, filled as the operation goes
 */
export function checkDesk(desk: Desk, held: Map<string, string>): Desk {
  return {...desk, dryRun: true, allowGaps: true, files: heldFiles(desk.files, held), lake: researchOnly(desk.lake)}
}

/** Writes are held; reads see the disk, and what was held is hashed as it would stand there. */
function heldFiles(files: FilesPort, held: Map<string, string>): FilesPort {
  const refuse = (): never => {
    throw readOnly('A file was about to be written.')
  }
  return {
    ...files,
    written: [],
    claim: () => Promise.resolve(),
    createText: refuse,
    appendLine: refuse,
    hash: async (path) => {
      const text = held.get(path)
      return text === undefined ? files.hash(path) : sha256(text)
    },
    writeText: (path, text) => {
      held.set(path, text)
      return Promise.resolve()
    },
    write: (artifact, value, path = artifact.path) => {
      held.set(path, files.textOf(artifact, value, path))
      return Promise.resolve(path)
    },
  }
}

/** No sealed row, no live row, and nothing that changes the lake. */
function researchOnly(lake: LakePort): LakePort {
  const refuse = (): Promise<never> => Promise.reject(readOnly('The lake was about to be changed.'))
  const guarded: Pick<LakePort, 'read' | 'extents' | 'append' | 'push' | 'pull'> = {
    read: (query) =>
      query.purpose.kind === 'research' ? lake.read(query) : Promise.reject(sealed(query.purpose.kind)),
    extents: (query) =>
      query.purpose.kind === 'research' ? lake.extents(query) : Promise.reject(sealed(query.purpose.kind)),
    append: refuse,
    push: refuse,
    pull: refuse,
  }
  return Object.create(lake, Object.getOwnPropertyDescriptors(guarded)) as LakePort
}

const sealed = (purpose: string): Fault =>
  new Fault('check.sealed', {
    family: 'bug',
    what: `A check was about to read the lake for the purpose ${purpose}.`,
    why: 'Whoever checks a pull request sees research data only, and opens no vault.',
    next: ['report this with the command you typed'],
  })

const readOnly = (what: string): Fault =>
  new Fault('check.read_only', {
    family: 'bug',
    what,
    why: 'Whoever checks a pull request recomputes and leaves nothing.',
    next: ['report this with the command you typed'],
  })
