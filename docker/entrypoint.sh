#!/bin/sh
# Puts the password of the database, which is in a file, into the URL; then becomes Node, so that signals reach it.
set -eu
if [ -n "${ROLLCALL_DATABASE_PASSWORD_FILE:-}" ]; then
  rest=${ROLLCALL_DATABASE_URL#*://}
  ROLLCALL_DATABASE_URL="${ROLLCALL_DATABASE_URL%%://*}://${rest%%@*}:$(cat "$ROLLCALL_DATABASE_PASSWORD_FILE")@${rest#*@}"
  export ROLLCALL_DATABASE_URL
fi
case ${1:-} in
  *.ts) exec node "$@" ;;
  *) exec node /rollcall/packages/cli/src/main.ts "$@" ;;
esac
