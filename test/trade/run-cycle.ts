import {cycle, deskOf} from './paper-cycle.ts'

/** One paper cycle in a process of its own, for tests that kill it: `run-cycle.ts ROOT`. */
const desk = await deskOf(process.argv[2]!)
try {
  await cycle(desk)
} finally {
  await desk.processes.stopStarted()
}
