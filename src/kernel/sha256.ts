import {sha256 as digest} from '@noble/hashes/sha2.js'
import {bytesToHex, utf8ToBytes} from '@noble/hashes/utils.js'

/** SHA-256 of UTF-8 text or bytes, as 64 lower-case hex digits. */
export const sha256 = (content: string | Uint8Array): string =>
  bytesToHex(digest(typeof content === 'string' ? utf8ToBytes(content) : content))

/** SHA-256 as 32 bytes. */
export const sha256Bytes = (content: string | Uint8Array): Uint8Array =>
  digest(typeof content === 'string' ? utf8ToBytes(content) : content)
