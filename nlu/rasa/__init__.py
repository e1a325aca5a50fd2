"""A real Rasa 3.6 server as the engine: its environment, training, serving and client.

Rasa needs Python 3.10 and libraries of its own, so it lives in another environment and process and
is reached over HTTP. Only `nlu/rasa_components.py` and the normaliser run inside it.
"""
