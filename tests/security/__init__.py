"""Attacks on the running program from outside: by HTTP, raw connections and sockets of pages."""
