#!/bin/sh
# Prints promtail.yml with ${NAME:-default} replaced by the variable or its default, for
#   alloy run --config.format=promtail FILE
# which reads Promtail's configuration but does not expand variables in it.
exec awk '{
  out = ""
  while (match($0, /\$\{[A-Z_]+:-[^}]*\}/)) {
    inner = substr($0, RSTART + 2, RLENGTH - 3)
    name = substr(inner, 1, index(inner, ":-") - 1)
    value = (name in ENVIRON && ENVIRON[name] != "") ? ENVIRON[name] : substr(inner, index(inner, ":-") + 2)
    out = out substr($0, 1, RSTART - 1) value
    $0 = substr($0, RSTART + RLENGTH)
  }
  print out $0
}' "$(dirname "$0")/promtail.yml"
