import {decimal, isZero} from '../kernel/decimal.ts'
import type {Guard} from './guard.ts'

/** What a fresh practice account starts with, USD. */
const PRACTICE_USD = '100000'

/** Give the workspace's account its practice money, once: an account that was ever funded is left alone. */
export async function fundPracticeAccount({view, link, account, log}: Guard): Promise<void> {
  await view.refreshAccount()
  const equity = view.clearing?.marginSummary.accountValue ?? '0'
  if (!isZero(decimal(equity)) || log.everSent) return
  await link.control('/_sim/account', {user: account, usdc: PRACTICE_USD})
  await view.refreshAccount()
}
