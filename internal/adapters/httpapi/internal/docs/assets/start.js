// Everything comes from this server: no proxy, fonts, or telemetry of others.
const response = await fetch(new URL('../openapi.json', import.meta.url))
if (!response.ok) throw new Error(`loading the contract failed with status ${response.status}`)
const contract = await response.json()
contract.info['x-scalar-sdk-installation'] = [
  { lang: 'TypeScript', source: 'npm install @gradus/client' },
  { lang: 'Go', source: 'go get github.com/gradus-dev/gradus/clients/go' },
  { lang: 'Python', source: 'pip install gradus-client' },
]
Scalar.createApiReference('#reference', {
  content: contract,
  proxyUrl: '',
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  hideSearch: true, // the search in the header also finds guides and problems
  showDeveloperTools: 'never',
  documentDownloadType: 'none', // the contract is at /openapi.yaml
  agent: { disabled: true },
  mcp: { disabled: true },
  authentication: { preferredSecurityScheme: 'bearer' },
  // Besides the samples of our own clients, show only curl.
  hiddenClients: Object.fromEntries(
    ['c', 'clojure', 'csharp', 'dart', 'fsharp', 'go', 'http', 'java', 'js', 'kotlin', 'node', 'objc', 'ocaml', 'php', 'powershell', 'python', 'r', 'ruby', 'rust', 'swift']
      .map((language) => [language, true]).concat([['shell', ['httpie', 'wget']]]),
  ),
  // With a token, the browser must not add the cookie of a session to the request as well.
  customFetch: (input, init) => {
    const request = new Request(input, init)
    return fetch(request, { credentials: request.headers.has('Authorization') ? 'omit' : 'same-origin' })
  },
  // Without a token the reference would send "Bearer" alone, which is malformed.
  onBeforeRequest: ({ requestBuilder }) => {
    requestBuilder.security = requestBuilder.security.filter(({ value }) => value)
  },
})
