// The guides and the pages of problems.
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { looks, open, shoot, sizes } from './browser.mjs'

const guides = new URL('../../docs/guides/', import.meta.url)
const inGuides = readdirSync(guides).filter((f) => f.endsWith('.md') && f !== 'README.md').map((f) => f.slice(0, -3))
const paths = ['/docs/guides', ...inGuides.map((name) => `/docs/guides/${name}`), '/problems', '/problems/invalid_request', '/problems/unavailable']

export async function checkPages(browser, { url }, faults) {
  const page = await open(browser, url, looks[0], faults)
  for (const path of paths) {
    await page.goto(url + path)
    if (!await page.locator('h1').count()) faults.push(`${path}: there is no heading`)
    for (const look of looks) {
      await page.emulateMedia({ colorScheme: look.scheme })
      await page.setViewportSize(sizes[look.device])
      faults.push(...(await wrong(page, look)).map((what) => `${path} (${look.device}, ${look.scheme}): ${what}`))
      await shoot(page, `${path.replaceAll('/', '_')}-${look.device}-${look.scheme}`, true)
    }
  }
  await page.context().close()
}

/** What is wrong with how a page is laid out. */
export async function wrong(page, { scheme }) {
  const seen = await page.evaluate(() => ({
    beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    paper: getComputedStyle(document.body).backgroundColor,
  }))
  const faults = []
  if (seen.beyond > 0) faults.push(`the page is ${seen.beyond} pixels too wide`)
  if (isDark(seen.paper) !== (scheme === 'dark')) faults.push(`the paper is ${seen.paper}`)
  return faults
}

/** Whether a colour such as rgb(20, 23, 26) is nearer to black than to white. */
function isDark(colour) {
  const [r, g, b] = colour.match(/[\d.]+/g).map(Number)
  return (r + g + b) / 3 < 128
}

/** Runs the commands of each guide that talks to the server on port 8080. */
export async function checkExamples({ url }, faults) {
  for (const name of inGuides) {
    const text = readFileSync(new URL(`${name}.md`, guides), 'utf8')
    const commands = [...text.matchAll(/```sh\n(.*?)```/gs)].map((m) => m[1]).join('\n')
    if (!commands.includes('127.0.0.1:8080')) continue
    const script = commands.replaceAll('http://127.0.0.1:8080', url)
    // -f: an answer of 4xx is a fault of the guide.
    const shell = `curl() { command curl --fail-with-body "$@"; }; set -euo pipefail\n${script}`
    try {
      const { stdout } = await promisify(execFile)('bash', ['-c', shell])
      if (!stdout.trim()) faults.push(`${name}.md: its commands print nothing`)
    } catch (e) {
      faults.push(`${name}.md: its commands fail: ${e.stderr}${e.stdout}`)
    }
  }
}
