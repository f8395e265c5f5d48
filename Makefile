# Plain targets around plain commands; .ci/run runs the same ones.

GOLANGCI := 2.15.0
FUZZTIME ?= 20s
BIN      := $(shell go env GOPATH)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test race cover gallery bench lint build cross e2e fuzz full pages clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-6s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## see everything at work, no set-up
	go run ./cmd/hookrig demo

test: ## the tests: nothing but Go needed
	go test ./...

race: ## the tests under the race detector
	go test -race ./...

cover: ## the tests with coverage; the page is coverage.html
	go test -coverpkg=./... -coverprofile=coverage.out ./...
	go tool cover -html=coverage.out -o coverage.html
	@go tool cover -func=coverage.out | tail -1

gallery: ## which check catches each wrong receiver of the gallery, and that no right one fails any
	@go test ./verifier -count=1 -v -run 'Defect|Correct|RightReceivers' -args -matrix > gallery.out; code=$$?; \
		grep -E '^(caught|MISSED|right|WRONGED) ' gallery.out | sort | uniq; \
		awk '{n[$$1]++} END {printf "%d wrong receivers caught by the check meant for them, %d missed; %d runs of right ones without a failure, %d with one\n", n["caught"], n["MISSED"], n["right"], n["WRONGED"]}' gallery.out; \
		[ $$code = 0 ] && rm gallery.out || { echo "the run is in gallery.out"; exit 1; }

bench: ## the benchmarks, with allocations, and what a delivery costs beside other senders
	go test -run '^$$' -bench . -benchmem ./...
	go run ./e2e/bench

lint: ## gofmt, vet and the other linters of .golangci.yml
	@$(BIN)/golangci-lint version --short 2>/dev/null | grep -qx '$(GOLANGCI)' || \
		go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI)
	$(BIN)/golangci-lint run

build: ## the static binary ./hookrig
	CGO_ENABLED=0 go build -trimpath -o hookrig ./cmd/hookrig

cross: ## see that it builds for every system we name
	@for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do \
		echo "$$target"; \
		CGO_ENABLED=0 GOOS=$${target%/*} GOARCH=$${target#*/} go build -o /dev/null ./cmd/hookrig || exit 1; \
	done

e2e: build ## what needs Node: the AsyncAPI parser, ajv, a receiver that is not ours
	cd e2e && npm ci --no-audit --no-fund --loglevel=error && for check in *.mjs; do echo "== $$check"; node $$check || exit 1; done

fuzz: ## each fuzz target for FUZZTIME (20s)
	@for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "== $$pkg $$target"; \
			go test $$pkg -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) || exit 1; \
		done; \
	done

full: race lint e2e cross fuzz ## everything, long loops included
	HOOKRIG_FULL=1 go test -count=1 -timeout 60m ./...

pages: ## put the examples' code into the pages that show it
	go test ./internal/layers -run TestPages -update

clean: ## remove what the targets above leave
	rm -rf hookrig dist gallery.out coverage.out coverage.html e2e/node_modules
