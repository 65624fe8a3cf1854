import {spawn} from 'node:child_process'
import {fileURLToPath} from 'node:url'
import type {ShellPort} from '../desk.ts'

/** The CLI as a child process: from the build it runs the build, from the sources it runs the sources. */
const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../bin/dev.js' : '../../bin/run.js', import.meta.url),
)

/** Run qo commands as a person would: one process each, `--json` read back. Bounded in time. */
export function openShell(root: string): ShellPort {
  return {
    python: runPython,
    qo(args, {timeoutMs = 180_000, killWhen} = {}) {
      return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [ENTRY, ...args, '--root', root, '--json'], {
          cwd: root,
          stdio: ['ignore', 'pipe', 'pipe'],
          env: {...process.env, NODE_NO_WARNINGS: '1'},
        })
        let out = ''
        let err = ''
        let killed = false
        const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
        const watch = killWhen
          ? setInterval(() => {
              void killWhen().then((now) => {
                if (!now || killed) return
                killed = true
                child.kill('SIGKILL')
              })
            }, 20)
          : undefined
        child.stdout.on('data', (chunk: Buffer) => {
          out += chunk.toString()
        })
        child.stderr.on('data', (chunk: Buffer) => {
          err += chunk.toString()
        })
        child.on('error', reject)
        child.on('close', (status) => {
          clearTimeout(timer)
          clearInterval(watch)
          let json: unknown = null
          try {
            json = JSON.parse(out)
          } catch {
            // A killed process leaves half an answer: that is what `killed` is for.
          }
          resolve({status: status ?? -1, json, stderr: err, killed})
        })
      })
    },
  }
}

/** Runs outside the workspace: what it needs comes through standard input. */
const runPython: ShellPort['python'] = (script, {stdin = '', timeoutMs = 600_000} = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.env['QO_PYTHON'] ?? 'python3', ['-c', script], {stdio: ['pipe', 'pipe', 'pipe']})
    const out: Buffer[] = []
    const err: Buffer[] = []
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    // A program that ends before it read everything is told by its status.
    child.stdin.on('error', () => undefined)
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      if (error.code === 'ENOENT') resolve(null)
      else reject(error)
    })
    child.on('close', (status) => {
      clearTimeout(timer)
      resolve({status: status ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString()})
    })
    child.stdin.end(stdin)
  })
