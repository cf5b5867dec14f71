package entitytag_test

import (
	"slices"
	"testing"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/entitytag"
)

func TestList_IgnoresWhatProxiesAdd(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		header string
		want   []string
	}{
		"nothing":                            {``, nil},
		"a tag":                              {`"7"`, []string{"7"}},
		"a weak tag (nginx, Cloudflare)":     {`W/"7"`, []string{"7"}},
		"gzip (Apache, Caddy, Gradus)":       {`"7-gzip"`, []string{"7"}},
		"gzip after the quotes (Apache 2.2)": {`"7"-gzip`, []string{"7"}},
		"two dashes (Jetty)":                 {`"7--gzip"`, []string{"7"}},
		"a semicolon":                        {`"7;gzip"`, []string{"7"}},
		"Brotli":                             {`"7-br"`, []string{"7"}},
		"Zstandard, weak":                    {`W/"7-zstd"`, []string{"7"}},
		"without quotes":                     {`7`, []string{"7"}},
		"weak, without quotes":               {`W/7`, []string{"7"}},
		"without quotes, with a coding":      {`7-gzip`, []string{"7"}},
		"several":                            {`"6", W/"7" ,"8-gzip",9`, []string{"6", "7", "8", "9"}},
		"a star":                             {`*`, []string{"*"}},
		"an empty tag":                       {`""`, []string{""}},
		"a comma in a tag":                   {`"7,8"`, []string{"7,8"}},
		"a hash":                             {`"5d41402a-gzip"`, []string{"5d41402a"}},
		"a dash that is no coding":           {`"7-8"`, []string{"7-8"}},
		"a lookalike":                        {`"7gzip"`, []string{"7gzip"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, chosen := range entitytag.List(tt.header) {
				got = append(got, chosen)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("the values of %s are %q, want %q", tt.header, got, tt.want)
			}
		})
	}
}
