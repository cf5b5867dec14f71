// Checks the guides and the problem pages.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { looks, open, shoot, sizes } from './browser.mjs'

const guides = new URL('../../docs/guides/', import.meta.url)
const guideNames = readdirSync(guides).filter((f) => f.endsWith('.md') && f !== 'README.md').map((f) => f.slice(0, -3))
const paths = ['/docs/guides', ...guideNames.map((name) => `/docs/guides/${name}`), '/problems', '/problems/invalid_request', '/problems/unavailable']

export async function checkPages(browser, { url }, faults) {
  const page = await open(browser, url, looks[0], faults)
  for (const path of paths) {
    await page.goto(url + path)
    if (!await page.locator('h1').count()) faults.push(`${path}: no heading`)
    for (const look of looks) {
      await page.emulateMedia({ colorScheme: look.scheme })
      await page.setViewportSize(sizes[look.device])
      faults.push(...(await layoutFaults(page, look)).map((what) => `${path} (${look.device}, ${look.scheme}): ${what}`))
      await shoot(page, `${path.replaceAll('/', '_')}-${look.device}-${look.scheme}`, true)
    }
  }
  await page.context().close()
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
    const text = readFileSync(new URL(`${name}.md`, guides), 'utf8')
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
