package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
)

const tree = "../.."

const imageState = "/var/lib/hookrig"

// imagePorts are those of the control API, and behind it of the providers'.
var imagePorts = []string{"8080", "8081"}

// defaultJournal is where the server in the image has its journal, by the
// environment that the image sets.
func defaultJournal(t *testing.T, dockerfile []byte) string {
	t.Helper()
	env := regexp.MustCompile(`(?m)^ENV (.*)$`).FindSubmatch(dockerfile)
	if len(env) < 2 || !regexp.MustCompile(`(?m)^VOLUME `+imageState+`$`).Match(dockerfile) {
		t.Fatal("no ENV, or no VOLUME")
	}
	set := map[string]string{}
	for _, pair := range strings.Fields(string(env[1])) {
		name, value, _ := strings.Cut(pair, "=")
		set[name] = value
	}
	dir, err := stateFolder("linux", func(name string) (string, bool) { v, ok := set[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(dir) + "/hookrig.journal"
}

func readYAML(t *testing.T, name string) any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tree, name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := schema.Read(name, text, schema.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc.Value()
}

// TestDockerfile: the image calls commands and flags that exist, and asks for
// its health where it listens.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(tree, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	list := func(instruction string) (words []string) {
		t.Helper()
		m := regexp.MustCompile(`(?m)^` + instruction + ` (\[.*\])$`).FindSubmatch(text)
		if len(m) < 2 || json.Unmarshal(m[1], &words) != nil {
			t.Fatalf("no %s", instruction)
		}
		return words
	}
	if entry := list("ENTRYPOINT"); !slices.Equal(entry, []string{"/hookrig"}) {
		t.Errorf("the entry point is %q", entry)
	}
	serve := strings.Join(list("CMD"), " ")
	health := strings.Join(list(`(?:HEALTHCHECK .*\n) +CMD`)[1:], " ")
	for _, line := range []string{serve, health} {
		if wrong := wrongCommand(line); wrong != "" {
			t.Errorf("%q: %s", line, wrong)
		}
	}
	if !strings.Contains(serve, "0.0.0.0:8080") {
		t.Error("the port is not the one that healthcheck asks")
	}
	exposed := regexp.MustCompile(`(?m)^EXPOSE (.*)$`).FindSubmatch(text)
	if len(exposed) < 2 || string(exposed[1]) != strings.Join(imagePorts, " ") {
		t.Errorf("it exposes %q", exposed)
	}
	page, err := os.ReadFile(filepath.Join(tree, "docs/running.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"Dockerfile": string(text), "docs/running.md": string(page)} {
		m := regexp.MustCompile(`docker run --rm (-p.*) hookrig\b`).FindStringSubmatch(text)
		if len(m) < 2 {
			t.Fatalf("%s does not say how to run it", name)
		}
		for _, port := range imagePorts {
			if !strings.Contains(m[1], "-p 127.0.0.1:"+port+":"+port+" ") {
				t.Errorf("%s: %q does not publish %s", name, m[1], port)
			}
		}
		if !strings.Contains(m[1], ":"+imageState) {
			t.Errorf("%s: %q keeps no state", name, m[1])
		}
	}
	if journal := defaultJournal(t, text); journal != imageState+"/hookrig.journal" {
		t.Errorf("the journal is %q, not in the volume", journal)
	}
	for _, must := range []string{"CGO_ENABLED=0", "USER 65532:65532", "FROM scratch", "-trimpath"} {
		if !strings.Contains(string(text), must) {
			t.Errorf("no %s", must)
		}
	}
}

// TestCompose: the services call commands that exist, mount what is there, get
// the variables that their configuration names, and may reach each other and
// no other private network.
func TestCompose(t *testing.T) {
	compose := readYAML(t, "compose.yaml")
	example, err := os.ReadFile(filepath.Join(tree, "examples/ci/hookrig.env.example"))
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+)=`).FindAllSubmatch(example, -1) {
		given[string(m[1])] = true
	}
	for name := range at[map[string]any](t, compose, "services", "hookrig", "environment") {
		given[name] = true
	}
	for _, service := range []string{"hookrig", "receiver"} {
		var words []string
		for _, word := range at[[]any](t, compose, "services", service, "command") {
			words = append(words, word.(string))
			if i := len(words) - 2; i >= 0 && strings.HasSuffix(words[i], "-env") && !given[words[i+1]] {
				t.Errorf("%s: nobody gives it %s", service, words[i+1])
			}
		}
		if wrong := wrongCommand(strings.Join(words, " ")); wrong != "" {
			t.Errorf("%s: %s", service, wrong)
		}
	}
	var ports []string
	for _, port := range at[[]any](t, compose, "services", "hookrig", "ports") {
		ports = append(ports, port.(string))
	}
	if want := []string{"127.0.0.1:8080:8080", "127.0.0.1:8081:8081"}; !slices.Equal(ports, want) {
		t.Errorf("it publishes %q, want %q", ports, want)
	}
	if test := at[[]any](t, compose, "services", "hookrig", "healthcheck", "test"); test[1] != "/hookrig" || wrongCommand(fmt.Sprint(test[2:]...)) != "" {
		t.Errorf("its health is asked for by %v", test)
	}
	if volumes := at[[]any](t, compose, "services", "hookrig", "volumes"); !slices.Contains(volumes, any("state:"+imageState)) {
		t.Errorf("it keeps no state: %v", volumes)
	}
	for _, volume := range at[[]any](t, compose, "services", "hookrig", "volumes") {
		if from, _, _ := strings.Cut(volume.(string), ":"); strings.HasPrefix(from, ".") {
			if _, err := os.Stat(filepath.Join(tree, from)); err != nil {
				t.Error(err)
			}
		}
	}
	cfg, err := quietConsole(os.Stderr, nil).readConfig(filepath.Join(tree, "examples/ci/hookrig.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	subnet := at[[]any](t, compose, "networks", "default", "ipam", "config")[0].(map[string]any)["subnet"]
	if !slices.Equal(cfg.AllowTargets, []string{subnet.(string)}) {
		t.Errorf("it may deliver to %q, the network is %v", cfg.AllowTargets, subnet)
	}
	for name, secret := range cfg.Secrets {
		if !given[secret.Env] {
			t.Errorf("nobody gives it the secret %q", name)
		}
	}
	if !given[cfg.Endpoints["shop"].URL.Env] {
		t.Error("nobody says where the shop is")
	}
}

// TestRelease: the release is for the systems that we see it build for.
func TestRelease(t *testing.T) {
	build := at[[]any](t, readYAML(t, ".goreleaser.yaml"), "builds")[0].(map[string]any)
	makefile, err := os.ReadFile(filepath.Join(tree, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, system := range build["goos"].([]any) {
		for _, arch := range build["goarch"].([]any) {
			seen++
			if target := system.(string) + "/" + arch.(string); !strings.Contains(string(makefile), target) {
				t.Errorf("make cross does not build %s", target)
			}
		}
	}
	if seen != 6 {
		t.Errorf("it is for %d systems", seen)
	}
}

// at is what stands under names in a document.
func at[T any](t *testing.T, v any, names ...string) T {
	t.Helper()
	for _, name := range names {
		v = v.(map[string]any)[name]
	}
	found, ok := v.(T)
	if !ok {
		t.Fatalf("there is no %v", names)
	}
	return found
}
