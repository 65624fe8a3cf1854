import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'

const exec = promisify(execFile)
const PINS = fileURLToPath(new URL('peers/requirements.txt', import.meta.url))
const MINUTE_MS = 60_000

/**
 * Run a yardstick in Python and give its standard output; null, after one visible line, where that cannot be.
 *
 * `QO_PYTHON` names an interpreter that has the packages. Otherwise they are installed, in the versions that are pinned
 * beside the scripts, into an environment in a temporary folder that is removed afterwards.
 */
export async function inPython(
  script: string,
  args: readonly string[],
  packages: readonly string[],
  say: (line: string) => void,
): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'qo-bench-python-'))
  try {
    const python = process.env['QO_PYTHON'] ?? (await environment(folder, packages))
    const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url))
    const {stdout} = await exec(python, [path, ...args], {
      timeout: 15 * MINUTE_MS,
      maxBuffer: 1 << 26,
      env: {...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', TMPDIR: folder},
    })
    return stdout.trim()
  } catch (error) {
    const [first] = String((error as {stderr?: string}).stderr ?? error)
      .trim()
      .split('\n')
      .slice(-1)
    say(`skipped: no Python with ${packages.join(', ')} here (QO_PYTHON names one): ${first}`)
    return null
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

async function environment(folder: string, packages: readonly string[]): Promise<string> {
  const home = join(folder, 'venv')
  await exec('python3', ['-m', 'venv', home], {timeout: 2 * MINUTE_MS})
  const python = join(home, 'bin', 'python')
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-c', PINS, ...packages]
  await exec(python, install, {timeout: 10 * MINUTE_MS})
  return python
}
