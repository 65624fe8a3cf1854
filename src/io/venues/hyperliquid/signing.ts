import {encode} from '@msgpack/msgpack'
import {createL1ActionHash} from '@nktkas/hyperliquid/signing'
import {secp256k1} from '@noble/curves/secp256k1.js'
import {keccak_256} from '@noble/hashes/sha3.js'
import {bytesToHex, concatBytes, hexToBytes} from '@noble/hashes/utils.js'
import {type TypedDomain, type TypedField, typedDataDigest} from './signing-typed-data.ts'

/** `0x` and 64 hex digits each; `v` is 27 or 28. */
export interface Signature {
  readonly r: string
  readonly s: string
  readonly v: number
}

export type Network = 'mainnet' | 'testnet'

/** What an L1 signature covers. Key order inside `action` is part of the hash. */
export interface L1Action {
  readonly action: Readonly<Record<string, unknown>>
  /** epoch ms, never used before by this signer */
  readonly nonce: number
  readonly expiresAfter?: number
  readonly vaultAddress?: string
  readonly network: Network
}

const EXCHANGE: TypedDomain = {name: 'Exchange', chainId: 1337}
const AGENT: readonly TypedField[] = [
  {name: 'source', type: 'string'},
  {name: 'connectionId', type: 'bytes32'},
]

/**
 * Sign a trading action the way the venue recovers it.
 *
 * The hash of the action comes from the venue's TypeScript SDK; `recoverL1Signer` computes it with code of our own, so
 * each checks the other on every order the practice venue accepts. Deterministic (RFC 6979): the same action and nonce
 * give the same bytes, which makes a resend harmless.
 *
 * @see spec hyperliquid.md §3.1; vectors in payloads/hyperliquid/signing_vectors.json
 */
export function signL1Action({privateKey, ...signed}: L1Action & {readonly privateKey: string}): Signature {
  const {action, nonce, vaultAddress, expiresAfter, network} = signed
  const connectionId = createL1ActionHash({
    action: {...action},
    nonce,
    ...(vaultAddress === undefined ? {} : {vaultAddress: vaultAddress as `0x${string}`}),
    ...(expiresAfter === undefined ? {} : {expiresAfter}),
  })
  return signDigest(agentDigest(connectionId, network), privateKey)
}

/** Sign a user-signed action (approveAgent, transfers): only a master key may, and it moves money. */
export function signUserAction(
  primaryType: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, unknown>>,
  privateKey: string,
): Signature {
  return signDigest(userDigest(primaryType, fields, message), privateKey)
}

/**
 * Whose key signed this action: a lower-case address.
 *
 * A wrong signature cannot be told from another key's right one; the venue answers that an unknown address is not
 * registered. A signature that lies on no curve point gives null.
 */
export function recoverL1Signer({signature, ...signed}: L1Action & {readonly signature: Signature}): string | null {
  return recover(agentDigest(l1ActionHash(signed), signed.network), signature)
}

/** As `recoverL1Signer`, for user-signed actions. */
export function recoverUserSigner(
  primaryType: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, unknown>>,
  signature: Signature,
): string | null {
  return recover(userDigest(primaryType, fields, message), signature)
}

/** keccak256( msgpack(action) ‖ nonce ‖ vault marker [‖ vault] [‖ 0x00 ‖ expiresAfter] ), as 0x hex. */
export function l1ActionHash({action, nonce, vaultAddress, expiresAfter}: Omit<L1Action, 'network'>): string {
  const vault = vaultAddress === undefined ? [] : [hexToBytes(vaultAddress.slice(2).toLowerCase())]
  const expiry = expiresAfter === undefined ? [] : [Uint8Array.of(0), uint64(expiresAfter)]
  const marker = Uint8Array.of(vault.length)
  return `0x${bytesToHex(keccak_256(concatBytes(encode(action), uint64(nonce), marker, ...vault, ...expiry)))}`
}

/** Address of a private key, lower case. */
export const addressOf = (privateKey: string): string =>
  addressOfPoint(secp256k1.getPublicKey(hexToBytes(privateKey.slice(2)), false))

/** A fresh private key from the machine's entropy, as 0x hex. */
export const newPrivateKey = (): string => `0x${bytesToHex(secp256k1.utils.randomSecretKey())}`

function agentDigest(connectionId: string, network: Network): Uint8Array {
  return typedDataDigest(EXCHANGE, 'Agent', AGENT, {source: network === 'mainnet' ? 'a' : 'b', connectionId})
}

function userDigest(
  primaryType: string,
  fields: readonly TypedField[],
  message: Readonly<Record<string, unknown>>,
): Uint8Array {
  const chainId = Number(message['signatureChainId'])
  return typedDataDigest({name: 'HyperliquidSignTransaction', chainId}, primaryType, fields, message)
}

function signDigest(digest: Uint8Array, privateKey: string): Signature {
  const bytes = secp256k1.sign(digest, hexToBytes(privateKey.slice(2)), {prehash: false, format: 'recovered'})
  return {r: `0x${bytesToHex(bytes.slice(1, 33))}`, s: `0x${bytesToHex(bytes.slice(33))}`, v: 27 + bytes[0]!}
}

function recover(digest: Uint8Array, {r, s, v}: Signature): string | null {
  // Python clients trim leading zeros: r and s are integers, not 32-byte strings.
  const word = (hex: string): string => hex.replace(/^0x/, '').padStart(64, '0')
  try {
    const bytes = hexToBytes(`0${v - 27}${word(r)}${word(s)}`)
    const key = secp256k1.recoverPublicKey(bytes, digest, {prehash: false})
    return addressOfPoint(secp256k1.Point.fromBytes(key).toBytes(false))
  } catch {
    return null
  }
}

const addressOfPoint = (uncompressed: Uint8Array): string =>
  `0x${bytesToHex(keccak_256(uncompressed.slice(1)).slice(12))}`

function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
