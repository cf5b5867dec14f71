// Checks the documentation in a real browser and fails with a list of problems.
// SHOTS=directory saves screenshots.
import { checkVendored } from './vendored.mjs'
import { launch } from './browser.mjs'
import { checkConnect } from './connect.mjs'
import { checkExamples, checkPages } from './pages.mjs'
import { checkReference, tryIt } from './reference.mjs'
import { checkSearch } from './search.mjs'
import { startServer } from './server.mjs'

const faults = []
const step = async (name, run) => {
  const start = Date.now()
  try {
    await run()
  } catch (e) {
    faults.push(`${name}: ${e.message}`)
  }
  console.log(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`)
}

const browser = await launch()
const server = await startServer()
try {
  await step('scripts of others', () => checkVendored(server, faults))
  await step('guides and problem pages', () => checkPages(browser, server, faults))
  await step('search', () => checkSearch(browser, server, faults))
  await step('reference', () => checkReference(browser, server, faults))
  await step('requests in the reference', () => tryIt(browser, server, faults))
  await step('page that connects WakaTime', () => checkConnect(browser, server, faults))
  await step('commands in the guides', () => checkExamples(server, faults))
} finally {
  await browser.close()
  await server.stop()
}
if (faults.length) {
  console.error(`\n${faults.length} problems:\n- ${[...new Set(faults)].join('\n- ')}`)
  process.exit(1)
}
console.log('the documentation is fine')
