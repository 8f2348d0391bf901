# `plain`: a static binary and nothing else; no shell, no libc, no root. `debug`: the same with a shell, for build
# servers that run their scripts inside the image.
# `docker build .` compiles; the release workflow gives `--build-arg PROGRAM=released` and what it compiled before.
ARG PROGRAM=compiled

FROM rust:1.95-alpine AS compiled
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin portcullis && cp target/release/portcullis /portcullis

FROM scratch AS released
ARG TARGETARCH
COPY dist/${TARGETARCH}/portcullis /portcullis

FROM ${PROGRAM} AS program

FROM busybox:musl AS debug
COPY --from=program /portcullis /usr/local/bin/portcullis
USER 65534:65534
WORKDIR /src
ENTRYPOINT ["/usr/local/bin/portcullis"]
CMD ["check"]

FROM scratch AS plain
COPY --from=program /portcullis /portcullis
USER 65534:65534
WORKDIR /src
ENTRYPOINT ["/portcullis"]
CMD ["check"]
