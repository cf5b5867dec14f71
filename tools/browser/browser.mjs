// Starts Chromium and reports everything that a page must not do.
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const candidates = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export async function launch() {
  const executablePath = candidates.find((path) => path && existsSync(path))
  if (!executablePath) {
    throw new Error('Chromium not found. Install it (Debian: apt-get install chromium), or set CHROMIUM=/path/to/chromium')
  }
  const args = ['--no-first-run', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  if (process.getuid?.() === 0) args.push('--no-sandbox') // Chromium's sandbox does not run as root
  return chromium.launch({ executablePath, args })
}

// Each size and each scheme once: sizes matter for the layout, schemes for colors. Screenshots
// have all combinations.
export const looks = process.env.SHOTS
  ? ['desktop', 'phone'].flatMap((device) => ['light', 'dark'].map((scheme) => ({ device, scheme })))
  : [{ device: 'desktop', scheme: 'light' }, { device: 'phone', scheme: 'dark' }]
export const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 360, height: 780 } }

/** Opens a page in a browser without cookies. */
export async function newPage(browser, { device, scheme }) {
  const context = await browser.newContext({ viewport: sizes[device], colorScheme: scheme })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return page
}

/** Opens a page that adds console errors, failures and requests to other hosts to faults. */
export async function open(browser, base, look, faults) {
  const { device, scheme } = look
  const page = await newPage(browser, look)
  const report = (what) => faults.push(`${new URL(page.url(), base).pathname} (${device}, ${scheme}): ${what}`)
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && report(`console ${m.type()}: ${m.text()}`))
  page.on('pageerror', (e) => report(`uncaught: ${e.message}`))
  page.on('request', (r) => {
    const u = new URL(r.url())
    if (u.protocol.startsWith('http') && u.origin !== base) report(`request to another host: ${r.url()}`)
  })
  page.on('response', (r) => r.status() >= 400 && report(`${r.request().method()} ${r.url()} returned ${r.status()}`))
  return page
}

/** Saves a screenshot in the directory SHOTS, if it is set. */
export async function shoot(page, name, fullPage = false) {
  if (!process.env.SHOTS) return
  mkdirSync(process.env.SHOTS, { recursive: true })
  await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage })
}
