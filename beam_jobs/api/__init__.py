"""What a Python program or a notebook uses; `import beam_jobs` offers all of it by name, and loads it when it is used."""
