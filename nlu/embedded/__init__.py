"""The engine that runs inside the process: linear model on character and word n-grams."""
