"""Uploads an export to the hub of Hugging Face, with the hub's own client."""

from pathlib import Path

from beam_jobs.errors import UserError

_FORMS = ("hugging_face", "distilbert")


def require_name(repository: str, form: str) -> None:
    """Raise UserError unless this is a name on the hub, the form is one that the hub knows, and there is a client."""
    if form not in _FORMS:
        raise UserError(
            f"--push: the hub shows models of --format {' and '.join(_FORMS)}; leave --push or --format {form} out"
        )
    try:
        from huggingface_hub.utils import HFValidationError, validate_repo_id
    except ImportError as error:
        raise UserError("--push: needs the hub's client; pip install huggingface_hub") from error
    try:
        validate_repo_id(repository)
        named = repository.count("/") == 1
    except HFValidationError:
        named = False
    if not named:
        raise UserError(f"--push {repository}: is no name on the hub; give ORG/NAME, such as our-library/nb-bert-base")


def push(folder: Path, repository: str) -> str:
    """Upload the folder; a repository that is not there is made, and private. Returns the address of what was uploaded.

    Raises UserError if the hub cannot be reached or refuses, or if it would not read the card. The folder stays as it is.
    """
    from huggingface_hub import HfApi, ModelCard
    from huggingface_hub.errors import HTTPError

    again = f"{folder} stays as it is: upload it later by `hf upload {repository} {folder}`"
    try:
        ModelCard((folder / "README.md").read_text(encoding="utf-8"))
        api = HfApi(library_name="beambert")
        api.create_repo(repository, private=True, exist_ok=True)
        commit = api.upload_folder(repo_id=repository, folder_path=folder, commit_message="Export of beambert")
    except (HTTPError, OSError, ValueError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"--push {repository}: the hub did not take it ({reason}); log in with `hf auth login`; {again}"
        ) from error
    return str(commit.commit_url)
