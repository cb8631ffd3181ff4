"""What it takes to run the jobs on Flink, Spark and Prism: how their workers start, and what the user asks for."""
