"""The functions and classes for Python programs and notebooks. `import beam_jobs` loads each when it is first used."""
