package secrets

import "context"

// Occupy holds a hashing slot, as a slow hash would, until release is called.
func (h *PasswordHasher) Occupy() (release func()) {
	release, err := h.slots.acquire(context.Background())
	if err != nil {
		panic(err)
	}
	return release
}

// Acquire is how Hash and Verify wait for a slot.
func (h *PasswordHasher) Acquire(ctx context.Context) (release func(), err error) {
	return h.slots.acquire(ctx)
}
