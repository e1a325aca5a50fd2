"""What Rasa loads from this package; only Rasa imports it (Rasa 3.6, Python 3.10 syntax)."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.text import normalize, strip_diacritics


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Splits the normalised message into words and gives each its form without marks as lemma.

    `CountVectorsFeaturizer` reads lemmas, so 'lam the' and 'làm thẻ' get the same features.
    Offsets count in the normalised text: the words typed may have been merged or split.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The options Rasa expects of every tokenizer."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of one attribute of the message; a dash when nothing readable is left."""
        normalized = normalize(message.get(attribute) or "")
        tokens: list[Token] = []
        start = 0
        for word in normalized.accented.split():
            tokens.append(Token(word, start, lemma=strip_diacritics(word)))
            start += len(word) + 1
        if not tokens:
            # Rasa's classifiers stop at a message without any token: an emoji, say.
            tokens.append(Token("-", 0, lemma="-"))
        return self._apply_token_pattern(tokens)
