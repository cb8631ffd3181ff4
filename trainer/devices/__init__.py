"""The devices of a run: how processes find each other, how arrays are placed, speed and memory of the hardware."""
