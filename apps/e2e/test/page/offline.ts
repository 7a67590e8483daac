import type { Page } from '@playwright/test'
import { expect } from '../product/fixtures.ts'
import type { Line } from './line.ts'

/** A tab and its line. */
export interface Tab {
  readonly page: Page
  readonly line: Line
}

/** What a browser writes into its console when nobody answers. */
export const NOBODY_ANSWERS =
  /WebSocket connection to|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|Failed to load resource/

/** Takes the network from tabs of one browser; resolves once their pages know. */
export async function goOffline(...tabs: readonly Tab[]): Promise<void> {
  for (const { page } of tabs) await page.context().setOffline(true)
  for (const { page, line } of tabs) {
    // A browser that is set offline keeps the connections that it has.
    await line.cut()
    await expect(notice(page)).toBeVisible()
  }
}

/** The line above the page that says that there is no connection. */
export function notice(page: Page) {
  return page.getByText(/^Connection lost|^There is no connection to the server/)
}
