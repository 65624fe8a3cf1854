import {z} from 'zod'
import {artifact} from './artifact.ts'
import {IntervalName, IsoInstant, Sha256, Venue} from './units.ts'

/** Largest step: a return is a whole number of units between minus this and this. */
export const MOST_STEPS = 32_767

/**
 * What the grid of one configuration earned in research, a day at a time: enough to recognise the idea under another
 * name, too little to trade on. Named by the hash of its bytes, so equal results are one file whatever they are called.
 */
export const ResearchReturns = artifact({
  id: 'research-returns@1',
  layer: 1,
  format: 'json',
  path: 'hypotheses/returns/*.json',
  summary: 'Daily research returns of every grid point of one configuration: how a renamed idea is recognised.',
  schema: z.strictObject({
    artifact: z.literal('research-returns@1'),
    configuration: Sha256,
    venue: Venue,
    bar: IntervalName,
    data_sha: Sha256,
    data_as_of: IsoInstant.describe('close of the last bar in it: never past the start of the vault'),
    first_day: z.iso.date().nullable().describe('UTC day of the first value; null: no bar was measured'),
    days: z.number().int().nonnegative().describe('one value a day from the first to the last, holes are 0'),
    points: z
      .array(
        z.strictObject({
          params: z.record(z.string(), z.number()),
          unit: z.number().nonnegative().describe('return of one step, fraction; 0: the point never moved'),
          steps: z
            .string()
            .regex(/^([0-9a-f]{4})*$/)
            .describe('sum of simple net returns of each UTC day in units, 16-bit two’s complement, big-endian, hex'),
        }),
      )
      .min(1),
  }),
})
export type ResearchReturns = z.infer<typeof ResearchReturns.schema>
