# An orchestrator as a container, from a checkout:  docker build -t fnmesh .
# docs/ORCHESTRATOR.md says how it is run. What it needs to write is /data (uploads, outputs) alone.

FROM node:22-slim AS packages
WORKDIR /checkout
COPY . .
RUN npm ci --no-audit --no-fund && npm run build
RUN mkdir /packages && npm pack --pack-destination /packages \
    -w packages/core -w packages/orchestrator -w packages/providers -w packages/stores -w packages/cli

FROM node:22-slim
WORKDIR /opt/fnmesh
COPY --from=packages /packages /packages
# The SDK is what launches workers on AWS Lambda; other platforms need theirs.
RUN npm install --prefix /opt/fnmesh --omit=dev --no-audit --no-fund /packages/*.tgz \
      @aws-sdk/client-lambda@3 @aws-sdk/client-iam@3 @aws-sdk/client-cloudwatch-logs@3 \
    && rm -rf /packages /root/.npm \
    && install -d -o node -g node -m 0700 /data
ENV NODE_ENV=production TMPDIR=/data HOME=/data
USER node
WORKDIR /data
VOLUME /data
# Workers, the API, where workers ask where they are seen.
EXPOSE 7420 7421 7422
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "/opt/fnmesh/node_modules/fnmesh/deploy/container/health.mjs"]
ENTRYPOINT ["/opt/fnmesh/node_modules/.bin/fnmesh", "serve", "--host", "0.0.0.0", "--port", "7420", "--api-port", "7421", "--observe-port", "7422"]
