import {createHash} from 'node:crypto'
import {constants} from 'node:fs'
import {access, mkdir, open, readdir, readFile, rename, rm} from 'node:fs/promises'
import {basename, dirname, extname, join} from 'node:path'
import {LineCounter, parseDocument, stringify} from 'yaml'
import type {z} from 'zod'
import type {Artifact} from '../contracts/artifact.ts'
import type {FilesPort} from '../desk.ts'
import {Fault} from '../kernel/fault.ts'
import {nearestName} from '../kernel/nearest-name.ts'
import {describeIssues} from './schema-issues.ts'

/** A workspace's files: declared artifacts in, declared artifacts out, never a half-written one. */
export function openFiles(root: string, {dryRun = false}: {dryRun?: boolean} = {}): FilesPort {
  const written: string[] = []
  const full = (path: string): string => join(root, path)

  const exists = (path: string): Promise<boolean> =>
    access(full(path), constants.F_OK).then(
      () => true,
      () => false,
    )

  async function readBytes(path: string): Promise<Uint8Array> {
    try {
      return await readFile(full(path))
    } catch (cause) {
      throw unreadable(path, cause)
    }
  }

  async function readText(path: string): Promise<string> {
    const bytes = await readBytes(path)
    try {
      return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
    } catch (cause) {
      throw new Fault('file.not_utf8', {
        family: 'contract',
        what: `${path} is not UTF-8 text.`,
        why: 'Every declared text file is UTF-8; this one has bytes that are not.',
        next: [`restore it: git checkout -- ${path}`],
        cause,
      })
    }
  }

  async function writeText(path: string, text: string): Promise<void> {
    if (dryRun) return
    const target = full(path)
    if (!written.includes(path)) written.push(path)
    const same = await readFile(target, 'utf8').then(
      (old) => old === text,
      () => false,
    )
    if (!same) await replaceDurably(target, text)
  }

  async function list(folder: string): Promise<string[]> {
    try {
      return (await readdir(full(folder))).sort()
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code
      if (code === 'ENOENT') return []
      throw unreadable(folder, cause)
    }
  }

  return {
    written,
    exists,
    async claim(paths) {
      for (const path of paths) if (!dryRun && !written.includes(path) && (await exists(path))) written.push(path)
    },
    readBytes,
    readText,
    list,
    async hash(path) {
      return createHash('sha256')
        .update(await readBytes(path))
        .digest('hex')
    },
    writeText,
    async createText(path, text) {
      if (dryRun) return true
      const target = full(path)
      await mkdir(dirname(target), {recursive: true})
      try {
        await writeSynced(target, text, 'wx')
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
        throw cause
      }
      await syncFolder(dirname(target))
      written.push(path)
      return true
    },
    async appendLine(path, line) {
      if (dryRun) return
      const target = full(path)
      await mkdir(dirname(target), {recursive: true})
      await writeSynced(target, `${line}\n`, 'a')
      if (!written.includes(path)) written.push(path)
    },
    async read(artifact, path = artifact.path) {
      return parseArtifact(
        artifact,
        path,
        await readText(path).catch(async (cause) => missingArtifact(artifact, path, await list(dirname(path)), cause)),
      )
    },
    parse: parseArtifact,
    textOf: (artifact, value, path = artifact.path) => artifactText(artifact, value, path),
    async write(artifact, value, path = artifact.path) {
      await writeText(path, artifactText(artifact, value, path))
      return path
    },
  }
}

/**
 * Text -> declared value. Strict: unknown and duplicate keys fail, and the error names line and column.
 *
 * @throws Fault `artifact.invalid` (contract)
 */
