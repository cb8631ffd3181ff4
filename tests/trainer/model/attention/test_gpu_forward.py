from test_tpu_forward import log_sum_exp

from trainer.model.attention.gpu_forward import gpu_forward


def test_the_log_sum_exp_of_each_query():
    log_sum_exp(gpu_forward, "gpu")
