"""Serves a model from Python, and asks it as a program in any language would.

    python tests/examples/serve_and_ask.py FOLDER

It uses the model that train_and_use.py has exported to FOLDER.
"""

import json
import sys
import urllib.request

import trainer  # noqa: F401  chooses the backend of Keras
from trainer.serving.serve import ModelServer
from trainer.serving.settings import ServeSettings

if __name__ == "__main__":
    server = ModelServer(ServeSettings(f"{sys.argv[1]}/exported", port=0))  # port 0: any that is free
    server.start()
    server.wait_ready()

    def ask(path: str, question: dict) -> dict:
        """The answer of an endpoint."""
        with urllib.request.urlopen(server.url + path, json.dumps(question).encode()) as response:
            return json.load(response)

    for filling in ask("/fill_mask", {"inputs": "A class is [MASK] object.", "top": 3})["fillings"][0][0]:
        print(f"{filling['probability']:6.1%}  {filling['piece']}")
    found = ask("/v1/embeddings", {"input": ["A class is an object.", "A short text."], "model": "any"})
    print(len(found["data"]), "vectors of", len(found["data"][0]["embedding"]), "numbers;", found["usage"])
    server.stop()
