// Package docs holds the guides for people who write clients. The server renders them
// at /docs/guides.
package docs

import "embed"

// Guides is the folder of the guides, in Markdown. README.md is the index; the order
// of its links is the order in which the guides are read.
//
//go:embed guides/*.md
var Guides embed.FS
