import {cycle, deskOf} from './paper-cycle.ts'

/** One paper cycle in a process of its own, for tests that kill it: `run-cycle.ts ROOT`. */
await cycle(await deskOf(process.argv[2]!))
