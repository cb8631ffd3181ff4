"""A form of each kind of task."""

from trainer.export.finetuned.task_form import ANSWERS, NUMBER, SEQUENCE, SEVERAL, SINGLE, TOKENS, TaskForm

FORMS = {
    "classify": TaskForm(SEQUENCE, ("negativ", "nøytral", "positiv"), SINGLE),
    "several": TaskForm(SEQUENCE, ("musikk", "sport"), SEVERAL),
    "regress": TaskForm(SEQUENCE, (), NUMBER),
    "tag": TaskForm(TOKENS, ("B-PER", "I-PER", "O")),
    "answer": TaskForm(ANSWERS),
}
