import {keccak_256} from '@noble/hashes/sha3.js'
import {concatBytes, hexToBytes, utf8ToBytes} from '@noble/hashes/utils.js'

export interface TypedField {
  readonly name: string
  readonly type: 'string' | 'address' | 'bool' | 'uint64' | 'uint256' | 'bytes32'
}

export interface TypedDomain {
  readonly name: string
  readonly chainId: number
}

const DOMAIN_FIELDS: readonly TypedField[] = [
  {name: 'name', type: 'string'},
  {name: 'version', type: 'string'},
  {name: 'chainId', type: 'uint256'},
  {name: 'verifyingContract', type: 'address'},
]

/**
 * The 32 bytes that an EIP-712 signature covers, for the flat structs this venue uses.
 *
 * Every domain of the venue has version "1" and the zero address as verifying contract.
 *
 * @param fields   in the order of the type string; order and names are part of the hash
 * @param message  one value per field; numbers are safe integers, bytes and addresses are 0x hex
 * @returns        keccak256(0x1901 ‖ domain separator ‖ struct hash)
 * @see EIP-712; venue types in spec hyperliquid.md §3.1 and §3.2
 */
export function typedDataDigest(
  {name, chainId}: TypedDomain,
  primaryType: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, unknown>>,
): Uint8Array {
  const domain = {name, version: '1', chainId, verifyingContract: `0x${'00'.repeat(20)}`}
  return keccak_256(
    concatBytes(
      Uint8Array.of(0x19, 0x01),
      structHash('EIP712Domain', DOMAIN_FIELDS, domain),
      structHash(primaryType, fields, message),
    ),
  )
}

function structHash(
  type: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, unknown>>,
): Uint8Array {
  const typeText = `${type}(${fields.map((field) => `${field.type} ${field.name}`).join(',')})`
  const words = fields.map((field) => encodeWord(field.type, message[field.name]))
  return keccak_256(concatBytes(keccak_256(utf8ToBytes(typeText)), ...words))
}

/** One 32-byte word: text by its hash, everything else left-padded. */
function encodeWord(type: TypedField['type'], value: unknown): Uint8Array {
  if (type === 'string') return keccak_256(utf8ToBytes(String(value)))
  const hex = typeof value === 'string' ? value.slice(2) : BigInt(value as number | boolean).toString(16)
  return hexToBytes(hex.toLowerCase().padStart(64, '0'))
}
