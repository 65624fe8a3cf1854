import {z} from 'zod'

/**
 * Actions as the venue reads them: known keys in struct order, numbers normalised, absent options absent.
 *
 * The signature is checked over this canonical form. A client that signed `100.0`, an explicit `f: false` or an
 * upper-case cloid hashed something else, and recovers to a stranger: that is how the real venue fails too.
 */
const Index = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/)
  .transform((text) => text.toLowerCase())
const Cloid = z
  .string()
  .regex(/^0x[0-9a-fA-F]{32}$/)
  .transform((text) => text.toLowerCase())
const WireNumber = z
  .string()
  .regex(/^\d{1,20}(\.\d{1,12})?$/)
  .transform((text) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text))
/** `true` or absent; an explicit false is dropped, and with it the signature over it. */
const OnlyTrue = z
  .boolean()
  .nullish()
  .transform((flag) => (flag === true ? true : undefined))

const OrderWire = z.object({
  a: Index,
  b: z.boolean(),
  p: WireNumber,
  s: WireNumber,
  r: z.boolean(),
  t: z.object({limit: z.object({tif: z.enum(['Alo', 'Ioc', 'Gtc'])})}),
  c: Cloid.nullish().transform((cloid) => cloid ?? undefined),
})

export const L1Action = z.discriminatedUnion('type', [
  z.object({type: z.literal('order'), orders: z.array(OrderWire), grouping: z.literal('na')}),
  z.object({
    type: z.literal('cancel'),
    cancels: z.array(z.object({a: Index, o: Index})),
    f: OnlyTrue,
  }),
  z.object({
    type: z.literal('cancelByCloid'),
    cancels: z.array(z.object({asset: Index, cloid: Cloid})),
    f: OnlyTrue,
  }),
  z.object({type: z.literal('noop')}),
  z.object({type: z.literal('updateLeverage'), asset: Index, isCross: z.boolean(), leverage: z.number().int().min(1)}),
  z.object({
    type: z.literal('scheduleCancel'),
    time: Index.nullish().transform((time) => time ?? undefined),
  }),
])
export type L1Action = z.infer<typeof L1Action>

export const ApproveAgent = z.object({
  type: z.literal('approveAgent'),
  signatureChainId: z.string().regex(/^0x[0-9a-fA-F]{1,16}$/),
  hyperliquidChain: z.literal('Testnet'),
  agentAddress: Address,
  agentName: z.string().max(60).nullish(),
  nonce: Index,
})
export type ApproveAgent = z.infer<typeof ApproveAgent>

const HexWord = z.string().regex(/^0x[0-9a-fA-F]{1,64}$/)

export const Envelope = z.object({
  action: z.looseObject({type: z.string()}),
  nonce: Index,
  signature: z.object({r: HexWord, s: HexWord, v: z.union([z.literal(27), z.literal(28)])}),
  vaultAddress: Address.nullish(),
  expiresAfter: Index.nullish(),
})
export type Envelope = z.infer<typeof Envelope>

/** Without its undefined entries: what is hashed has no keys for absent options. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, canonical(item)]),
  )
}
