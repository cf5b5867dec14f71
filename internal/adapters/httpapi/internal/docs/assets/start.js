// Everything stays on this server: no proxy, no fonts and no telemetry from elsewhere.
const response = await fetch('/openapi.json')
if (!response.ok) throw new Error(`the contract is answered with ${response.status}`)
const contract = inOrder(await response.json())
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
  showDeveloperTools: 'never',
  documentDownloadType: 'none', // the contract is at /openapi.yaml
  agent: { disabled: true },
  mcp: { disabled: true },
  authentication: { preferredSecurityScheme: 'bearer' },
  // Beside the samples of our own clients, curl alone.
  hiddenClients: Object.fromEntries(
    ['c', 'clojure', 'csharp', 'dart', 'fsharp', 'go', 'http', 'java', 'js', 'kotlin', 'node', 'objc', 'ocaml', 'php', 'powershell', 'python', 'r', 'ruby', 'rust', 'swift']
      .map((language) => [language, true]).concat([['shell', ['httpie', 'wget']]]),
  ),
  // Without a token the reference would send "Bearer" alone, which nobody may.
  onBeforeRequest: ({ requestBuilder }) => {
    requestBuilder.security = requestBuilder.security.filter(({ value }) => value)
  },
})

// Examples come sorted by name; readers begin with the one that the contract lists first.
function inOrder(value) {
  for (const part of Object.values(value)) {
    if (part && typeof part === 'object') inOrder(part)
  }
  const order = value['x-examples-order']
  if (order) value.examples = Object.fromEntries(order.map((name) => [name, value.examples[name]]))
  return value
}
