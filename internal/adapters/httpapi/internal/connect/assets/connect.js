// Connects the user to WakaTime with requests to the API. Text from outside is only ever
// compared with known values, or shown as text.
const api = new URL('api/v1/', location.href)
const byID = (id) => document.getElementById(id)

// What to say about each problem code of the API, and each error of OAuth (RFC 6749,
// section 4.1.2.1): a title, and what to do. The button below starts again.
const stateInvalid = ['This connection could not be finished', 'It was started more than ten minutes ago, was used already, or was started in another browser or session. Start again.']
const unavailable = ['WakaTime is not available', 'Nothing was changed. Wait a minute, then try again.']
const misconfigured = ['WakaTime did not accept this server', 'Only the operator of this server can fix this: the settings of its WakaTime app are wrong. Nothing was changed.']
const signedOut = ['Sign in to continue', 'You are not signed in in this browser, or your session has ended. Sign in, then connect again.']
const messages = new Map(Object.entries({
  access_denied: ['You did not allow access', 'Nothing was changed. To connect, start again and allow access at WakaTime.'],
  wakatime_state_invalid: stateInvalid,
  invalid_request: stateInvalid,
  wakatime_code_rejected: ['WakaTime rejected this connection', 'It was used already, or you did not grant every permission that WakaTime asked you for. Start again, and allow all of them.'],
  wakatime_account_taken: ['This WakaTime account is connected to another user', 'Sign in to your own account at wakatime.com, then try again. If you have another account here, disconnect WakaTime there first, or ask your instructor to do so.'],
  wakatime_unavailable: unavailable,
  temporarily_unavailable: unavailable,
  server_error: unavailable,
  wakatime_not_configured: misconfigured,
  invalid_scope: misconfigured,
  unauthorized_client: misconfigured,
  unsupported_response_type: misconfigured,
  network: ['This server cannot be reached', 'Check your connection to the internet, then try again.'],
  unavailable: ['This server is busy', 'Wait a minute, then try again.'],
}))

/** Calls the API. A failure has a code, and the text that the server sent about it. */
async function call(method, path, body) {
  let response
  try {
    response = await fetch(new URL(path, api), {
      method,
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body && JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
    })
  } catch {
    throw Object.assign(new Error('no response'), { code: 'network' })
  }
  const result = response.status === 204 ? null : await response.json().catch(() => null)
  if (!response.ok) throw Object.assign(new Error(result?.detail ?? ''), { code: result?.code ?? 'unavailable', status: response.status })
  return result
}

/** Returns the result of an authorization that the server left in a cookie, and deletes it. */
function takeResult() {
  const found = document.cookie.match(/(?:^|; )((?:__Host-)?gradus_wakatime)=([^;]*)/)
  if (!found) return null
  document.cookie = `${found[1]}=; Path=/; Max-Age=0; SameSite=Strict${found[1].startsWith('__Host-') ? '; Secure' : ''}`
  return new URLSearchParams(found[2])
}

function show([title, text], kind) {
  byID('title').textContent = title
  byID('text').textContent = text
  byID('message').className = kind
  byID('message').hidden = false
}

/** Shows a failure. An ended session leads to the form. */
function showFailure(error) {
  if (error.status === 401) return showForm(result ? signedOut : ['Sign in', 'Use your Gradus account.'], '')
  show(messages.get(error.code) ?? ['This did not work', error.message || 'Try again.'], 'bad')
  offer('Try again')
}

/** Shows the button that starts an authorization. */
function offer(label) {
  byID('connect').textContent = label
  byID('connect').hidden = false
}

function showForm(message, kind) {
  show(message, kind)
  byID('account').hidden = byID('connect').hidden = byID('sign-out').hidden = true
  byID('sign-in').hidden = false
}

/** Shows whose account is connected: a browser may be signed in as somebody else. */
function showAccount(me) {
  byID('account').textContent = `Signed in to Gradus as ${me.name} (${me.email}).`
  byID('account').hidden = byID('sign-out').hidden = false
  byID('sign-in').hidden = true
}

function showConnection(connection) {
  const who = connection.account?.username ?? connection.account?.id
  if (connection.state === 'not_connected') {
    show(['You are not connected', 'Gradus needs your permission to fetch your coding time from WakaTime.'], '')
    offer('Connect WakaTime')
  } else if (connection.state === 'needs_reconnect') {
    show(['Connect again', connection.summary], 'bad')
    offer('Reconnect WakaTime')
  } else {
    show([`You are connected${who ? ` as ${who}` : ''}`, connection.summary], 'good')
    byID('connect').hidden = true
  }
}

/** Runs one action at a time, so that a double click has no second effect. */
let running = false
async function run(button, action) {
  if (running) return
  running = true
  button?.setAttribute('aria-disabled', 'true')
  try {
    await action()
  } catch (error) {
    showFailure(error)
  } finally {
    running = false
    button?.removeAttribute('aria-disabled')
  }
}

async function start() {
  const me = await call('GET', 'me')
  showAccount(me)
  if (result?.has('error')) throw Object.assign(new Error(''), { code: result.get('error') })
  if (!result) return showConnection(await call('GET', 'me/wakatime'))
  show(['Connecting…', 'This takes a few seconds.'], '')
  showConnection(await call('POST', 'me/wakatime/callback', { code: result.get('code') ?? '', state: result.get('state') ?? '' }))
  byID('message').focus()
}

byID('connect').addEventListener('click', (event) => run(event.currentTarget, async () => {
  const { authorization_url: to } = await call('POST', 'me/wakatime/authorization')
  location.assign(to)
}))

byID('sign-out').addEventListener('click', (event) => run(event.currentTarget, async () => {
  await call('POST', 'auth/logout')
  showForm(['You are signed out', 'Sign in to connect WakaTime.'], '')
}))

byID('sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  run(byID('sign-in').querySelector('button'), async () => {
    const { email, password } = Object.fromEntries(new FormData(byID('sign-in')))
    byID('sign-in-error').textContent = ''
    try {
      await call('POST', 'auth/login', { email, password, carrier: 'cookie' })
    } catch (error) {
      byID('sign-in-error').textContent = messages.get(error.code)?.join('. ') ?? error.message
      return
    }
    byID('sign-in').reset()
    showAccount(await call('GET', 'me'))
    showConnection(await call('GET', 'me/wakatime'))
    byID('message').focus()
  })
})

const result = takeResult()
run(null, start)
