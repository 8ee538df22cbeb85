# One image for web, worker, beat and one-off commands; docker-compose.yml says which.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --system --uid 10001 --create-home --home-dir /home/lapor lapor \
    && mkdir -p /app /data \
    && chown lapor:lapor /data

WORKDIR /app
COPY requirements.txt requirements-s3.txt ./
RUN pip install -r requirements-s3.txt

COPY . .
# Texts and static files belong to the image; a key is needed to start Django, not to collect files.
RUN python scripts/messages.py compile \
    && DATA_DIR=/tmp/build HASHED_STATIC=1 STATIC_ROOT=/app/staticfiles python manage.py collectstatic --noinput --verbosity 0 \
    && rm -rf /tmp/build

ENV DATA_DIR=/data \
    STATIC_ROOT=/app/staticfiles \
    HOST=0.0.0.0 \
    PORT=8000
USER lapor
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
ENTRYPOINT ["python", "deploy/entrypoint.py"]
CMD ["web"]
