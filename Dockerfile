# syntax=docker/dockerfile:1
# The API as an image: one file and Node, no shell, no secrets; policy, settings and credentials come with the container.
# For builds that can be repeated, pin both images by digest: docker buildx imagetools inspect IMAGE

FROM node:24-trixie-slim AS build
WORKDIR /s3r
COPY . .
ENV CI=true
RUN --mount=type=cache,target=/root/.local/share/pnpm/store npx -y pnpm@12 build

# Node at /nodejs/bin/node as the entry point, user 65532, nothing to log in to.
FROM gcr.io/distroless/nodejs24-debian13:nonroot
LABEL org.opencontainers.image.title="s3r-api" org.opencontainers.image.licenses="MIT"
COPY --from=build --chmod=0444 /s3r/dist/server.mjs /s3r/server.mjs
COPY --chmod=0444 LICENSE /s3r/LICENSE
# On all addresses of the container it refuses to start without a policy.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8787
USER 65532:65532
WORKDIR /s3r
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/.s3r/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["/s3r/server.mjs"]
