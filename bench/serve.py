"""Serves the bare or the usual column exactly as the real service is served: `python -m bench.serve bare 8001 2`."""

import sys

import uvicorn


def main(column: str, port: int, workers: int) -> None:
    uvicorn.run(
        f"bench.{column}:app",
        host="127.0.0.1",
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
