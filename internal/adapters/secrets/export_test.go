package secrets

// Occupy takes a turn at hashing, as a slow hash would, until it is given back.
func (h *PasswordHasher) Occupy() (giveBack func()) {
	h.inside <- struct{}{}
	h.running <- struct{}{}
	return func() { <-h.running; <-h.inside }
}