export function parseArtifact<S extends z.ZodType>(artifact: Artifact<S>, path: string, text: string): z.infer<S> {
  const lines = new LineCounter()
  // JSON is YAML: one parser gives positions for both. Aliases are not part of any declared file.
  const document = parseDocument(text, {lineCounter: lines, uniqueKeys: true, version: '1.2'})
  const broken = document.errors[0]
  if (broken) {
    const {line, col} = lines.linePos(broken.pos[0])
    // The classic: `signal: a > b ? 1 : 0` is a mapping to YAML.
    const hint = broken.code === 'BLOCK_AS_IMPLICIT_KEY' ? " (a value that holds ': ' needs quotes around it)" : ''
    throw invalid(artifact, path, [`${path}:${line}:${col} ${broken.message.split('\n')[0]}${hint}`], broken)
  }
  let plain: unknown
  try {
    plain = document.toJS({maxAliasCount: 0})
  } catch (cause) {
    throw invalid(artifact, path, [`${path}:1:1 aliases are not allowed`], cause)
  }
  const result = artifact.schema.safeParse(plain)
  if (result.success) return result.data
  throw invalid(artifact, path, describeIssues(result.error, document, lines, path, artifact.schema), result.error)
}

/** Declared value -> the bytes of its file, keys in schema order. @throws Fault `artifact.invalid` */
export function artifactText<S extends z.ZodType>(artifact: Artifact<S>, value: z.input<S>, path: string): string {
  const result = artifact.schema.safeParse(value)
  if (!result.success) {
    const issues = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw invalid(artifact, path, issues, result.error)
  }
  if (artifact.format === 'json') return `${JSON.stringify(result.data, null, 2)}\n`
  return stringify(result.data, {lineWidth: 0, aliasDuplicateObjects: false})
}

function invalid(artifact: Artifact, path: string, issues: readonly string[], cause: unknown): Fault {
  return new Fault('artifact.invalid', {
    family: 'contract',
    what: `${path} is not a valid ${artifact.id}.`,
    why: issues.join('\n'),
    next: [`edit ${path} and run the command again`],
    cause,
  })
}

/** A name somebody chose may be mistyped: then the file beside it is meant, and not a new one. */
function missingArtifact(artifact: Artifact, path: string, beside: readonly string[], cause: unknown): never {
  if (!(cause instanceof Fault) || cause.code !== 'file.missing') throw cause
  const isNamed = artifact.path.includes('*')
  const stem = (file: string): string => basename(file).replace(/\.[^.]+$/, '')
  const names = beside.filter((file) => extname(file) === extname(path)).map(stem)
  const near = isNamed ? nearestName(stem(path), names) : null
  const others = isNamed && beside.length > 0 ? `name one of ${dirname(path)}: ${names.slice(0, 8).join(', ')}` : null
  throw new Fault('artifact.missing', {
    family: 'contract',
    what: `${path} does not exist.`,
    why:
      near === null ? `This command reads it: ${artifact.summary}` : `The nearest name in ${dirname(path)} is ${near}.`,
    next: [near === null ? (others ?? `qo init ${path}`) : `did you mean ${near}?`],
    cause,
  })
}

function unreadable(path: string, cause: unknown): Fault {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
    return new Fault('file.missing', {
      family: 'contract',
      what: `${path} does not exist.`,
      why: 'The command reads this file.',
      next: ['check the path, or run qo doctor'],
      cause,
    })
  }
  return new Fault('file.unreadable', {
    family: 'contract',
    what: `${path} cannot be read.`,
    why: (cause as Error).message,
    next: ['check owner and permissions, or run qo doctor'],
    cause,
  })
}

/** Temporary file in the same folder, fsync, rename, fsync of the folder. */
export async function replaceDurably(target: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(target)
  await mkdir(folder, {recursive: true})
  const temporary = `${target}.${process.pid}.tmp`
  try {
    await writeSynced(temporary, content, 'w')
    await rename(temporary, target)
  } catch (cause) {
    await rm(temporary, {force: true})
    throw cause
  }
  await syncFolder(folder)
}

/** Write and fsync one file. */
export async function writeSynced(path: string, content: string | Uint8Array, flag: 'w' | 'wx' | 'a'): Promise<void> {
  const handle = await open(path, flag, 0o644)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A rename is atomic but only durable once its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
