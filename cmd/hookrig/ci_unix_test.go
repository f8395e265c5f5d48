//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hookrig/hookrig/contracts/schema"
)

const ciFolder = "../../examples/ci"

// TestPipelines runs what the pipelines of examples/ci run, line by line, with
// this command as hookrig.
func TestPipelines(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "sed", "grep"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the pipelines need %s: %v", tool, err)
		}
	}
	for file, steps := range map[string]func(*testing.T, any) []string{"github.yml": githubSteps, "gitlab-ci.yml": gitlabSteps} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(ciFolder, file))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := schema.Read(file, text, schema.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			dir := runPipeline(t, steps(t, doc.Value()))
			for name, want := range map[string]string{
				"webhooks.xml": `<testsuite `,
				"receiver.log": "order:create  signature accepted  [200]",
				"hookrig.log":  "serving on http://127.0.0.1:",
			} {
				got, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil || !strings.Contains(string(got), want) {
					t.Errorf("%s: no %q in it: %v\n%s", name, want, err, got)
				}
			}
		})
	}
}

// githubSteps are the scripts of a workflow's steps, but for the installation.
func githubSteps(t *testing.T, workflow any) (scripts []string) {
	for _, step := range at[[]any](t, workflow, "jobs", "webhooks", "steps") {
		if script, ok := step.(map[string]any)["run"].(string); ok && step.(map[string]any)["name"] != "Install hookrig" {
			scripts = append(scripts, script)
		}
	}
	return scripts
}

// gitlabSteps are the lines of a job's script.
func gitlabSteps(t *testing.T, pipeline any) (scripts []string) {
	for _, line := range at[[]any](t, pipeline, "webhooks", "script") {
		scripts = append(scripts, line.(string))
	}
	return scripts
}

// runPipeline runs scripts one after the other in one folder. What they leave
// running ends with the test.
func runPipeline(t *testing.T, scripts []string) string {
	if len(scripts) < 4 {
		t.Fatalf("only %d scripts were found", len(scripts))
	}
	dir, bin := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "hookrig")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(ciFolder, "hookrig.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "hookrig.yaml"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	server, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := freeAddr()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, script := range scripts {
		cmd := exec.CommandContext(ctx, "sh", "-ec", script)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "NO_COLOR=1", "no_proxy=*", "XDG_STATE_HOME="+dir, "SHOPTET_SECRET=s3cret",
			"HOOKRIG_ADDR="+server, "RECEIVER_ADDR="+receiver, "RECEIVER_URL=http://"+receiver+"/hooks")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		out, err := os.Create(filepath.Join(t.TempDir(), "out")) // no pipe, which what is left running would hold open
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdout, cmd.Stderr = out, out
		err = cmd.Run()
		group := cmd.Process.Pid
		t.Cleanup(func() { _ = syscall.Kill(-group, syscall.SIGKILL) })
		said, _ := os.ReadFile(out.Name())
		out.Close()
		if err != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "hookrig.log"))
			t.Fatalf("%s\n%v\n%s\nhookrig.log:\n%s", script, err, said, log)
		}
	}
	return dir
}
