import {z} from 'zod'

const Common = {
  name: z.string().describe('file name of the picture, without extension'),
  title: z.string(),
  xLabel: z.string(),
  yLabel: z.string(),
}
/** A column of numbers as text, blanks between them: a verdict that is printed line by line stays short. */
const Numbers = z.string().regex(/^(-?\d+(\.\d+)?(e[+-]\d+)?( |$))*$/)
const Mark = z.strictObject({at: z.number(), label: z.string()})

/** What a picture of a stage is drawn from, kept with the verdict: whoever has the verdict can draw it again. */
export const Exhibit = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('curves'),
    ...Common,
    xKind: z.enum(['time', 'value']).describe('time: x is epoch ms'),
    curves: z.array(z.strictObject({name: z.string(), dashed: z.boolean(), x: Numbers, y: Numbers})),
    marks: z.array(Mark.extend({axis: z.enum(['x', 'y'])})),
  }),
  z.strictObject({
    kind: z.literal('histogram'),
    ...Common,
    from: z.number().describe('left edge of the first bin'),
    width: z.number().positive(),
    counts: z.array(z.number().int().nonnegative()),
    marks: z.array(Mark),
  }),
  z.strictObject({
    kind: z.literal('bars'),
    ...Common,
    categories: z.array(z.string()),
    values: z.array(z.number().nullable()),
    marks: z.array(Mark),
  }),
  z.strictObject({
    kind: z.literal('heat'),
    ...Common,
    columns: z.array(z.string()),
    rows: z.array(z.string()),
    values: z.array(z.array(z.number().nullable())).describe('shape [row][column]'),
  }),
])
export type Exhibit = z.infer<typeof Exhibit>
