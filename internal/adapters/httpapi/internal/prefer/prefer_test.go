package prefer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-dev/gradus/internal/adapters/httpapi/internal/prefer"
)

// parse reads Prefer headers into "name=value" texts.
func parse(headers ...string) ([]string, bool) {
	list, ok := prefer.Parse(headers)
	texts := []string{}
	for _, p := range list {
		texts = append(texts, p.Name+"="+p.Value)
	}
	return texts, ok
}

func TestPrefer_IsReadAsTheRFCSays(t *testing.T) {
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
		"the first of two counts":                     {[]string{"wait=1, wait=2", "wait=3"}, []string{"wait=1"}},
		"names are alike in upper and lower case":     {[]string{"Wait=1, WAIT=2"}, []string{"wait=1"}},
		"values keep their case":                      {[]string{"example=Ada"}, []string{"example=Ada"}},
		"a quoted value":                              {[]string{`example="not connected"`}, []string{"example=not connected"}},
		"a quoted value with a comma and a semicolon": {[]string{`example="a, b; c", wait=1`}, []string{"example=a, b; c", "wait=1"}},
		"a quoted value with escapes":                 {[]string{`example="a\"b\\c"`}, []string{`example=a"b\c`}},
		"an empty quoted value is none":               {[]string{`foo=""`}, []string{"foo="}},
		"parameters are passed over":                  {[]string{`foo; bar=1; baz="x, y", wait=2`}, []string{"foo=", "wait=2"}},
		"empty parameters":                            {[]string{"foo; ;bar ; , wait=2;"}, []string{"foo=", "wait=2"}},
		"empty elements of the list":                  {[]string{",, code=1,,", ""}, []string{"code=1"}},
		"characters that a token may have":            {[]string{"a!#$%&'*+-.^_`|~9=b!"}, []string{"a!#$%&'*+-.^_`|~9=b!"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := parse(tt.headers...)
			if diff := cmp.Diff(tt.want, got); diff != "" || !ok {
				t.Errorf("read %v (-want +got):\n%s", ok, diff)
			}
		})
	}
}

func TestPrefer_ThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"a value without a name":           "=409",
		"a name without its value":         "code=",
		"a value that is no token":         "code=(409)",
		"two values":                       "code=409 410",
		"a quote that never ends":          `example="x`,
		"a quote that ends in a backslash": `example="x\`,
		"something after a quote":          `example="x"y`,
		"letters that are not ASCII":       "cöde=409",
		"a parameter that is no token":     "foo; (bar)",
		"a control character":              "code=4\x7f",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, ok := parse(header); ok {
				t.Errorf("%q is read as %v", header, got)
			}
		})
	}
}

// Nothing that a client sends breaks the parser, and what it reads once it reads again.
func FuzzPrefer(f *testing.F) {
	for _, seed := range []string{"code=409, wait=2", `a="b\"c";d=e`, ",;=", `"`, "a;", "a =\t b ;c", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got, ok := parse(header)
		again, alike := parse(header, "")
		if ok != alike || !cmp.Equal(got, again) {
			t.Errorf("%q is read as %v %v, and with an empty header after it as %v %v", header, got, ok, again, alike)
		}
	})
}
