# The built server, which serves the built page. `docker-compose.yml` adds PostgreSQL and Redis; alone it
# keeps its embedded database in /data.
FROM node:24-bookworm-slim AS build
WORKDIR /parley
ENV CI=true
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml turbo.json tsconfig.base.json ./
COPY scripts scripts
COPY prisma prisma
COPY packages packages
COPY apps apps
RUN npm install --global pnpm@12.4.2
RUN pnpm install --frozen-lockfile
RUN pnpm build
# The server's package again, with what it needs at run time only.
RUN pnpm --filter @parley/server deploy --prod --legacy /server

FROM node:24-bookworm-slim
WORKDIR /parley
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
COPY package.json ./
COPY scripts/start.mjs scripts/start.mjs
COPY prisma prisma
COPY --from=build /server/package.json apps/server/package.json
COPY --from=build /server/node_modules apps/server/node_modules
COPY --from=build /parley/apps/server/dist apps/server/dist
COPY --from=build /parley/apps/web/dist apps/web/dist
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "scripts/start.mjs"]
