// Confirms what the link of a mail is about with requests to the API. Text from outside is only
// ever shown as text.
const api = new URL('../api/v1/', location.href)
const byID = (id) => document.getElementById(id)

// The pages by name: what they say, and which requests they send.
const pages = {
  'password-reset': {
    ask: { path: 'auth/password-resets', title: 'Forgotten password', text: 'We send you a link to set a new one.' },
    confirm: {
      path: 'auth/password-resets/confirmation', password: true, button: 'Set password',
      title: 'Set a new password', text: 'You will be signed out on all devices.',
    },
    done: ['Your password was changed', 'Sign in with the new one.'],
  },
  'email-change': {
    confirm: {
      path: 'auth/email-changes/confirmation', button: 'Confirm this address',
      title: 'Confirm your new address', text: 'Your account will have this address from now on.',
    },
    done: ['Your address was changed', 'Sign in with it from now on.'],
  },
  'email-undo': {
    confirm: {
      path: 'auth/email-changes/undo', button: 'Bring my address back',
      title: 'Bring your address back', text: 'All devices will be signed out, and the password stops working. You get a mail with a link to set a new one.',
    },
    done: ['Your address is back', 'Look into your mailbox for the link to set a new password.'],
  },
}
const page = pages[location.pathname.split('/').pop()]

// The token must not stay in the history of the browser.
const token = new URLSearchParams(location.hash.slice(1)).get('token')
history.replaceState(null, '', location.pathname)

const sent = ['Look into your mailbox', 'If there is an account with this address, a link is on its way. It can take a few minutes; look into the spam folder, too.']
const failures = new Map(Object.entries({
  confirmation_invalid: ['This link does not work any more', 'It has expired, or was used already.'],
  email_taken: ['Another account has this address', 'Sign in with that account, or use another address.'],
  mail_not_configured: ['This server cannot send mail', 'Ask an admin of your school for help.'],
  network: ['This server cannot be reached', 'Check your connection to the internet, then try again.'],
  unavailable: ['This server is busy', 'Wait a minute, then try again.'],
}))

/** Calls the API. A failure has a code, and the text that the server sent about it. */
async function call(path, body) {
  let response
  try {
    response = await fetch(new URL(path, api), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
    })
  } catch {
    throw Object.assign(new Error('no response'), { code: 'network' })
  }
  if (response.ok) return
  const problem = await response.json().catch(() => null)
  throw Object.assign(new Error(problem?.detail ?? ''), { code: problem?.code ?? 'unavailable' })
}

function show([title, text], kind) {
  byID('title').textContent = title
  byID('text').textContent = text
  byID('message').className = kind
  byID('message').hidden = false
}

function showFailure(error) {
  show(failures.get(error.code) ?? ['This did not work', error.message || 'Try again.'], 'bad')
  if (error.code === 'confirmation_invalid') offer()
}

/** Shows the form that requests a link, if the page has one. */
function offer() {
  byID('confirm').hidden = true
  byID('ask').hidden = !page.ask
}

/** Runs one action at a time, so that a double click has no second effect. */
let running = false
function onSubmit(form, action) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (running) return
    running = true
    const button = form.querySelector('button')
    button.setAttribute('aria-disabled', 'true')
    try {
      await action(Object.fromEntries(new FormData(form)))
      form.reset()
      form.hidden = true
    } catch (error) {
      showFailure(error)
    } finally {
      running = false
      button.removeAttribute('aria-disabled')
      byID('message').focus()
    }
  })
}

onSubmit(byID('ask'), async ({ email }) => {
  await call(page.ask.path, { email })
  show(sent, 'good')
})

onSubmit(byID('confirm'), async ({ password }) => {
  await call(page.confirm.path, page.confirm.password ? { token, password } : { token })
  show(page.done, 'good')
})

if (token) {
  show([page.confirm.title, page.confirm.text], '')
  byID('new-password').hidden = !page.confirm.password
  byID('password').required = Boolean(page.confirm.password)
  byID('go').textContent = page.confirm.button
  byID('confirm').hidden = false
} else if (page.ask) {
  show([page.ask.title, page.ask.text], '')
  offer()
} else {
  showFailure({ code: 'confirmation_invalid' })
}
