# The server in a container: docker build -t sifter . && docker run -v sifter:/var/lib/sifter -v ./serve.yaml:/etc/sifter/serve.yaml:ro \
#   -p 7080:7080 sifter
FROM rust:1.95-slim-bookworm AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin sifter

FROM debian:bookworm-slim
# The certificates by which push agents behind HTTPS, and databases behind TLS, are known.
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /var/lib/sifter --create-home --shell /usr/sbin/nologin sifter \
  && chmod 0700 /var/lib/sifter
COPY --from=build /src/target/release/sifter /usr/local/bin/sifter
# The rulebook that zones name: mount another over it to change rules without building anew; the server notices edits.
COPY objects /usr/share/sifter/objects
COPY rules /usr/share/sifter/rules
COPY tests/rules /usr/share/sifter/tests/rules
COPY tests/objects /usr/share/sifter/tests/objects
COPY tests/people /usr/share/sifter/tests/people
USER sifter
WORKDIR /var/lib/sifter
VOLUME /var/lib/sifter
EXPOSE 7080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/sifter"]
CMD ["serve", "--config", "/etc/sifter/serve.yaml"]
