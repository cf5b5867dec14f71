package main

import "testing"

func TestFormat_KeepsPlacesAndFollowsLinks(t *testing.T) {
	t.Parallel()
	backward := `# Link	TARGET	LINK-NAME	#= TARGET1
Link	Asia/Kolkata	Asia/Calcutta
Link	Europe/Berlin	Europe/Oslo
Link	Africa/Abidjan	Atlantic/Reykjavik
Link	Africa/Abidjan	Iceland	#= Atlantic/Reykjavik
#Link	GMT	Etc/GMT
Link	Etc/UTC	Zulu
Link	Etc/GMT	GMT
`
	zoneTab := `# code	coordinates	TZ
DE	+5230+01322	Europe/Berlin	most of Germany
IN	+2232+08822	Asia/Kolkata
IS	+6409-02151	Atlantic/Reykjavik
NO	+5955+01045	Europe/Oslo
`
	names := []string{"Africa/Abidjan", "Asia/Calcutta", "Asia/Kolkata", "Atlantic/Reykjavik", "Etc/GMT", "Etc/UTC", "Europe/Berlin", "Europe/Oslo", "GMT", "Iceland", "UTC", "Zulu"}
	want := `Africa/Abidjan
Asia/Kolkata Asia/Calcutta
Atlantic/Reykjavik Iceland
Europe/Berlin
Europe/Oslo
UTC Etc/GMT Etc/UTC GMT Zulu
`
	if got := format(names, links(backward), places(zoneTab)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
