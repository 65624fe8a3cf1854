import {readFileSync} from 'node:fs'
import {describe, expect, it} from 'vitest'
import {
  addressOf,
  l1ActionHash,
  type Network,
  newPrivateKey,
  recoverL1Signer,
  recoverUserSigner,
  type Signature,
  signL1Action,
  signUserAction,
} from '../../../src/io/venues/hyperliquid/signing.ts'
import type {TypedField} from '../../../src/io/venues/hyperliquid/signing-typed-data.ts'
import {sharedFile} from '../../golden-files.ts'

interface L1Vector {
  readonly name: string
  readonly userSigned?: boolean
  readonly action: Record<string, unknown>
  readonly nonce: number
  readonly vaultAddress: string | null
  readonly expiresAfter?: number | null
  readonly connectionId?: string
  readonly mainnet?: Signature
  readonly testnet?: Signature
}

interface UserVector {
  readonly name: string
  readonly primaryType: string
  readonly types: readonly TypedField[]
  readonly message: Record<string, unknown>
  readonly signature?: Signature
  readonly testnet?: Signature
}

interface Vectors {
  readonly privateKey: string
  readonly address: string
  readonly official_python_sdk: readonly (L1Vector & UserVector)[]
  readonly official_nktkas: readonly {action: Record<string, unknown>; nonce: number; hash: Record<string, string>}[]
  readonly derived: readonly L1Vector[]
  readonly derived_user_signed: readonly UserVector[]
}

const path = sharedFile('payloads/hyperliquid/signing_vectors.json')
const KEY = '0x0123456789012345678901234567890123456789012345678901234567890123'
const ORDER = {
  type: 'order',
  orders: [{a: 1, b: true, p: '100', s: '100', r: false, t: {limit: {tif: 'Gtc'}}}],
  grouping: 'na',
}

/** r and s are integers: published vectors drop leading zeros. */
const asIntegers = ({r, s, v}: Signature) => ({r: BigInt(r), s: BigInt(s), v})
const optional = ({vaultAddress, expiresAfter}: L1Vector) => ({
  ...(vaultAddress ? {vaultAddress} : {}),
  ...(expiresAfter ? {expiresAfter} : {}),
})

describe('L1 signatures', () => {
  it('equal the published order vector on mainnet', () => {
    const signature = signL1Action({action: ORDER, nonce: 0, privateKey: KEY, network: 'mainnet'})
    expect(signature).toEqual({
      r: '0xd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e',
      s: '0x2b54116ff64054968aa237c20ca9ff68000f977c93289157748a3162b6ea940e',
      v: 28,
    })
  })

  it.skipIf(path === null)('equal every known vector on both networks and recover to its address', () => {
    const vectors = JSON.parse(readFileSync(path!, 'utf8')) as Vectors
    const l1 = [...vectors.official_python_sdk.filter((vector) => !vector.userSigned), ...vectors.derived]
    let signatures = 0
    for (const vector of l1) {
      const covered = {action: vector.action, nonce: vector.nonce, ...optional(vector)}
      if (vector.connectionId) expect(l1ActionHash(covered), vector.name).toBe(vector.connectionId)
      for (const network of ['mainnet', 'testnet'] satisfies Network[]) {
        const known = vector[network]
        if (!known) continue
        const signature = signL1Action({...covered, privateKey: vectors.privateKey, network})
        expect(asIntegers(signature), `${vector.name} ${network}`).toEqual(asIntegers(known))
        expect(recoverL1Signer({...covered, network, signature: known}), vector.name).toBe(vectors.address)
        signatures++
      }
    }
    expect(signatures).toBeGreaterThanOrEqual(56)
  })

  it.skipIf(path === null)('hash vault and expiry in every combination of the SDK vectors', () => {
    const vectors = JSON.parse(readFileSync(path!, 'utf8')) as Vectors
    const [vector] = vectors.official_nktkas
    const {action, nonce} = vector!
    const vaultAddress = '0x1234567890123456789012345678901234567890'
    const hashes = [
      l1ActionHash({action, nonce}),
      l1ActionHash({action, nonce, vaultAddress}),
      l1ActionHash({action, nonce, expiresAfter: nonce}),
      l1ActionHash({action, nonce, vaultAddress, expiresAfter: nonce}),
    ]
    expect(new Set(hashes)).toEqual(new Set(Object.values(vector!.hash)))
  })

  it.skipIf(path === null)('of user-signed actions equal the known vectors', () => {
    const vectors = JSON.parse(readFileSync(path!, 'utf8')) as Vectors
    const known = [...vectors.official_python_sdk.filter((vector) => vector.userSigned), ...vectors.derived_user_signed]
    expect(known.length).toBe(8)
    for (const vector of known) {
      const signature = signUserAction(vector.primaryType, vector.types, vector.message, vectors.privateKey)
      const published = vector.signature ?? vector.testnet!
      expect(asIntegers(signature), vector.name).toEqual(asIntegers(published))
      expect(recoverUserSigner(vector.primaryType, vector.types, vector.message, published)).toBe(vectors.address)
    }
  })

  it('recover to another address after any one-byte change', () => {
    const covered = {action: ORDER, nonce: 1_713_825_891_591, expiresAfter: 1_713_825_901_591}
    const signature = signL1Action({...covered, privateKey: KEY, network: 'testnet'})
    const signer = addressOf(KEY)
    expect(recoverL1Signer({...covered, network: 'testnet', signature})).toBe(signer)
    expect(recoverL1Signer({...covered, network: 'mainnet', signature})).not.toBe(signer)
    expect(recoverL1Signer({...covered, nonce: covered.nonce + 1, network: 'testnet', signature})).not.toBe(signer)
    expect(recoverL1Signer({...covered, expiresAfter: 1, network: 'testnet', signature})).not.toBe(signer)
    for (const part of ['r', 's'] as const) {
      for (let digit = 2; digit < 66; digit++) {
        const swapped = signature[part][digit] === '0' ? '1' : '0'
        const mutated = signature[part].slice(0, digit) + swapped + signature[part].slice(digit + 1)
        const from = recoverL1Signer({...covered, network: 'testnet', signature: {...signature, [part]: mutated}})
        expect(from).not.toBe(signer)
      }
    }
  })

  it('depend on key order, trailing zeros and explicit false', () => {
    const hash = (action: Record<string, unknown>) => l1ActionHash({action, nonce: 0})
    const [order] = ORDER.orders
    const {a, b, ...rest} = order!
    expect(hash({...ORDER, orders: [{b, a, ...rest}]})).not.toBe(hash(ORDER))
    expect(hash({...ORDER, orders: [{...order, p: '100.0'}]})).not.toBe(hash(ORDER))
    expect(hash({type: 'cancel', cancels: [{a: 0, o: 1}], f: false})).not.toBe(
      hash({type: 'cancel', cancels: [{a: 0, o: 1}]}),
    )
  })

  it('of fresh keys recover to their own addresses', () => {
    for (let i = 0; i < 5; i++) {
      const privateKey = newPrivateKey()
      const covered = {action: {type: 'noop'}, nonce: 1_700_000_000_000 + i, network: 'testnet' as const}
      const signature = signL1Action({...covered, privateKey})
      expect(recoverL1Signer({...covered, signature})).toBe(addressOf(privateKey))
    }
  })
})
