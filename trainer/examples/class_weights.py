"""Weights of classes, for labels of which some are much rarer than others."""

import numpy as np


def balanced_weights(label_ids: np.ndarray, labels: int) -> np.ndarray:
    """Weights that let every class count the same: float32 [labels].

    That of a class is examples / (classes that occur * examples of the class), as in scikit-learn's "balanced" (after
    King and Zeng, "Logistic regression in rare events data", 2001). So the mean weight of an example is 1. A class
    without examples has the weight 0, which nothing uses.

    Args:
        label_ids: int32 [examples].
        labels: the number of classes.
    """
    counts = np.bincount(label_ids, minlength=labels)
    occur = counts > 0
    weights = np.zeros(labels, np.float32)
    weights[occur] = counts.sum() / (occur.sum() * counts[occur])
    return weights


def balanced_positive_weights(label_sets: np.ndarray) -> np.ndarray:
    """The weight of "yes" for each of several labels that are decided by themselves, where "no" has 1: float32 [labels].

    It is the number of examples without the label, divided by that of examples with it; 1 for a label that no or every
    example has.

    Args:
        label_sets: float32 or bool [examples, labels], 1 where an example has a label.
    """
    positive = np.asarray(label_sets, np.float64).sum(axis=0)
    negative = len(label_sets) - positive
    both = (positive > 0) & (negative > 0)
    return np.where(both, negative / np.maximum(positive, 1), 1).astype(np.float32)
