# Workers of Dataflow, and of other runners that start a container: Beam's own image with this package in it.
#   docker build -f docs/images/dataflow.Dockerfile -t REGISTRY/beambert-worker .
#   docker push REGISTRY/beambert-worker
#   beambert corpus ... --runner=DataflowRunner --sdk_container_image=REGISTRY/beambert-worker --sdk_location=container
# Python and Beam must be those of the machine that launches the job; versions are those of requirements.lock.
FROM apache/beam_python3.11_sdk:2.77.0

WORKDIR /opt/beambert
COPY setup.py pyproject.toml requirements.lock README.md LICENSE ./
COPY beam_jobs ./beam_jobs
COPY vocab ./vocab
COPY trainer ./trainer
RUN pip install --no-cache-dir --constraint requirements.lock '.[gcp]'

# Beam's image starts its workers by this program.
ENTRYPOINT ["/opt/apache/beam/boot"]
