// Chromium as the check needs it: watched for everything that a page must not do.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export async function launch() {
  const executablePath = places.find((at) => at && existsSync(at))
  if (!executablePath) {
    throw new Error('no Chromium was found. Install it (Debian: apt-get install chromium), or name it in CHROMIUM=/path/to/chromium')
  }
  const args = ['--no-first-run', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  if (process.getuid?.() === 0) args.push('--no-sandbox') // Chromium refuses to be root in a sandbox
  return chromium.launch({ executablePath, args })
}

export const looks = ['desktop', 'phone'].flatMap((device) => ['light', 'dark'].map((scheme) => ({ device, scheme })))
export const sizes = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } }

/** A page whose console errors, failures and requests to other hosts go into faults. */
export async function open(browser, base, { device, scheme }, faults) {
  const context = await browser.newContext({ viewport: sizes[device], colorScheme: scheme })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const note = (what) => faults.push(`${new URL(page.url(), base).pathname} (${device}, ${scheme}): ${what}`)
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && note(`console ${m.type()}: ${m.text()}`))
  page.on('pageerror', (e) => note(`uncaught: ${e.message}`))
  page.on('request', (r) => {
    const u = new URL(r.url())
    if (u.protocol.startsWith('http') && u.origin !== base) note(`asks another host: ${r.url()}`)
  })
  page.on('response', (r) => r.status() >= 400 && note(`${r.request().method()} ${r.url()} is answered with ${r.status()}`))
  return page
}

/** Keeps a picture for a person to look at, when SHOTS names a folder. */
export async function shoot(page, name, fullPage = false) {
  if (!process.env.SHOTS) return
  mkdirSync(process.env.SHOTS, { recursive: true })
  await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage })
}
