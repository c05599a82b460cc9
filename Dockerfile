# One image for web, worker and beat; docker-compose.yml says what each runs.
FROM python:3.11-slim-bookworm AS packages
COPY requirements/base.txt /tmp/base.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
       --only-binary :all: -r /tmp/base.txt

FROM python:3.11-slim-bookworm
# What WeasyPrint draws text with.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin hoso \
    && install -d -o hoso -g hoso /var/lib/hoso
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# Fontconfig keeps its cache where the container may write, or it complains with every paper.
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_CACHE_HOME=/tmp/cache \
    HOSO_VAR=/var/lib/hoso \
    HOSO_STATIC_ROOT=/app/staticfiles
# Compiled ahead, because the container may be run with a read-only file system.
RUN python -m compileall -q /app && HOSO_ENV=production HOSO_VAR=/tmp/build python manage.py collectstatic --no-input -v0 \
    && rm -rf /tmp/build
USER hoso
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
