"""The devices of a run: how processes find each other, how arrays are placed, speed and memory of the hardware."""

from trainer import backend as backend  # before a module of this package imports Keras
