FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/lijian
COPY requirements.txt ./
RUN /opt/lijian/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations ./migrations
COPY app ./app
RUN /opt/lijian/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
# PostgreSQL wants its user to have a name; nothing but the data folder belongs to it.
RUN groupadd --gid 10001 lijian \
    && useradd --uid 10001 --gid 10001 --no-log-init --home-dir /var/lib/lijian --shell /usr/sbin/nologin lijian \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/lijian
COPY --from=build /opt/lijian /opt/lijian
ENV PATH=/opt/lijian/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LIJIAN_HOST=0.0.0.0 \
    LIJIAN_DATA_DIR=/var/lib/lijian
USER 10001:10001
WORKDIR /var/lib/lijian
VOLUME /var/lib/lijian
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=3)"]
ENTRYPOINT ["lijian"]
CMD ["serve"]
