import type {GuardPort} from '../desk.ts'

export function connectGuard(_stateDir: string): Promise<GuardPort | null> {
  return Promise.resolve(null)
}
