# One image for web, worker and beat; docker-compose.yml says which is which.
FROM python:3.13-slim-bookworm

RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt

COPY . .
RUN useradd --system plan && mkdir -p var && chown plan var
USER plan
ENV PYTHONUNBUFFERED=1
EXPOSE 8000
