// Checks the search of the documentation: what people type leads to what they want.
import { looks, newPage, open, shoot } from './browser.mjs'
import { layoutFaults } from './pages.mjs'

// The name or the title that must be the first result.
const queries = {
  'create batch': 'POST /batches',
  'createBatch': 'POST /batches',
  'new class': 'POST /batches',
  'list students': 'GET /students',
  'get student': 'GET /students/{student_id}',
  'current user': 'GET /me',
  'whoami': 'GET /me',
  'login': 'POST /auth/login',
  'log in': 'POST /auth/login',
  'sign in': 'POST /auth/login',
  'logout': 'POST /auth/logout',
  'sign up': 'POST /auth/register',
  'register': 'POST /auth/register',
  'create user': 'POST /auth/register',
  'delete user': 'POST /users/{user_id}/suspension',
  'list users': 'GET /users',
  'make admin': 'PUT /users/{user_id}/role',
  'update batch': 'PATCH /batches/{batch_id}',
  'edit profile': 'PATCH /me',
  'delete batch': 'POST /batches/{batch_id}/archival',
  'invite code': 'GET /batches/{batch_id}/registration-key',
  'rotate key': 'POST /batches/{batch_id}/registration-key/rotation',
  'add teacher': 'PUT /batches/{batch_id}/instructors/{user_id}',
  'remove instructor': 'DELETE /batches/{batch_id}/instructors/{user_id}',
  'connect wakatime': 'Connect WakaTime with an API key',
  'oauth callback': 'POST /me/wakatime/callback',
  'disconnect': 'DELETE /me/wakatime',
  'sync': 'POST /me/wakatime/sync',
  'my days': 'GET /me/days',
  'audit log': 'GET /audit-log',
  'dashboard': 'GET /admin/dashboard',
  'missing days': 'GET /batches/{batch_id}/coverage',
  'batch_full': 'batch_full',
  'pagination': 'Pagination',
  'csrf': 'CSRF protection',
  'cors': 'CORS',
  'GRADUS_PUBLIC_URL': 'GRADUS_PUBLIC_URL',
  'backup': 'Back up and restore',
  'pg_dump': 'Back up and restore',
  'studnets': 'GET /students', // a typing error
}

export async function checkSearch(browser, { url }, faults) {
  const fail = (what) => faults.push(`search: ${what}`)
  const page = await open(browser, url, looks[0], faults)
  await page.goto(`${url}/docs/guides`)
  const first = await page.evaluate(async (texts) => {
    const { search } = await import(new URL('/docs/search.js', location.href).href)
    return Object.fromEntries(await Promise.all(texts.map(async (text) => [text, (await search(text)).slice(0, 3).map((r) => [r.name, r.title])])))
  }, Object.keys(queries))
  for (const [text, want] of Object.entries(queries)) {
    if (!first[text][0]?.includes(want)) fail(`"${text}" finds ${JSON.stringify(first[text])}, want ${want} first`)
  }

  // With the keyboard alone, on an article and on the reference.
  await page.goto(`${url}/docs/guides/errors`)
  for (const [text, name, id] of [['create batch', 'POST /batches', 'tag/batches/POST/batches'], ['login', 'POST /auth/login', 'tag/accounts/POST/auth/login']]) {
    await page.keyboard.press('/')
    await page.keyboard.type(text)
    const option = page.getByRole('option').first()
    await option.getByText(name, { exact: true }).waitFor()
    if (await option.getAttribute('aria-selected') !== 'true') fail(`"${text}": the first result is not selected`)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${url}/docs#${id}`)
    await page.waitForFunction((section) => {
      const at = document.getElementById(section)?.getBoundingClientRect().top
      return at !== undefined && Math.abs(at) < 300
    }, `api-1/${id}`)
    if (await page.getByRole('listbox', { name: 'Results' }).isVisible()) fail(`"${text}": the results stay open`)
  }
  await page.goto(`${url}/docs/guides`)
  await page.keyboard.press('/')
  await page.keyboard.type('xyzzyqwv')
  await page.getByText('Nothing found for').waitFor()
  await page.keyboard.press('Escape')
  await page.context().close()

  for (const look of looks) {
    const page = await newPage(browser, look)
    await page.goto(`${url}/docs/guides/sync`)
    await page.getByRole('combobox').fill('sync')
    await page.getByRole('option').nth(5).waitFor()
    ;(await layoutFaults(page, look)).forEach((what) => fail(`${look.device}, ${look.scheme}: ${what}`))
    await shoot(page, `search-${look.device}-${look.scheme}`)
    await page.context().close()
  }
}
