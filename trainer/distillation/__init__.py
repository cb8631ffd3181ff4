"""Distillation: a smaller network, the student, learns what a trained one, its teacher, computes."""
