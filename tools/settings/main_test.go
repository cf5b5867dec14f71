package main

import (
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	t.Parallel()
	const source = `# About the file.
#
# About all
# settings.

## Database
# Where it is. See docs/operations.md.
GRADUS_A=x
GRADUS_B=
# A key. To make one:
#   echo k
# Keep it.
GRADUS_C=

# Required.
GRADUS_D=1
`
	const want = "\nAbout all\nsettings.\n\n## Database\n\n### GRADUS_A, GRADUS_B\n\nDefaults: `x`, none.\n\nWhere it is. See [Behavior and limits](../operations.md).\n" +
		"\n### GRADUS_C\n\nNo default.\n\nA key. To make one:\n\n```sh\necho k\n```\n\nKeep it.\n" +
		"\n### GRADUS_D\n\nExample: `1`.\n\nRequired.\n"
	got, err := render(source)
	if err != nil || strings.TrimPrefix(got, head) != want {
		t.Errorf("the page is %s (%v), want %s", got, err, want)
	}
	for _, bad := range []string{"", "# nothing", "# a\n\n# nothing", "# a\n\nGRADUS_A"} {
		if _, err := render(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
