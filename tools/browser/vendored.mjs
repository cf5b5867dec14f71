// Compares the scripts of others that the server embeds with their packages, which npm has
// verified against package-lock.json.
import { readFileSync } from 'node:fs'

export async function checkVendored({ url }, faults) {
  const ours = await (await fetch(`${url}/docs/minisearch.js`)).text()
  if (ours !== readFileSync(new URL('node_modules/minisearch/dist/es/index.js', import.meta.url), 'utf8')) {
    faults.push('minisearch.js is not that of the package; update assets/minisearch.js.gz')
  }
}
