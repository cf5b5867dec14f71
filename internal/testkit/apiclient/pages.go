package apiclient

import (
	"net/url"
	"strconv"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

// maxPages bounds a list that never ends.
const maxPages = 1000

// AllPages returns the items of all pages of a list. It fails the test unless each page
// but the last has exactly limit items.
func AllPages[T any](c Client, path string, limit int) []T {
	c.tb.Helper()
	u, err := url.Parse(path)
	if err != nil {
		c.tb.Fatal(err)
	}
	query := u.Query()
	query.Set("limit", strconv.Itoa(limit))
	var items []T
	for range maxPages {
		u.RawQuery = query.Encode()
		page := Get[Page[T]](c, u.String())
		if n := len(page.Items); n > limit || page.Next != nil && n < limit {
			c.tb.Fatalf("GET %s returned a page of %d items, want %d", path, n, limit)
		}
		items = append(items, page.Items...)
		if page.Next == nil {
			return items
		}
		query.Set("after", *page.Next)
	}
	c.tb.Fatalf("GET %s has more than %d pages", path, maxPages)
	return nil
}
