"""From predictions to scores: answers, entities, scores by name, and the comparison of runs.

Pure: arrays, strings and lists in, numbers out. No module here imports a tensor library, and only `read_predictions`
opens files.
"""
