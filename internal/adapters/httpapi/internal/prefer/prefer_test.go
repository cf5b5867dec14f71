package prefer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/prefer"
)

// parse returns preferences as "name=value".
func parse(headers ...string) ([]string, bool) {
	list, ok := prefer.Parse(headers)
	texts := []string{}
	for _, p := range list {
		texts = append(texts, p.Name+"="+p.Value)
	}
	return texts, ok
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		headers []string
		want    []string
	}{
		"no header":                                   {nil, []string{}},
		"an empty header":                             {[]string{""}, []string{}},
		"one preference":                              {[]string{"code=409"}, []string{"code=409"}},
		"a preference without a value":                {[]string{"respond-async"}, []string{"respond-async="}},
		"several in one header":                       {[]string{"code=409, wait=2,example=x"}, []string{"code=409", "wait=2", "example=x"}},
		"several headers":                             {[]string{"code=409", "wait=2"}, []string{"code=409", "wait=2"}},
		"white space around everything":               {[]string{" \tcode = 409 ,\twait\t=\t2 "}, []string{"code=409", "wait=2"}},
		"the first of several wins":                   {[]string{"wait=1, wait=2", "wait=3"}, []string{"wait=1"}},
		"names are case-insensitive":                  {[]string{"Wait=1, WAIT=2"}, []string{"wait=1"}},
		"values keep their case":                      {[]string{"example=Ada"}, []string{"example=Ada"}},
		"a quoted value":                              {[]string{`example="not connected"`}, []string{"example=not connected"}},
		"a quoted value with a comma and a semicolon": {[]string{`example="a, b; c", wait=1`}, []string{"example=a, b; c", "wait=1"}},
		"a quoted value with escapes":                 {[]string{`example="a\"b\\c"`}, []string{`example=a"b\c`}},
		"an empty quoted value":                       {[]string{`foo=""`}, []string{"foo="}},
		"parameters are dropped":                      {[]string{`foo; bar=1; baz="x, y", wait=2`}, []string{"foo=", "wait=2"}},
		"empty parameters":                            {[]string{"foo; ;bar ; , wait=2;"}, []string{"foo=", "wait=2"}},
		"empty elements of the list":                  {[]string{",, code=1,,", ""}, []string{"code=1"}},
		"all characters of tokens":                    {[]string{"a!#$%&'*+-.^_`|~9=b!"}, []string{"a!#$%&'*+-.^_`|~9=b!"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := parse(tt.headers...)
			if diff := cmp.Diff(tt.want, got); diff != "" || !ok {
				t.Errorf("Parse returned %v (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestParse_RejectsMalformedHeaders(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"a value without a name":          "=409",
		"a name without its value":        "code=",
		"a value that is not a token":     "code=(409)",
		"two values":                      "code=409 410",
		"an unterminated quote":           `example="x`,
		"an unterminated escape":          `example="x\`,
		"text after a quote":              `example="x"y`,
		"letters outside of ASCII":        "cöde=409",
		"a parameter that is not a token": "foo; (bar)",
		"a control character":             "code=4\x7f",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := parse(header); ok {
				t.Errorf("Parse(%q) returned %v", header, got)
			}
		})
	}
}

// Parse never panics, and an empty header changes nothing.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"code=409, wait=2", `a="b\"c";d=e`, ",;=", `"`, "a;", "a =\t b ;c", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got, ok := parse(header)
		again, alike := parse(header, "")
		if ok != alike || !cmp.Equal(got, again) {
			t.Errorf("Parse(%q) returned %v %v, and with an empty header %v %v", header, got, ok, again, alike)
		}
	})
}
