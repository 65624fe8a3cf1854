import type {ResearchPlan} from '../contracts/research-plan.ts'
import type {Ending} from './render.ts'

/** A dry run of a research command for people: no figure of the data is in it, because none was computed. */
export const renderPlan = ({command, reads, trials, seals, writes}: ResearchPlan): Ending => ({
  body: [
    ...reads.map(({what, until}) => `would read ${what} ${until === null ? 'to its last row' : `before ${until}`}`),
    ...seals.map(({id, venue, start, end}) => `would seal ${id} on ${venue}: ${start} to ${end}`),
    ...trials.map(
      ({hypothesis, points}) => `would count ${points} ${points === 1 ? 'trial' : 'trials'} of ${hypothesis}`,
    ),
    ...writes.map((path) => `would write ${path}`),
  ].join('\n'),
  artifact: [],
  rationale: ['a dry run computes nothing: what was looked at has to be counted'],
  next: [command],
})
