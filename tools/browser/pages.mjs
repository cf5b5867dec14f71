// Checks the guides and the problem pages.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { looks, open, shoot, sizes } from './browser.mjs'

const docs = new URL('../../docs/', import.meta.url)
const names = (folder) => readdirSync(new URL(folder, docs)).filter((f) => f.endsWith('.md') && f !== 'README.md').map((f) => f.slice(0, -3))
const guideNames = names('guides/')
const paths = [
  '/docs/guides', ...guideNames.map((name) => `/docs/guides/${name}`),
  '/docs/operate', '/docs/operate/operations', ...names('operate/').map((name) => `/docs/operate/${name}`),
  '/problems', '/problems/invalid_request', '/problems/unavailable',
]

export async function checkPages(browser, { url }, faults) {
  const page = await open(browser, url, looks[0], faults)
  for (const path of paths) {
    await page.goto(url + path)
    if (!await page.locator('h1').count()) faults.push(`${path}: no heading`)
    for (const look of looks) {
      await page.emulateMedia({ colorScheme: look.scheme })
      await page.setViewportSize(sizes[look.device])
      const found = [...await layoutFaults(page, look), ...await page.evaluate(contentFaults, look.device === 'phone')]
      faults.push(...found.map((what) => `${path} (${look.device}, ${look.scheme}): ${what}`))
      await shoot(page, `${path.replaceAll('/', '_')}-${look.device}-${look.scheme}`, true)
    }
  }
  await checkCopy(page, url, faults)
  await page.context().close()
}

/** Runs in the page: returns what a reader could not read or copy. */
function contentFaults(isPhone) {
  const faults = []
  const cut = (el) => el.scrollWidth > el.clientWidth + 1
  for (const table of document.querySelectorAll('main table')) {
    if (cut(table.parentElement) || table.getBoundingClientRect().right > document.documentElement.clientWidth) faults.push(`a table is cut off: ${table.textContent.slice(0, 60)}`)
    const label = getComputedStyle(table.querySelector('td:nth-child(2)') ?? table, '::before').content
    if (isPhone && table.querySelector('td:nth-child(2)') && !/\w/.test(label)) faults.push('a cell on a phone has no heading')
  }
  for (const pre of document.querySelectorAll('main pre')) {
    if (!pre.parentElement.querySelector('button.copy')) faults.push('a code block has no button to copy it')
  }
  // The contrast of text and background, as in WCAG 2.2 (1.4.3).
  const channel = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4)
  const luminance = (color) => { const [r, g, b] = color.match(/[\d.]+/g).map(Number).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b }
  const background = (el) => { const c = getComputedStyle(el).backgroundColor; return /, 0\)$/.test(c) || c === 'transparent' ? background(el.parentElement) : c }
  for (const el of document.querySelectorAll('main pre span, main a, main code, main p, main td, .site-header a, .menu a')) {
    const [light, dark] = [luminance(getComputedStyle(el).color), luminance(background(el))].sort((a, b) => b - a)
    const contrast = (light + 0.05) / (dark + 0.05)
    if (contrast < 4.5) faults.push(`"${el.textContent.slice(0, 30)}" (${el.className}) has a contrast of ${contrast.toFixed(1)}`)
  }
  return [...new Set(faults)].slice(0, 5)
}

/** Copies a command, and checks that its code has colors. */
async function checkCopy(page, url, faults) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.goto(`${url}/docs/guides/getting-started`)
  const block = page.locator('.code').first()
  await block.hover()
  await block.getByRole('button', { name: 'Copy' }).click()
  await block.getByRole('button', { name: 'Copied' }).waitFor()
  const [copied, shown] = [await page.evaluate(() => navigator.clipboard.readText()), await block.locator('pre').textContent()]
  if (copied !== shown || !shown.trim()) faults.push(`"${copied}" was copied of "${shown}"`)
  const colors = await block.locator('pre span').evaluateAll((spans) => new Set(spans.map((s) => getComputedStyle(s).color)).size)
  if (colors < 3) faults.push(`code has only ${colors} colors`)
}

/** Returns the layout problems of a page. */
export async function layoutFaults(page, { scheme }) {
  const layout = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    background: getComputedStyle(document.body).backgroundColor,
  }))
  const faults = []
  if (layout.overflow > 0) faults.push(`the page is ${layout.overflow} pixels too wide`)
  if (isDark(layout.background) !== (scheme === 'dark')) faults.push(`the background is ${layout.background}`)
  return faults
}

/** Reports whether a color such as rgb(20, 23, 26) is closer to black than to white. */
function isDark(color) {
  const [r, g, b] = color.match(/[\d.]+/g).map(Number)
  return (r + g + b) / 3 < 128
}

/** Runs the commands of each guide that uses the server on port 8080. */
export async function checkExamples({ url }, faults) {
  for (const name of guideNames) {
    const text = readFileSync(new URL(`guides/${name}.md`, docs), 'utf8')
    const commands = [...text.matchAll(/```sh\n(.*?)```/gs)].map((m) => m[1]).join('\n')
    if (!commands.includes('127.0.0.1:8080')) continue
    const script = commands.replaceAll('http://127.0.0.1:8080', url)
    // A 4xx response must fail: the guide is wrong.
    const shell = `curl() { command curl --fail-with-body "$@"; }; set -euo pipefail\n${script}`
    try {
      const { stdout } = await promisify(execFile)('bash', ['-c', shell])
      if (!stdout.trim()) faults.push(`${name}.md: the commands print nothing`)
    } catch (e) {
      faults.push(`${name}.md: the commands failed: ${e.stderr}${e.stdout}`)
    }
  }
}
