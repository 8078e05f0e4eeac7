# What the shell of a page means by its commands: those of this run, at its ports, in its folder.
# Docker and systemd are played: what they would start is started, with the same options and variables.

beeline() {
  case $1 in
    health) shift && set -- health --url "http://127.0.0.1:$ADMIN_PORT/healthz" "$@" ;;
    ctl) shift && set -- ctl --url "http://127.0.0.1:$ADMIN_PORT" "$@" ;;
    start) grep -qsE '^(listeners|tls)' beeline.yaml || export BEELINE_PORT="$PORT" ;;
    passwd) # A terminal would ask; the page calls anna's password ANNAS_PASSWORD.
      local user=${!#}
      echo "${user^^}S_PASSWORD" | node "$MAIN" "$@"
      return
      ;;
  esac
  BEELINE_ADMIN__PORT="$ADMIN_PORT" node "$MAIN" "$@"
}

mosquitto_sub() { stdbuf -oL mosquitto_sub -d -p "$PORT" "$@"; }
mosquitto_pub() { command mosquitto_pub -p "$PORT" "$@"; }

# Packages are those of the clone, so that nothing is fetched.
npm() {
  [ "$1" = install ] || { command npm "$@"; return; }
  local entry
  mkdir -p node_modules
  ln -sfn "$ROOT" node_modules/beeline-mqtt
  ln -sfn -t node_modules "$ROOT"/node_modules/* "$ROOT"/node_modules/.bin
  shift
  for entry in "$@"; do
    [[ $entry == -* ]] || [ -d "node_modules/$entry" ] || { echo "the clone has no $entry" >&2; return 1; }
  done
}

sudo() { "$@"; }

systemctl() {
  [ "$1" = enable ] || return 0
  local unit="$FOLDER/etc/systemd/system/beeline.service" command
  export "$(sed -n "s|^Environment=\(.*\)=/|\1=$FOLDER/|p" "$unit")"
  command=$(sed -n "s|^ExecStart=/usr/bin/env ||p" "$unit" | sed "s|/etc/|$FOLDER/etc/|")
  $command
}

docker() {
  local dockerfile="$ROOT/packaging/Dockerfile"
  if [ "$1" = build ]; then
    [ "$2 $3" = "-f packaging/Dockerfile" ]
    return
  fi
  export $(sed -n "s|=/data|=$FOLDER/data|; s|^ENV ||p" "$dockerfile")
  while [ $# -gt 0 ]; do
    case $1 in
      -e) export "$2" && shift ;;
    esac
    shift
  done
  beeline $(sed -n 's|^CMD \["\(start\)"\]|\1|p' "$dockerfile")
}

set -e
