# syntax=docker/dockerfile:1
#
# The image of one process:
#   docker build --build-arg SERVICE=gateway --tag gateway .
# All five are compiled at once and share every layer but the last, so the other four cost seconds.

ARG RUST=1.95
ARG NODE=22

FROM rust:${RUST}-slim-bookworm AS rust
WORKDIR /src
# The image has a C compiler, for aws-lc; the allocator's build wants make, too. No protoc and no database: protox
# compiles the contracts, and .sqlx holds the types of the statements.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo install cargo-chef --locked --version 0.1.78

# What the dependencies are, without the sources: it changes when Cargo.toml or Cargo.lock do.
FROM rust AS plan
COPY . .
RUN cargo chef prepare --recipe-path /recipe.json

FROM rust AS build
ENV SQLX_OFFLINE=true
ARG PACKAGES="--package gateway --package auth-svc --package moderation-svc --package social-svc --package room-svc"
COPY --from=plan /recipe.json /recipe.json
# This layer holds the compiled dependencies. Only the registry is a cache mount: `target` must stay in the layer.
# hadolint ignore=SC2086
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo chef cook --release --locked --recipe-path /recipe.json ${PACKAGES}
COPY . .
# hadolint ignore=SC2086
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --locked ${PACKAGES} \
    && for service in gateway auth-svc moderation-svc social-svc room-svc; do \
         install -D "target/release/${service}" "/out/${service}/usr/local/bin/hubbub"; \
       done

FROM node:${NODE}-bookworm-slim AS web
WORKDIR /src
COPY package.json package-lock.json tsconfig.base.json ./
COPY sdk/package.json sdk/
COPY web/package.json web/
COPY e2e/package.json e2e/
RUN --mount=type=cache,target=/root/.npm npm ci
COPY sdk sdk
COPY web web
RUN npm run build --workspace web

# What each image holds, as a tree: the gateway has the web client, too.
FROM build AS trees
COPY --from=web /src/web/dist /out/gateway/srv/site

# glibc and certificates; no shell, no package manager, no root.
FROM gcr.io/distroless/cc-debian12:nonroot
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="hubbub ${SERVICE}" \
      org.opencontainers.image.source="https://github.com/hubbub-chat/hubbub" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=trees /out/${SERVICE:?}/ /
USER 65532:65532
# Nothing is written: the root may be read-only. Whether it is well is asked from outside, at /livez and /readyz.
HEALTHCHECK NONE
ENTRYPOINT ["/usr/local/bin/hubbub"]
