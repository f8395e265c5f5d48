# syntax=docker/dockerfile:1

# The image holds one static binary, the certificates of public authorities and
# an empty folder for its state: no shell, no package manager, no root.
#
#   docker build -t hookrig .
#   docker run --rm -p 127.0.0.1:8080:8080 -p 127.0.0.1:8081:8081 -e HOOKRIG_TOKEN -v hookrig:/var/lib/hookrig hookrig

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
# With .git, from which the binary knows its version.
COPY . .
ARG TARGETOS TARGETARCH
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags "-s -w" -o /out/hookrig ./cmd/hookrig
RUN mkdir /out/state

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/hookrig /hookrig
COPY --from=build --chown=65532:65532 /out/state /var/lib/hookrig
# The state folder is the user's, as the XDG base directories say; what needs
# scratch space finds it there too.
ENV HOME=/var/lib/hookrig XDG_STATE_HOME=/var/lib TMPDIR=/var/lib/hookrig
VOLUME /var/lib/hookrig
USER 65532:65532
# The control API, and the providers' own APIs for those who register.
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --start-interval=1s \
    CMD ["/hookrig", "healthcheck"]
ENTRYPOINT ["/hookrig"]
# Whoever reaches the port needs the token: without HOOKRIG_TOKEN it does not start.
CMD ["serve", "--addr", "0.0.0.0:8080", "--token-env", "HOOKRIG_TOKEN"]
