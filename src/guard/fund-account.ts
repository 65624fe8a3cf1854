import {PRACTICE_USD} from '../contracts/orders.ts'
import type {Guard} from './guard.ts'

/** Give the workspace's account its practice money, once: the venue leaves an account that exists as it is. */
export async function fundPracticeAccount({view, link, account}: Guard): Promise<void> {
  await link.control('/_sim/account', {user: account, usdc: PRACTICE_USD})
  await view.refreshAccount()
}
