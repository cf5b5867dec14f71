// Checks the page that connects users to WakaTime, with the fake WakaTime server.
import { looks, newPage, shoot, sizes } from './browser.mjs'
import { layoutFaults } from './pages.mjs'

export async function checkConnect(browser, server, faults) {
  const { url, fake_wakatime: wakatime, accounts } = server
  const password = accounts[0].password
  const fail = (what) => faults.push(`/wakatime: ${what}`)
  const person = await addPerson(wakatime, 'connect-page')
  const email = accounts.find((a) => a.role === 'admin').email

  const page = await newPage(browser, looks[0])
  const seen = watch(page, url, wakatime)
  const message = page.locator('#message')
  const says = async (title) => {
    try {
      await message.getByText(title).waitFor({ timeout: 8000 })
    } catch {
      throw new Error(`${page.url()} says "${await page.locator('body').innerText()}" instead of "${title}"`)
    }
    for (const look of looks) {
      await page.emulateMedia({ colorScheme: look.scheme })
      await page.setViewportSize(sizes[look.device])
      ;(await layoutFaults(page, look)).forEach(fail)
      await shoot(page, `connect-${title.replaceAll(/\W+/g, '-')}-${look.device}-${look.scheme}`)
    }
  }
  const connect = async (name, then) => {
    await page.getByRole('button', { name }).click()
    await approve(page, person)
    await says(then)
    if (page.url() !== `${url}/wakatime`) fail(`the URL is ${page.url()} after the redirect`)
  }

  // A result that arrives without a session, and a description that is markup.
  await page.goto(`${url}/wakatime/callback?code=abc&state=def`)
  await says('Sign in to continue')
  await page.goto(`${url}/wakatime/callback?error=constructor&error_description=<img src=x onerror=alert(1)>`)
  await says('Sign in to continue')
  if (await page.locator('img').count()) fail('shows the description of an error as markup')

  await page.goto(`${url}/wakatime`)
  await says('Sign in')
  await signIn(page, email, 'a wrong password here')
  await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor()
  await signIn(page, email, password)
  await says('You are not connected')
  if (!await page.getByText(email).isVisible()) fail('does not show who is signed in')

  // Whatever goes wrong, the page says what to do, and the same button works afterwards.
  await page.goto(`${url}/wakatime/callback?code=abc&state=def`)
  await says('This connection could not be finished')
  await page.goto(`${url}/wakatime/callback?error=constructor`)
  await says('This did not work')
  await scenario(wakatime, person, { access_denied: true })
  await connect('Try again', 'You did not allow access')
  await scenario(wakatime, person, { token_status: 503 })
  await connect('Try again', 'WakaTime is not available')
  await scenario(wakatime, person, null)
  seen.posts.length = 0
  await connect('Try again', 'You are connected as')

  // A reload, and going back and forward, send nothing again.
  await page.reload()
  await says('You are connected as')
  await page.goBack()
  await page.goForward()
  await says('You are connected as')
  if (seen.posts.filter((path) => path.endsWith('/callback')).length !== 1) fail(`the requests are ${seen.posts}`)
  const history = await page.evaluate(() => navigation.entries().map((entry) => entry.url))
  if (history.some((to) => /code=/.test(to))) fail(`the history is ${history}`)
  if ((await page.evaluate(() => document.cookie)) !== '') fail('leaves a cookie behind')
  await disconnect(page, url)
  await page.goto(`${url}/wakatime`)
  await says('You are not connected')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await says('You are signed out')
  seen.violations.forEach(fail)
  await page.context().close()
  await checkTaken(browser, server, person, fail)
}

/** Another user's account is not connected a second time. */
async function checkTaken(browser, { url, accounts }, person, fail) {
  const password = accounts[0].password
  const [first, second] = accounts.filter((a) => a.role === 'instructor' || a.role === 'admin').map((a) => a.email)
  for (const [email, want] of [[first, 'You are connected as'], [second, 'This WakaTime account is connected to another user']]) {
    const page = await newPage(browser, looks[0])
    await page.goto(`${url}/wakatime`)
    await signIn(page, email, password)
    await page.getByRole('button', { name: 'Connect WakaTime' }).click()
    await approve(page, person)
    await page.locator('#message').getByText(want).waitFor().catch(() => fail(`does not say "${want}"`))
    await shoot(page, `connect-taken-${email}`)
    await page.context().close()
  }
}

/** Collects violations of the policy, requests to other hosts, and writes. */
function watch(page, url, wakatime) {
  const seen = { posts: [], violations: [] }
  page.on('pageerror', (e) => seen.violations.push(`uncaught: ${e.message}`))
  page.on('dialog', (d) => seen.violations.push(`dialog: ${d.message()}`))
  page.on('console', (m) => /Content Security Policy|Trusted/i.test(m.text()) && seen.violations.push(m.text()))
  page.on('request', (r) => {
    const { origin, pathname } = new URL(r.url())
    if (origin !== url && ![wakatime, wakatime.replace('127.0.0.1', 'localhost')].includes(origin) && r.url() !== 'data:,') seen.violations.push(`request to another host: ${r.url()}`)
    if (r.method() === 'POST') seen.posts.push(pathname)
    if (origin === url && /code=/.test(r.headers().referer ?? '')) seen.violations.push('the code is in a Referer header')
  })
  return seen
}

/** Chooses a person at the fake server, on another site than Gradus, as WakaTime is. */
async function approve(page, person) {
  const choice = page.getByRole('link', { name: person })
  await choice.waitFor()
  await page.goto(page.url().replace('127.0.0.1', 'localhost'))
  await choice.click()
}

async function signIn(page, email, password) {
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
}

const disconnect = (page, url) => page.evaluate((to) => fetch(to, { method: 'DELETE' }), `${url}/api/v1/me/wakatime`)

async function addPerson(wakatime, username) {
  const response = await fetch(`${wakatime}/_fake/people`, { method: 'POST', body: JSON.stringify({ username, display_name: username, time_zone: 'UTC' }) })
  if (!response.ok) throw new Error(`the fake server returned ${response.status}: ${await response.text()}`)
  return username
}

async function scenario(wakatime, person, body) {
  const response = await fetch(`${wakatime}/_fake/people/${person}/scenario`, { method: body ? 'PUT' : 'DELETE', body: body && JSON.stringify(body) })
  if (!response.ok) throw new Error(`the fake server returned ${response.status}: ${await response.text()}`)
}
