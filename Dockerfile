# A static binary and nothing else: no shell, no libc, no root.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo build --release --locked --bin portcullis

FROM scratch
COPY --from=build /build/target/release/portcullis /portcullis
USER 65534:65534
WORKDIR /src
ENTRYPOINT ["/portcullis"]
CMD ["check"]
