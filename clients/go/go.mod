module github.com/gradus-dev/gradus/clients/go

go 1.26.0

require (
	github.com/google/uuid v1.6.0
	github.com/hashicorp/go-retryablehttp v0.7.8
	github.com/oapi-codegen/nullable v1.2.0
)

require github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
