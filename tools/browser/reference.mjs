// Checks the reference at /docs.
import { looks, open, shoot } from './browser.mjs'
import { layoutFaults } from './pages.mjs'

const section = (page, id) => page.locator(`[id="api-1/${id}"]`)

export async function checkReference(browser, { url }, faults) {
  const contract = await (await fetch(`${url}/openapi.json`)).json()
  await Promise.all(looks.map(async (look) => {
    const page = await open(browser, url, look, faults)
    const report = (what) => faults.push(`/docs (${look.device}, ${look.scheme}): ${what}`)
    // A deprecated operation must be marked; the contract may have none.
    await page.route('**/openapi.json', (route) => {
      const modified = structuredClone(contract)
      modified.paths['/me'].get.deprecated = true
      return route.fulfill({ json: modified })
    })
    await page.goto(`${url}/docs`)
    await page.getByRole('heading', { name: 'Gradus', exact: true }).waitFor()
    await shoot(page, `reference-top-${look.device}-${look.scheme}`)
    // The links of the guides use this fragment.
    await page.goto(`${url}/docs#tag/accounts/GET/me`)
    const me = section(page, 'tag/accounts/GET/me')
    await me.getByText("Get your account").first().waitFor()
    await me.getByText('Deprecated').first().waitFor()
    await page.waitForFunction(() => Math.abs(document.getElementById('api-1/tag/accounts/GET/me').getBoundingClientRect().top) < 300)
    // Our clients come first, in each language.
    const languages = me.getByRole('button', { name: 'Change code sample language: TypeScript' })
    await languages.click()
    for (const name of ['TypeScript', 'Go', 'Python', 'Curl']) {
      if (!await page.getByRole('option', { name }).count()) report(`no sample in ${name}`)
    }
    await page.keyboard.press('Escape')
    ;(await layoutFaults(page, look)).forEach(report)
    for (const to of ['/docs/guides', '/problems']) {
      if (!await page.locator(`header a[href="${to}"]`).isVisible()) report(`no link to ${to} in the header`)
    }
    await shoot(page, `reference-operation-${look.device}-${look.scheme}`)
    await page.context().close()
  }))
}

/** Signs in, enters the token and creates a batch with the reference's client. */
export async function tryIt(browser, { url, accounts }, faults) {
  const { email, password } = accounts.find((a) => a.role === 'admin')
  const page = await open(browser, url, { device: 'desktop', scheme: 'light' }, faults)
  // A page beside the reference may use a cookie, which must not get in the way of the token.
  const cookie = await page.request.post(`${url}/api/v1/auth/login`, { data: { email, password, carrier: 'cookie' } })
  if (!(await page.context().cookies(url)).some(({ name }) => name.endsWith('gradus_session'))) faults.push(`signing in set no cookie: ${cookie.status()}`)
  const { token } = await expectStatus(await send(page, url, 'accounts', 'POST', '/auth/login', { body: { email, password } }), 200)
  const me = await expectStatus(await send(page, url, 'accounts', 'GET', '/me', { token }), 200)
  if (me.email !== email) faults.push(`GET /me in the reference returned ${me.email}`)
  const batch = { name: 'Created in the reference', starts_on: '2026-11-02', ends_on: '2027-02-26', time_zone: 'America/Chicago' }
  const created = await expectStatus(await send(page, url, 'batches', 'POST', '/batches', { body: batch }), 201)
  if (created.name !== batch.name) faults.push(`POST /batches in the reference returned ${created.name}`)
  await page.context().close()

  const phone = await open(browser, url, { device: 'phone', scheme: 'dark' }, faults)
  await expectStatus(await send(phone, url, 'accounts', 'POST', '/auth/login', { body: { email, password } }), 200)
  await phone.context().close()
}

async function expectStatus(response, want) {
  if (response.status() !== want) {
    throw new Error(`${response.request().method()} ${response.url()} returned ${response.status()}: ${await response.text()}`)
  }
  return response.json()
}

/** Opens an operation, fills in the values, sends the request and returns the response. */
async function send(page, url, tag, method, path, { body, token }) {
  await page.goto(`${url}/docs#tag/${tag}/${method}${path}`)
  await page.getByRole('button', { name: `Test Request (${method.toLowerCase()} ${path})` }).click()
  const dialog = page.getByRole('dialog').last()
  if (token) await dialog.getByLabel('Bearer Token').fill(token)
  if (body) {
    await dialog.locator('.cm-content').filter({ hasText: '{' }).first().click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.insertText(JSON.stringify(body, null, 2))
  }
  const [response] = await Promise.all([
    page.waitForResponse((r) => r.url() === `${url}/api/v1${path}` && r.request().method() === method),
    dialog.getByRole('button', { name: 'Send' }).first().click(),
  ])
  await dialog.getByText(String(response.status())).first().waitFor()
  await shoot(page, `reference-response-${path.replaceAll('/', '_')}-${page.viewportSize().width}`)
  await page.getByRole('button', { name: 'Close Client' }).click()
  return response
}
