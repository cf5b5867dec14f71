package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
	tcpostgres "github.com/testcontainers/testcontainers-go/modules/postgres"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	defaultImage     = "postgres:17-alpine"
	containerTimeout = 2 * time.Minute
	pullTimeout      = 5 * time.Minute
	connectTimeout   = 15 * time.Second
)

func serveContainer(ctx context.Context) (*Server, error) {
	image := os.Getenv("GRADUS_TEST_POSTGRES_IMAGE")
	if image == "" {
		image = defaultImage
	}
	log.SetDefault(quiet{})
	if err := pull(ctx, image); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, containerTimeout)
	defer cancel()
	c, err := tcpostgres.Run(ctx, image, options()...)
	stop := func(ctx context.Context) error {
		if c == nil {
			return nil
		}
		return c.Terminate(ctx, testcontainers.StopTimeout(0))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a container of %s: %w", image, err), stop(context.WithoutCancel(ctx)))
	}
	address, version, err := find(ctx, c)
	if err != nil {
		return nil, errors.Join(err, stop(context.WithoutCancel(ctx)))
	}
	return &Server{url: address, kind: fmt.Sprintf("%s in a container (%s)", version, image), stop: stop}, nil
}

func options() []testcontainers.ContainerCustomizer {
	var args []string
	for name, value := range settings {
		args = append(args, "-c", name+"="+value)
	}
	return []testcontainers.ContainerCustomizer{
		tcpostgres.WithUsername("gradus"),
		tcpostgres.WithPassword("gradus"),
		tcpostgres.WithDatabase("gradus"),
		testcontainers.WithCmd(append([]string{"postgres"}, args...)...),
		// In memory, on a path that no image declares as a volume.
		testcontainers.WithTmpfs(map[string]string{"/pgtest": "rw"}),
		testcontainers.WithEnv(map[string]string{"PGDATA": "/pgtest/data"}),
		testcontainers.WithHostConfigModifier(func(h *container.HostConfig) {
			h.ShmSize = 256 << 20
			// The password is public, so only this machine may connect.
			h.PortBindings = network.PortMap{network.MustParsePort("5432/tcp"): {{HostIP: netip.MustParseAddr("127.0.0.1")}}}
		}),
		// The image starts the server twice; the first start initializes the database.
		testcontainers.WithWaitStrategy(wait.ForLog("database system is ready to accept connections").WithOccurrence(2)),
	}
}

// pull pulls the image if it is missing. If no registry is reachable, Testcontainers would
// retry for many minutes.
func pull(ctx context.Context, image string) (err error) {
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return fmt.Errorf("no Docker engine is available: %w", err)
	}
	defer func() { _ = provider.Close() }()
	docker := provider.Client()
	if _, err := docker.Ping(ctx, client.PingOptions{}); err != nil {
		return fmt.Errorf("no Docker engine is available: %w", err)
	}
	if _, err := docker.ImageInspect(ctx, image); err == nil {
		return nil
	}
	report("pulling " + image + " (once)...")
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	progress, err := docker.ImagePull(ctx, image, client.ImagePullOptions{})
	if err == nil {
		err = progress.Wait(ctx)
	}
	if err != nil {
		return fmt.Errorf("pull %s: %w", image, err)
	}
	return nil
}

// find returns the URL at which the server is reachable. Testcontainers guesses the host,
// and gets it wrong on a machine that looks like a container and runs the engine itself.
func find(ctx context.Context, c *tcpostgres.PostgresContainer) (address, version string, err error) {
	guess, err := c.ConnectionString(ctx, "sslmode=disable")
	if err != nil {
		return "", "", err
	}
	u, err := url.Parse(guess)
	if err != nil {
		return "", "", err
	}
	addresses := []string{guess}
	u.Host = net.JoinHostPort("127.0.0.1", u.Port())
	if local := u.String(); !slices.Contains(addresses, local) {
		addresses = append(addresses, local)
	}
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	for {
		for _, address := range addresses {
			if version, err = Version(ctx, address); err == nil {
				return address, version, nil
			}
		}
		select {
		case <-ctx.Done():
			return "", "", fmt.Errorf("the server in the container is not reachable: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// quiet discards the progress messages of Testcontainers.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
