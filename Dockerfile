# The portal for production. Postgres, Valkey and nginx are services of their own (docker-compose.yml).
FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock /tmp/requirements.lock
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r /tmp/requirements.lock

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_ENV=production \
    DATA_DIR=/data \
    STATIC_ROOT=/srv/static
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal -m 0700 /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# The values serve this step only; none of them is kept in the image.
RUN python -c 'from techvet.embedded.catalogues import compile_catalogues; compile_catalogues()' \
    && PORTAL_ORIGIN=https://portal.invalid \
       SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') \
       DATABASE_URL=postgresql://portal@127.0.0.1/portal \
       REDIS_URL=redis://127.0.0.1/0 \
       python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q -j 0 techvet partners materials guidance badges
USER 10001:10001
EXPOSE 8000
CMD ["granian", "techvet.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers", "2", "--blocking-threads", "2", "--respawn-failed-workers", "--workers-kill-timeout", "10"]
