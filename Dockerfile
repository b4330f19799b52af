# An image with nothing but the executable. Build that first: scripts/static_build.sh amd64 (or arm64).
# See docs/docker.md.
FROM scratch
ARG TARGETARCH
COPY build/static-${TARGETARCH}/mock-capgo LICENSE THIRD_PARTY_NOTICES.md /
# Other containers and the host can connect. The address is that of `mock-capgo health`.
ENV MOCK_CAPGO_HOST=0.0.0.0 MOCK_CAPGO_ADMIN_URL=http://127.0.0.1:12113/__admin
USER 65534:65534
EXPOSE 12113
HEALTHCHECK --interval=5s --timeout=3s --retries=3 CMD ["/mock-capgo", "health"]
ENTRYPOINT ["/mock-capgo"]
