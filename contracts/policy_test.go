package contracts

import (
	"net/http"
	"testing"
	"time"
)

func TestPolicyNext(t *testing.T) {
	first := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p := Policy{
		Success: []StatusRange{{200, 299}, {304, 304}}, Waits: []time.Duration{time.Minute, 10 * time.Minute},
		Repeat: time.Hour, GiveUp: 3 * time.Hour, Then: Disable, Gone: Delete, RetryAfterCap: 30 * time.Minute,
	}
	once := Policy{Success: []StatusRange{{200, 200}}, Then: Keep}
	tests := []struct {
		name    string
		policy  Policy
		attempt int
		age     time.Duration
		rand    float64
		reply   Reply
		want    Decision
		wait    time.Duration
		then    string
	}{
		{"a success", p, 1, 0, 0.5, Reply{Status: 204}, DecideDelivered, 0, ""},
		{"the last code of a class", p, 1, 0, 0.5, Reply{Status: 299}, DecideDelivered, 0, ""},
		{"a single code", p, 1, 0, 0.5, Reply{Status: 304}, DecideDelivered, 0, ""},
		{"just beyond", p, 1, 0, 0.5, Reply{Status: 300}, DecideRetry, time.Minute, ""},
		{"only 200, and 204 came", once, 1, 0, 0.5, Reply{Status: 204}, DecideExhausted, 0, Keep},
		{"first wait", p, 1, 0, 0.5, Reply{Status: 500}, DecideRetry, time.Minute, ""},
		{"second wait", p, 2, time.Minute, 0.5, Reply{Status: 500}, DecideRetry, 10 * time.Minute, ""},
		{"repeated wait", p, 3, 11 * time.Minute, 0.5, Reply{Status: 500}, DecideRetry, time.Hour, ""},
		{"repeated again", p, 4, 71 * time.Minute, 0.5, Reply{Status: 500}, DecideRetry, time.Hour, ""},
		{"exactly at the limit", p, 5, 2 * time.Hour, 0.5, Reply{Status: 500}, DecideRetry, time.Hour, ""},
		{"a moment beyond it", p, 5, 2*time.Hour + 1, 0.5, Reply{Status: 500}, DecideExhausted, 0, Disable},
		{"no answer", p, 1, 0, 0.5, Reply{Failure: "timeout"}, DecideRetry, time.Minute, ""},
		{"gone", p, 1, 0, 0.5, Reply{Status: 410}, DecideExhausted, 0, Delete},
		{"gone, to a policy that does not care", once, 1, 0, 0.5, Reply{Status: 410}, DecideExhausted, 0, Keep},
		{"asked for more time", p, 1, 0, 0.5, Reply{Status: 429, RetryAfter: "120"}, DecideRetry, 2 * time.Minute, ""},
		{"asked for less", p, 2, 0, 0.5, Reply{Status: 429, RetryAfter: "120"}, DecideRetry, 10 * time.Minute, ""},
		{"asked for too much", p, 1, 0, 0.5, Reply{Status: 503, RetryAfter: "999999999999999999999"}, DecideRetry, 30 * time.Minute, ""},
		{"asked by a date", p, 1, 0, 0.5, Reply{Status: 503, RetryAfter: first.Add(5 * time.Minute).Format(http.TimeFormat)}, DecideRetry, 5 * time.Minute, ""},
		{"asked by a date gone by", p, 1, 0, 0.5, Reply{Status: 503, RetryAfter: "Thu, 01 Jan 1970 00:00:00 GMT"}, DecideRetry, time.Minute, ""},
		{"asked by a negative number", p, 1, 0, 0.5, Reply{Status: 503, RetryAfter: "-5"}, DecideRetry, time.Minute, ""},
		{"asked by nonsense", p, 1, 0, 0.5, Reply{Status: 503, RetryAfter: "soon"}, DecideRetry, time.Minute, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.policy.Next(Progress{Attempt: tt.attempt, First: first, Now: first.Add(tt.age), Rand: tt.rand}, tt.reply)
			if got.Decision != tt.want || got.Wait != tt.wait || got.Then != tt.then {
				t.Errorf("got %s %s %q, want %s %s %q (%s)", got.Decision, got.Wait, got.Then, tt.want, tt.wait, tt.then, got.Reason)
			}
			if got.Reason == "" {
				t.Error("a step without a reason")
			}
		})
	}
}

func TestPolicyJitterStaysInItsBounds(t *testing.T) {
	p := Policy{Success: []StatusRange{{200, 200}}, Waits: []time.Duration{time.Minute}, Jitter: 0.2}
	for rand, want := range map[float64]time.Duration{0: 48 * time.Second, 0.5: time.Minute, 0.75: 66 * time.Second} {
		got := p.Next(Progress{Attempt: 1, Rand: rand}, Reply{Status: 500}).Wait
		if diff := got - want; diff < -time.Millisecond || diff > time.Millisecond {
			t.Errorf("rand %v: waits %s, want %s", rand, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{"30d": 720 * time.Hour, "1d12h": 36 * time.Hour, "90s": 90 * time.Second, "1.5s": 1500 * time.Millisecond} {
		got, err := ParseDuration(text)
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
		if again, err := ParseDuration(Days(got)); err != nil || again != got {
			t.Errorf("%s: %s does not read back: %s, %v", text, Days(got), again, err)
		}
	}
	for _, text := range []string{"", "d", "-1d", "1.5d", "ten", "5", "99999999d"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q was read as %s", text, got)
		}
	}
}
