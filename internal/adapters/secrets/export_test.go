package secrets

// Occupy holds a hashing slot, as a slow hash would, until release is called.
func (h *PasswordHasher) Occupy() (release func()) {
	h.admitted <- struct{}{}
	h.running <- struct{}{}
	return func() { <-h.running; <-h.admitted }
}
