// Searches the reference, the guides, the problem pages and the pages for operators. The
// documents are loaded when somebody wants to search.
const root = new URL('..', import.meta.url) // of the server, which may be below a path
const limit = 12

const input = Object.assign(document.createElement('input'), {
  type: 'search', id: 'search-input', placeholder: 'Search', autocomplete: 'off', spellcheck: false, enterKeyHint: 'go', maxLength: 100,
})
for (const [name, value] of Object.entries({ role: 'combobox', 'aria-label': 'Search the documentation', 'aria-expanded': 'false', 'aria-controls': 'search-results', 'aria-autocomplete': 'list', 'aria-keyshortcuts': '/' })) {
  input.setAttribute(name, value)
}
const results = Object.assign(document.createElement('ul'), { id: 'search-results', hidden: true })
results.setAttribute('role', 'listbox')
results.setAttribute('aria-label', 'Results')
const count = Object.assign(document.createElement('p'), { className: 'search-count' })
count.setAttribute('role', 'status')
document.getElementById('search').append(input, results, count)

let loading
/** Returns the index. A failed load is tried again. */
function load() {
  loading ??= (async () => {
    const [{ default: MiniSearch }, response] = await Promise.all([import('./minisearch.js'), fetch(new URL('docs/search.json', root))])
    if (!response.ok) throw new Error(`loading the documents failed with status ${response.status}`)
    const documents = await response.json()
    const index = new MiniSearch({
      fields: ['title', 'name', 'words', 'text'],
      extractField: (document, field) => (field === 'words' ? document.words?.join(' ') : document[field]),
      processTerm,
    })
    index.addAll(documents.map((document, id) => ({ ...document, id })))
    return { index, documents }
  })()
  loading.catch(() => { loading = undefined })
  return loading
}

const tooCommon = new Set('a an and are as at by for from how i is it my of on or that the this to we what with'.split(' '))

/** Returns the form of a word in the index: in lower case, and without a plural. */
function processTerm(term) {
  const word = term.toLowerCase()
  if (tooCommon.has(word)) return null
  if (/(ss|us|is)$/.test(word) || word.length < 4) return word
  return word.replace(/(ch|sh|x)es$/, '$1').replace(/ies$/, 'y').replace(/s$/, '')
}

/** Reports whether a text is the name of an operation or a problem, or one of the phrases. */
function isCalled({ kind, name, words = [] }, text) {
  const wanted = text.trim().toLowerCase()
  return (['Reference', 'Problems'].includes(kind) ? [name, ...words] : words).some((called) => called?.toLowerCase() === wanted)
}

/** Returns the best matches: of all words if possible, and of some otherwise. */
export async function search(text) {
  const { index, documents } = await load()
  const words = text.replaceAll(/([a-z])([A-Z])/g, '$1 $2') // createBatch
  const options = {
    boost: { title: 6, name: 4, words: 3 },
    prefix: (term, i, terms) => i === terms.length - 1 || term.length > 3,
    fuzzy: (term) => (term.length > 5 ? 0.3 : term.length > 3 ? 0.2 : false),
    weights: { fuzzy: 0.1, prefix: 0.5 },
    boostDocument: (id) => (documents[id].kind === 'Reference' ? 1.5 : 1) * (isCalled(documents[id], text) ? 10 : 1),
  }
  for (const combineWith of ['AND', 'OR']) {
    const found = index.search(words, { ...options, combineWith })
    if (found.length) return found.slice(0, limit).map(({ id }) => documents[id])
  }
  return []
}

let chosen = -1
let latest = 0

async function update() {
  const text = input.value.trim()
  const mine = ++latest
  let found = []
  try {
    if (text) found = await search(text)
  } catch (error) {
    if (mine === latest) showResults([], `The search does not work: ${error.message}`)
    return
  }
  if (mine === latest) showResults(found, text && !found.length ? `Nothing found for “${text}”` : '')
}

function showResults(found, message) {
  results.replaceChildren(...found.map(option))
  results.hidden = !found.length
  count.textContent = message || (found.length ? `${found.length} results` : '')
  count.classList.toggle('shown', Boolean(message))
  input.setAttribute('aria-expanded', String(found.length > 0))
  choose(found.length ? 0 : -1)
}

function option({ kind, title, name, path, text }, i) {
  const item = Object.assign(document.createElement('li'), { id: `search-result-${i}` })
  item.setAttribute('role', 'option')
  const link = Object.assign(document.createElement('a'), { href: new URL(path.slice(1), root).href, tabIndex: -1 })
  const part = (className, content) => Object.assign(document.createElement('span'), { className, textContent: content })
  link.append(part('title', title), part('kind', kind))
  if (name) link.append(part('name', name))
  if (text) link.append(part('text', text.length > 120 ? `${text.slice(0, 120)}…` : text))
  link.addEventListener('click', close)
  item.addEventListener('pointermove', () => choose(i))
  item.append(link)
  return item
}

function choose(i) {
  chosen = i
  ;[...results.children].forEach((item, j) => item.setAttribute('aria-selected', String(i === j)))
  results.children[i]?.scrollIntoView({ block: 'nearest' })
  if (i < 0) input.removeAttribute('aria-activedescendant')
  else input.setAttribute('aria-activedescendant', `search-result-${i}`)
}

function close() {
  latest++
  results.hidden = true
  count.textContent = ''
  count.classList.remove('shown')
  input.setAttribute('aria-expanded', 'false')
  choose(-1)
  input.blur()
}

input.addEventListener('focus', () => { load().catch(() => {}); update() })
input.addEventListener('input', update)
input.addEventListener('keydown', (event) => {
  const size = results.hidden ? 0 : results.children.length
  if (event.key === 'ArrowDown' && size) choose((chosen + 1) % size)
  else if (event.key === 'ArrowUp' && size) choose((chosen - 1 + size) % size)
  else if (event.key === 'Enter' && size) results.children[Math.max(chosen, 0)].querySelector('a').click()
  else if (event.key === 'Escape') close()
  else return
  event.preventDefault()
})
document.addEventListener('pointerdown', (event) => { if (!document.getElementById('search').contains(event.target)) close() })
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest?.('input, textarea, select, [contenteditable], [role=dialog]')
  const shortcut = (event.key === '/' && !typing) || (event.key === 'k' && (event.ctrlKey || event.metaKey))
  if (!shortcut) return
  event.preventDefault()
  event.stopPropagation()
  input.focus()
  input.select()
}, true)
