# ycaudit with a browser and a font for Chinese, run by nobody in particular.
#   docker build -t ycaudit .                               the program alone, under 700 MB
#   docker build --build-arg EXTRAS=vision -t ycaudit .     vision, timestamp, cluster, or all
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/work" --security-opt seccomp=unconfined \
#     ycaudit scan --output report.html
# Docker's own filter of system calls keeps Chromium's sandbox from starting; docs/deployment.md has
# a narrower way.
FROM debian:trixie-slim AS build
# Debian keeps only the newest version of each package, and its security fixes are wanted.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends python3-venv
# uv compares what it installs with the hashes of the lock, and takes of it only what is asked for.
RUN python3 -m venv /opt/uv && /opt/uv/bin/pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY src src
COPY docs/man docs/man
COPY fixtures/city fixtures/city
ARG EXTRAS=""
RUN /opt/uv/bin/uv venv --python /usr/bin/python3 /opt/ycaudit \
    && /opt/uv/bin/uv pip install --python /opt/ycaudit/bin/python --no-cache --compile-bytecode \
        --constraints requirements.lock ".[$EXTRAS]"

FROM debian:trixie-slim
# Left out: what paints on a graphics card, looks for faults in what does, or belongs to a browser
# with windows, and a second, serif font. No look at a homepage uses these 290 MB.
# hadolint ignore=DL3008
RUN printf 'path-exclude %s\n' '/usr/lib/*/libLLVM*' '/usr/lib/*/libgallium*' '/usr/lib/*/libz3*' \
        '/usr/lib/chromium/libVk*' '/usr/lib/chromium/resources.pak' \
        '/usr/share/fonts/opentype/noto/NotoSerifCJK*' > /etc/dpkg/dpkg.cfg.d/ycaudit \
    && apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates chromium-headless-shell fontconfig fonts-noto-cjk libzbar0 python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 auditor \
    && install --directory --owner auditor /work
COPY --from=build /opt/ycaudit /opt/ycaudit
# In the folder that is mounted, so that they outlive the container.
ENV YCAUDIT_HISTORY=/work/history.sqlite3 YCAUDIT_CACHE=/work/cache.sqlite3
ENV PATH=/opt/ycaudit/bin:$PATH LANG=C.UTF-8 YCAUDIT_LANG=zh
USER 10001
WORKDIR /work
ENTRYPOINT ["ycaudit"]
CMD ["--help"]
