# `plain`: a static binary and nothing else; no shell, no libc, no root. `debug`: the same with a shell, for build
# servers that run their scripts inside the image.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin portcullis

FROM busybox:musl AS debug
COPY --from=build /build/target/release/portcullis /usr/local/bin/portcullis
USER 65534:65534
WORKDIR /src
ENTRYPOINT ["/usr/local/bin/portcullis"]
CMD ["check"]

FROM scratch AS plain
COPY --from=build /build/target/release/portcullis /portcullis
USER 65534:65534
WORKDIR /src
ENTRYPOINT ["/portcullis"]
CMD ["check"]
