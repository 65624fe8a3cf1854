import {resolve} from 'node:path'
import {parseArgs} from 'node:util'
import {EXIT, Fault} from '../kernel/fault.ts'
import {runGuard} from './run-guard.ts'

/**
 * The guard: a program of its own, the only one that holds a key.
 *
 * `--root DIR [--state DIR] [--halt]`. One JSON line on standard output: its endpoint, or why it did not start.
 */
process.umask(0o077)
const {values} = parseArgs({
  options: {
    root: {type: 'string'},
    state: {type: 'string'},
    mode: {type: 'string', default: 'paper'},
    halt: {type: 'boolean', default: false},
  },
})

try {
  const root = resolve(values.root ?? process.cwd())
  const stateDir = resolve(values.state || process.env['QO_STATE'] || `${root}/data/state`)
  if (values.mode !== 'paper') throw notReady(values.mode)
  await runGuard({root, stateDir, haltOnly: values.halt})
  process.exit(0)
} catch (error) {
  const fault = error instanceof Fault ? error : null
  const {code, what, why, next} = fault
    ? {code: fault.code, what: fault.what, why: fault.why, next: fault.suggestions}
    : {code: 'bug.unexpected', what: String(error), why: 'This is a bug in qo.', next: []}
  process.stdout.write(`${JSON.stringify({artifact: 'error@1', ok: false, error: {code, what, why, next}})}\n`)
  process.exit(fault?.exitCode ?? EXIT.bug)
}

function notReady(mode: string): Fault {
  return new Fault('guard.mode_not_ready', {
    family: 'usage',
    what: `The guard does not serve mode ${mode}.`,
    why: 'This version signs for the practice venue only; it holds no key of a real account.',
    next: ['start it with --mode paper'],
  })
}
