/** What a fault strikes. */
export type Target = 'request' | 'info' | 'ex' | 'handshake' | 'subscribe' | 'frame' | 'market'

interface Entry {
  readonly meets: Target
  /** what `durMs` says: for how long it may hit, how long one hit goes on, or for how long it hits everything */
  readonly durMs: 'window' | 'hold' | 'lasts'
}

const once = (meets: Target): Entry => ({meets, durMs: 'window'})
const holding = (meets: Target): Entry => ({meets, durMs: 'hold'})
const lasting = (meets: Target): Entry => ({meets, durMs: 'lasts'})

/** Faults a client can meet, by what it sees on the wire. @see spec hyperliquid.md §6.5 */
export const CATALOGUE = {
  'ex.timeout.accepted': holding('ex'),
  'ex.timeout.dropped': holding('ex'),
  'ex.500': once('ex'),
  'ex.reply.slow': holding('ex'),
  'info.500': once('info'),
  'info.timeout': holding('info'),
  'http.429': once('request'),
  'http.500.null': once('request'),
  'http.502': once('request'),
  'http.504': once('request'),
  'ws.handshake.429': once('handshake'),
  'ws.handshake.502': once('handshake'),
  'ws.handshake.slow': holding('handshake'),
  'ws.badcoin': once('subscribe'),
  'ws.ack.lost': once('subscribe'),
  'ws.ack.late': holding('subscribe'),
  'ws.drop.1006': once('frame'),
  'ws.close.1000': once('frame'),
  'ws.halfopen': holding('frame'),
  'ws.idle60': holding('frame'),
  'ws.snapshot.replay': once('frame'),
  'ws.dup': once('frame'),
  'ws.reorder': once('frame'),
  'ws.gap': lasting('frame'),
  'book.stale': lasting('frame'),
  'book.crossed': lasting('frame'),
  'book.empty': lasting('frame'),
  'book.oneside': lasting('frame'),
  'json.malformed': once('frame'),
  'json.truncated': once('frame'),
  'json.huge': once('frame'),
  'json.type': once('frame'),
  'json.channel': once('frame'),
  'json.enum': once('frame'),
  'candle.late': once('market'),
  'funding.late': once('market'),
  'meta.change': once('market'),
} as const satisfies Record<string, Entry>

export type FaultId = keyof typeof CATALOGUE
export const FAULT_IDS = Object.keys(CATALOGUE) as [FaultId, ...FaultId[]]
