#!/usr/bin/env bash
# Run once by the PostgreSQL image on an empty volume: each service owns a database and cannot open another's.
set -euo pipefail

for service in registry dispatcher notifier planner; do
  password_variable="${service^^}_DATABASE_PASSWORD"
  psql --set ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set service="$service" --set password="${!password_variable}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE CONNECT ON DATABASE :"service" FROM PUBLIC;
SQL
done
