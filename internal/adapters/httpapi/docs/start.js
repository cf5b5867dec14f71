// Everything stays on this server: no proxy, no fonts and no telemetry from elsewhere.
Scalar.createApiReference('#reference', {
  url: '/openapi.json',
  proxyUrl: '',
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  authentication: { preferredSecurityScheme: 'bearer' },
  // Without a token the reference would send "Bearer" alone, which nobody may.
  onBeforeRequest: ({ requestBuilder }) => {
    requestBuilder.security = requestBuilder.security.filter(({ value }) => value)
  },
})
