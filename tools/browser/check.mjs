// Reads the documentation as people do, in a real browser, and fails with a list of
// everything that is wrong. SHOTS=folder keeps pictures.
import { launch } from './browser.mjs'
import { checkExamples, checkPages } from './pages.mjs'
import { checkReference, tryIt } from './reference.mjs'
import { startServer } from './server.mjs'

const faults = []
const step = async (name, run) => {
  const begun = Date.now()
  try {
    await run()
  } catch (e) {
    faults.push(`${name}: ${e.message}`)
  }
  console.log(`${name}: ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

const browser = await launch()
const server = await startServer()
try {
  await step('the guides and problems', () => checkPages(browser, server, faults))
  await step('the reference', () => checkReference(browser, server, faults))
  await step('trying operations in the reference', () => tryIt(browser, server, faults))
  await step('the commands of the guides', () => checkExamples(server, faults))
} finally {
  await browser.close()
  await server.stop()
}
if (faults.length) {
  console.error(`\n${faults.length} things are wrong:\n- ${[...new Set(faults)].join('\n- ')}`)
  process.exit(1)
}
console.log('the documentation reads well')
