// Package docs embeds the guides for API users, which the server renders at /docs/guides,
// and the pages for operators, which it renders at /docs/operate.
package docs

import "embed"

// Pages holds the guides and the pages for operators as Markdown. The README.md of a folder
// is its index; the order of its links is the order of the pages in the menu.
//
//go:embed guides/*.md operate/*.md operations.md performance.md
var Pages embed.FS
