import {parseArgs} from 'node:util'
import {EXIT, Fault} from '../kernel/fault.ts'
import {parseInstant} from '../kernel/instant.ts'
import {runSim} from './run-sim.ts'

/** The practice venue as a process: one JSON line with its address, then it serves until SIGTERM. */
const {values} = parseArgs({
  options: {
    scenario: {type: 'string', default: 'demo'},
    seed: {type: 'string', default: '7'},
    port: {type: 'string', default: '0'},
    'start-at': {type: 'string'},
    'state-dir': {type: 'string'},
    history: {type: 'string'},
    replay: {type: 'string'},
    stepped: {type: 'boolean', default: false},
    'wire-log': {type: 'string'},
  },
})

try {
  await runSim({
    scenario: values.scenario,
    seed: Number(values.seed),
    port: Number(values.port),
    stepped: values.stepped,
    ...(values['start-at'] === undefined ? {} : {startAt: parseInstant(values['start-at'])}),
    ...(values['state-dir'] === undefined ? {} : {stateDir: values['state-dir']}),
    ...(values.history === undefined ? {} : {history: values.history}),
    ...(values.replay === undefined ? {} : {replay: values.replay}),
    ...(values['wire-log'] === undefined ? {} : {wireLog: values['wire-log']}),
  })
} catch (error) {
  if (!(error instanceof Fault)) throw error
  const {code, what, why, suggestions: next} = error
  process.stdout.write(`${JSON.stringify({artifact: 'error@1', ok: false, error: {code, what, why, next}})}\n`)
  process.exitCode = error.exitCode ?? EXIT.bug
}
