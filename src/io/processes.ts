import type {ProcessesPort} from '../desk.ts'

export function openProcesses(_root: string, _stateDir: string): ProcessesPort {
  return {
    startSim: () => Promise.reject(new Error('replaced')),
    startGuard: () => Promise.reject(new Error('replaced')),
    liveSim: () => Promise.resolve(null),
    liveGuard: () => Promise.resolve(null),
    stopStarted: () => Promise.resolve(),
  }
}
