"""The package that `pip install .` installs, and that Dataflow sends to its workers (`--setup_file=./setup.py`).

The core runs the corpus jobs and needs no TensorFlow. requirements.lock has exact versions; the bounds here are those that the
code needs.
"""

from pathlib import Path

from setuptools import find_packages, setup

CORE = [
    "apache-beam>=2.77,<3",
    "numba>=0.68",
    "numpy>=2.0",
    "pyarrow>=20",
    "smart-open[http]>=7.5",
    "tokenizers>=0.22",
    "isal==1.9.1",  # one version, so that workers that install this package compress to the same bytes
    "google-crc32c>=1.6",
    "orjson>=3.9,<4",
    "py3langid==0.4.0",  # its language model; one version, so that every worker finds the same languages
    "zstandard>=0.23",
    "rich>=14",
    "shtab>=1.13",  # writes the completion of bash, zsh and fish
]
GCP = ["apache-beam[gcp]>=2.77,<3", "smart-open[gcs]>=7.5"]
AWS = ["apache-beam[aws]>=2.77,<3", "smart-open[s3]>=7.5"]
TRAINER = [
    "keras>=3.15,<4",
    "jax>=0.10",
    "tensorflow>=2.20,<2.21",
    "tensorflow-text>=2.20,<2.21",
    "tensorboard>=2.20",
    "orbax-checkpoint>=0.12",
    "safetensors>=0.6",
    "scikit-learn>=1.6",  # the scores of classifications
    "scipy>=1.13",  # correlations
]
TPU = ["jax[tpu]>=0.10"]  # drives TPUs, and compiles for them where there is none (`trainer plan compile`)
CUDA = [
    "jax-cuda13-plugin>=0.10",
    "nvidia-cuda-nvcc>=13,<14",
    "nvidia-nvvm>=13,<14",
]  # compiles for GPUs; to run on one: jax[cuda13]
SERVE = ["starlette>=1,<2", "uvicorn>=0.40,<1"]  # a model behind a port (`trainer serve`), beside TRAINER
GARDEN = ["tf-models-official>=2.20,<2.21", "tf-keras>=2.20,<2.21"]
TEST = ["pytest>=8", "pytest-xdist>=3", "hypothesis>=6", "regex>=2024", "ruff", "mypy", "moto[server]>=5"]
TEST += ["gcp-storage-emulator", "seqeval>=1.2"]

setup(
    name="beambert",
    version="0.1.0",
    description="Apache Beam jobs that turn raw text into BERT pretraining corpora, and a trainer that turns those into models",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["BERT", "pretraining", "Apache Beam", "TFRecord", "WordPiece", "Keras", "JAX"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Text Processing :: Linguistic",
        "Typing :: Typed",
    ],
    python_requires=">=3.11",
    packages=find_packages(include=["beam_jobs*", "vocab*", "trainer*"]),
    package_data={
        "beam_jobs": ["py.typed", "**/*.json", "**/*.html"],
        "vocab": ["py.typed", "**/*.json"],
        "trainer": ["py.typed", "**/*.toml", "**/*.jsonl", "**/*.html"],
    },
    entry_points={
        "console_scripts": [
            "beambert = beam_jobs.console.entry:beambert",
            "beambert-worker = beam_jobs.engines.boot:main",
        ]
    },
    install_requires=CORE,
    extras_require={
        "gcp": GCP,
        "aws": AWS,
        "trainer": TRAINER,
        "tpu": TPU,
        "cuda": CUDA,
        "serve": [*TRAINER, *SERVE],
        "garden": [*TRAINER, *GARDEN],
        "transformers": ["torch>=2.9", "transformers>=5", "sentence-transformers>=5", "sentencepiece"],
        "test": [*TEST, *GCP, *AWS, *SERVE],
    },
)
