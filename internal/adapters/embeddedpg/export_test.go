package embeddedpg

import "context"

// HasLocal tells whether this machine has binaries that a server in dir could use.
func HasLocal(ctx context.Context, dir string) bool {
	return len(local(ctx, Config{}, place{dir: dir})) > 0
}
