package main

import "github.com/gradus-dev/gradus/api"

type openAPICmd struct{}

// Run prints the contract as YAML.
func (openAPICmd) Run(p process) error {
	_, err := p.stdout.Write(api.Spec)
	return err
}
