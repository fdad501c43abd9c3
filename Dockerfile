# syntax=docker/dockerfile:1
# Runs one flow without the editor. For this machine: docker build -t flowbroker .
# For 64-bit PCs and Raspberry Pis: docker buildx build --platform linux/amd64,linux/arm64 -t flowbroker .

# The package is the same for every platform: built once, where it is fast.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN mkdir /packed && npm pack --pack-destination /packed

# Node-RED has parts that depend on the platform.
FROM node:24-bookworm-slim AS install
WORKDIR /opt/flowbroker
COPY --from=build /packed /packed
RUN npm install --omit=dev --no-audit --no-fund /packed/*.tgz node-red@5

FROM node:24-bookworm-slim
COPY --from=install /opt/flowbroker /opt/flowbroker
RUN ln -s /opt/flowbroker/node_modules/.bin/flowbroker /usr/local/bin/flowbroker \
	&& mkdir /data \
	&& chown node:node /data
ENV NODE_ENV=production FLOWBROKER_DATA=/data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 1883 1880
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["flowbroker", "health"]
ENTRYPOINT ["flowbroker"]
CMD ["run", "/data/flow.json"]
