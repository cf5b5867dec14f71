package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const contract = `
openapi: 3.0.3
info: { title: T, version: "1" }
paths:
  /teams/{team_id}:
    parameters:
      - { name: team_id, in: path, required: true, schema: { type: string, format: uuid }, example: 01a0-1 }
    patch:
      operationId: UpdateWakaTimeTeam
      requestBody:
        content:
          application/merge-patch+json:
            schema: { $ref: "#/components/schemas/TeamPatch" }
            examples:
              a: { value: { name: wrong } }
              b: { value: { since: "2026-03-01", name: "It's us", goal: null, kind: big } }
            x-examples-order: [b, a]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Team" } } } } }
  /teams:
    get:
      operationId: ListTeams
      security: []
      parameters:
        - { name: from, in: query, schema: { type: string, format: date }, example: "2026-03-01" }
        - { name: after, in: query, schema: { type: string } }
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/TeamPage" } } } } }
  /teams/sync:
    post:
      operationId: SyncTeams
      requestBody:
        content:
          application/json:
            schema: { $ref: "#/components/schemas/TeamPatch" }
            examples: { a: { value: { name: Blue } } }
      responses: { "202": { description: accepted } }
  /teams/gone:
    delete: { operationId: RemoveTeam, responses: { "204": { description: gone } } }
components:
  schemas:
    Kind: { type: string, enum: [big, small] }
    Team: { type: object }
    TeamPatch:
      type: object
      required: [name]
      properties:
        name: { type: string }
        since: { type: string, format: date }
        goal: { type: integer, nullable: true }
        kind: { $ref: "#/components/schemas/Kind" }
    TeamPage: { type: object, properties: { items: { type: array, items: { $ref: "#/components/schemas/Team" } } } }
`

const client = `package gradus
type Kind string
const KindBig Kind = "big"
type TeamPatch struct {
	Name  string                  ` + "`json:\"name\"`" + `
	Since *Date                   ` + "`json:\"since,omitempty\"`" + `
	Goal  nullable.Nullable[int]  ` + "`json:\"goal,omitempty\"`" + `
	Kind  *Kind                   ` + "`json:\"kind,omitempty\"`" + `
}
type ListTeamsParams struct { From *Date; After *string }
func (c *Client) UpdateWakaTimeTeam(ctx context.Context, teamID uuid.UUID, body TeamPatch, opts ...RequestOption) (*Team, error) { return nil, nil }
func (c *Client) AllTeams(ctx context.Context, params *ListTeamsParams, opts ...RequestOption) iter.Seq2[Team, error] { return nil }
func (c *Client) SyncTeams(ctx context.Context, body *TeamPatch, opts ...RequestOption) error { return nil }
func (c *Client) RemoveTeam(ctx context.Context, opts ...RequestOption) error { return nil }
`

func generated(t *testing.T, contract, client string) (map[string][]sample, error) {
	t.Helper()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out := filepath.Join(dir, "samples.json")
	if err := generate(file("contract.yaml", contract), file("client.go", client), out); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]sample
	return all, json.Unmarshal(text, &all)
}

func TestSamples(t *testing.T) {
	t.Parallel()
	all, err := generated(t, contract, client)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		operation string
		want      [3]string // TypeScript, Go, Python
	}{
		"an update uses the first example": {"UpdateWakaTimeTeam", [3]string{
			`path: { team_id: '01a0-1' },
  body: { name: 'It\'s us', goal: null, kind: 'big', since: '2026-03-01' },`,
			`teamID := uuid.MustParse("01a0-1")
team, err := client.UpdateWakaTimeTeam(ctx, teamID, gradus.TeamPatch{
	Name:  "It's us",
	Goal:  nullable.NewNullNullable[int](),
	Kind:  new(gradus.KindBig),
	Since: new(gradus.Date{Year: 2026, Month: time.March, Day: 1}),
})`,
			`team = gradus.update_wakatime_team(
    UUID("01a0-1"),
    TeamPatch(
        name="It's us",
        goal=None,
        kind=Kind.BIG,
        since=datetime.date(2026, 3, 1),
    ),
)`,
		}},
		"a body that can be left out is shown": {"SyncTeams", [3]string{
			`await syncTeams({ client: gradus, body: { name: 'Blue' } });`,
			`client.SyncTeams(ctx, &gradus.TeamPatch{Name: "Blue"})`,
			`gradus.sync_teams(TeamPatch(name="Blue"))`,
		}},
		"a list iterates over its pages": {"ListTeams", [3]string{
			`for await (const team of paginate(listTeams, { client: gradus, query: { from: '2026-03-01' } })) {`,
			`for team, err := range client.AllTeams(ctx, &gradus.ListTeamsParams{From: new(gradus.Date{Year: 2026, Month: time.March, Day: 1})}) {`,
			`for team in iterate(gradus.list_teams, from_=datetime.date(2026, 3, 1)):`,
		}},
		"a public operation needs no token": {"ListTeams", [3]string{
			`createGradus({ baseUrl: 'https://gradus.example.org/api/v1' });`,
			`gradus.New("https://gradus.example.org/api/v1")`,
			`Gradus("https://gradus.example.org/api/v1")`,
		}},
		"an empty response is not assigned": {"RemoveTeam", [3]string{
			"\nawait removeTeam({ client: gradus });",
			"if err := client.RemoveTeam(ctx); err != nil {\n\treturn err\n}",
			"\ngradus.remove_team()",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, want := range tt.want {
				if got := all[tt.operation][i]; !strings.Contains(got.Source, want) {
					t.Errorf("%s does not contain\n%s\nin\n%s", got.Label, want, got.Source)
				}
			}
		})
	}
}

func TestSamples_RejectsAnOutdatedClient(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ old, new, want string }{
		"a missing method":    {"RemoveTeam(", "DropTeam(", "no method RemoveTeam"},
		"a missing field":     {`json:"kind,`, `json:"sort,`, "has no field for kind"},
		"an unsupported type": {"Since *Date ", "Since *Epoch ", "Epoch"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outdated := strings.Replace(client, tt.old, tt.new, 1)
			if _, err := generated(t, contract, outdated); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}
