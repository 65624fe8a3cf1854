import type {VenuePort} from '../../desk.ts'

export function openVenue(_name: string, _stateDir: string): Promise<VenuePort> {
  return Promise.reject(new Error('replaced'))
}
