# ycaudit with a browser and fonts for Chinese, run by nobody in particular.
#   docker build -t ycaudit .
#   docker run --rm -v "$PWD:/work" ycaudit scan --output report.html
FROM python:3.13-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY src src
COPY docs/man docs/man
COPY fixtures/city fixtures/city
RUN python -m venv /opt/ycaudit \
    && /opt/ycaudit/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
    && /opt/ycaudit/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim-bookworm
# Debian keeps only the newest version of each package, and its security fixes are wanted.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        chromium-headless-shell fonts-noto-cjk libzbar0 libgl1 libglib2.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 auditor
COPY --from=build /opt/ycaudit /opt/ycaudit
ENV PATH=/opt/ycaudit/bin:$PATH LANG=C.UTF-8 YCAUDIT_LANG=zh
USER 10001
WORKDIR /work
ENTRYPOINT ["ycaudit"]
CMD ["--help"]
