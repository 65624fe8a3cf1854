const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/

/**
 * ISO 8601 (a date, or a date and a time, with a zone or without), or an epoch in seconds or ms.
 *
 * @returns null for anything else, such as a day of no calendar or 01/02/2024, which could be two days
 */
export function parseInstantOr(text: string): {ms: number; zoned: boolean} | null {
  if (/^\d{9,10}$/.test(text)) return {ms: Number(text) * 1000, zoned: true}
  if (/^\d{12,13}$/.test(text)) return {ms: Number(text), zoned: true}
  const found = /^\d{4}-\d{2}$/.test(text) ? ISO.exec(`${text}-01`) : ISO.exec(text)
  if (!found) return null
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone] = found
  const shown = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  const ms = Date.parse(`${shown}Z`)
  // Date.parse takes the 30th of February for the 1st of March.
  if (!Number.isFinite(ms) || !new Date(ms).toISOString().startsWith(shown)) return null
  const offset = zone === undefined || zone === 'Z' ? 0 : offsetOf(zone)
  return {ms: ms + Math.round(Number(`0.${fraction}`) * 1000) - offset, zoned: zone !== undefined}
}

const offsetOf = (zone: string): number => {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))]
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
