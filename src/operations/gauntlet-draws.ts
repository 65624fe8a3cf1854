import type {Sources} from '../cognition/gauntlet/judge-hypothesis.ts'
import {joinParts, type MeansJob, meansHere, partsOf} from '../cognition/gauntlet/means-source.ts'
import {permutationDraws} from '../cognition/gauntlet/permutation/permutation-draws.ts'
import type {Desk} from '../desk.ts'
import type {ThreadsPort} from '../desk-threads.ts'

/** Permutations and bootstrap on all threads of the machine; the numbers are those of one. */
export const drawSources = async (desk: Desk): Promise<Sources> => sourcesOn(await desk.threads())

/** @param worth  additions of a bootstrap that take longer than a thread takes to start */
export const sourcesOn = (threads: ThreadsPort, worth = 2e8): Sources => ({
  permutations: (job) => threads.numbers('permutations', job, permutationDraws(job)),
  means(job) {
    if (threads.count < 2 || workOf(job) < worth) return meansHere(job)
    const parts = partsOf(job, threads.count)
    const size = ({columns, B}: MeansJob): number => columns.length * B
    return joinParts(
      job.B,
      parts,
      threads.parts('bootstrap', parts, size, (part) => meansHere(part).values),
    )
  },
})

const workOf = ({columns, b, B}: MeansJob): number => (B * columns.length * (columns[0]?.length ?? 0)) / b
