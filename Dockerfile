# The portal's image: hash-locked wheels in a virtual environment, run by a numeric user on a read-only root file system.
#
#   docker build -t onboarding-portal .
#   docker build --secret id=pip,src=pip.conf -t onboarding-portal .    # with a package index of your own
#
# What it may write: /var/lib/portal (the SQLite file, if that is the database) and /tmp. deploy/README.md says more.

FROM python:3.11-slim AS base

FROM base AS build
ARG SOURCE_DATE_EPOCH=1577836800
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_NO_COMPILE=1 \
    PIP_NO_INPUT=1
WORKDIR /src
COPY requirements.txt requirements-build.txt ./
# Wheels only: this stage has no compiler either, and what has no wheel for a machine is better known here than there.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf,required=false \
    python -m venv /opt/build \
    && /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.txt \
    && python -m venv --without-pip /opt/portal \
    && /opt/build/bin/pip --python /opt/portal/bin/python install \
        --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY static static
COPY templates templates
COPY portal portal
# Compiled here, because nothing can be written there; by content, so that the same sources give the same files.
RUN /opt/build/bin/hatchling build -t wheel -d /tmp/wheel \
    && /opt/build/bin/pip --python /opt/portal/bin/python install --no-deps --no-index /tmp/wheel/*.whl \
    && /opt/portal/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/portal/lib

FROM base
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Onboarding Portal" \
      org.opencontainers.image.description="Self-service set-up of Claude Code for the people who hold an LLM gateway's keys." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# All that the base has there is pip and what belongs to it; the portal's packages are in /opt/portal.
RUN rm -rf /usr/local/lib/python3*/site-packages/* /usr/local/lib/python3*/ensurepip /usr/local/bin/pip* \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/portal
COPY --from=build /opt/portal /opt/portal
ENV PATH=/opt/portal/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PORTAL_HOST=0.0.0.0 \
    PORTAL_PORT=8000 \
    STATE_DIRECTORY=/var/lib/portal
WORKDIR /var/lib/portal
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Whether the process answers at all. Not /readyz: without its database the portal still serves the guide.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-I", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORTAL_PORT']), timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status >= 500)"]
ENTRYPOINT ["portal"]
CMD ["serve"]
