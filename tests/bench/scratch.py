"""Makes and drops the benchmark's own PostgreSQL database: `python -m tests.bench.scratch create|drop URL NAME`."""

import sys

import psycopg
from psycopg import sql

ORDERS = {"create": sql.SQL("CREATE DATABASE {}"), "drop": sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")}


def main(order: str, server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(ORDERS[order].format(sql.Identifier(name)))


main(*sys.argv[1:])
