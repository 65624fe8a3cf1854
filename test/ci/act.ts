import {spawnSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {parse} from 'yaml'
import {cloneOf} from './repository.ts'

interface Step {
  readonly name?: string
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
}
interface Job {
  readonly name: string
  readonly steps: readonly Step[]
  readonly permissions?: Record<string, string>
}

/** The repository of these tests. */
export const HERE = resolve(import.meta.dirname, '../..')
/** The workflow that ships. */
export const FLOW = parse(readFileSync(join(HERE, 'deploy/github/gauntlet.yml'), 'utf8')) as {
  on: string
  permissions: Record<string, string>
  jobs: Record<'integrity' | 'verdict' | 'comment', Job>
}
/** The script of the step whose name holds a text. */
export const step = (job: keyof typeof FLOW.jobs, text: string): string =>
  FLOW.jobs[job].steps.find(({name}) => name?.includes(text))!.run!

/** A machine that runs steps: programs it finds first on its path, and clones of a repository, all taken away at the end. */
export function openRunner(): {
  readonly temp: string
  program(name: string, script: string): void
  clone(root: string, branch: string): string
  close(): void
} {
  const temp = mkdtempSync(join(tmpdir(), 'qo-flow-'))
  const done = [() => rmSync(temp, {recursive: true, force: true})]
  mkdirSync(join(temp, 'bin'))
  return {
    temp,
    program(name, script) {
      writeFileSync(join(temp, 'bin', name), `#!/usr/bin/env bash\n${script}\n`)
      chmodSync(join(temp, 'bin', name), 0o755)
    },
    clone(root, branch) {
      const clone = cloneOf(root, branch)
      done.push(clone.remove)
      return clone.root
    },
    close() {
      for (const end of done) end()
    },
  }
}

/** Run one step as the runner does: bash, stop at the first error, outputs in a file. */
export function act(clone: string, temp: string, run: string, env: Record<string, string> = {}) {
  const [output, summary] = [join(temp, 'output'), join(temp, 'summary')]
  writeFileSync(output, '')
  if (!existsSync(summary)) writeFileSync(summary, '')
  const {status, stdout, stderr} = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
    cwd: clone,
    encoding: 'utf8',
    env: {
      ...process.env,
      ...{PATH: `${join(temp, 'bin')}:${process.env['PATH']}`, HOME: temp, RUNNER_TEMP: temp},
      ...{GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, QO_PACKAGE: 'qo.tgz', ...env},
    },
  })
  const outputs = Object.fromEntries(
    readFileSync(output, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  )
  return {status, text: `${stdout}${stderr}`, outputs, summary: readFileSync(summary, 'utf8')}
}
