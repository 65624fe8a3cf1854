/**
 * What reading one source gave. `none` is an honest nothing (never traded, no ritual yet); `unreadable` is a source that
 * is there and cannot be trusted, which is never shown as good news.
 */
export type Reading<T> =
  | {readonly state: 'read'; readonly value: T}
  | {readonly state: 'none'; readonly why: string}
  | {readonly state: 'unreadable'; readonly why: string}

export const read = <T>(value: T): Reading<T> => ({state: 'read', value})
export const none = (why: string): Reading<never> => ({state: 'none', why})
export const unreadable = (why: string): Reading<never> => ({state: 'unreadable', why})
