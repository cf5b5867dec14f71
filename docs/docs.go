// Package docs embeds the guides for API users. The server renders them at /docs/guides.
package docs

import "embed"

// Guides holds the guides as Markdown. README.md is the index; the order of its links is
// the order of the guides in the menu.
//
//go:embed guides/*.md
var Guides embed.FS
