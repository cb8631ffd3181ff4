"""Options for batch jobs that Beam's job servers for Flink and Spark know and Beam's Python does not."""

import argparse

from apache_beam.options.pipeline_options import PipelineOptions


class JobServerBatchOptions(PipelineOptions):
    """Known to Beam's parser as soon as this module is loaded, and sent to the job server where the user gives them."""

    @classmethod
    def _add_argparse_args(cls, parser: argparse.ArgumentParser) -> None:
        flink = parser.add_argument_group("Flink")
        flink.add_argument("--number_of_execution_retries", type=int, help="how often a failed task is tried again")
        flink.add_argument("--execution_retry_delay", type=int, help="milliseconds before it is tried again")
        flink.add_argument("--execution_mode_for_batch", help="PIPELINED, BATCH, PIPELINED_FORCED or BATCH_FORCED")
        flink.add_argument("--max_bundle_size", type=int, help="elements in a bundle at most")
        flink.add_argument("--max_bundle_time_mills", type=int, help="milliseconds that a bundle takes at most")
        flink.add_argument("--flink_conf_dir", help="a folder with a Flink configuration for this job")
        flink.add_argument("--object_reuse", action="store_true", default=None, help="do not copy between operators")
        flink.add_argument("--disable_metrics", action="store_true", default=None, help="no metrics of Beam in Flink")
        spark = parser.add_argument_group("Spark")
        spark.add_argument("--bundle_size", type=int, help="bytes of a bundle where a source is split")
        spark.add_argument("--storage_level", help="where Spark keeps data, such as MEMORY_ONLY or DISK_ONLY")
        spark.add_argument("--cache_disabled", action="store_true", default=None, help="keep no data for a second use")
        both = parser.add_argument_group("Flink and Spark")
        both.add_argument("--load_balance_bundles", action="store_true", default=None, help="to the next free worker")
