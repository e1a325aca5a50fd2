"""The Zalo Bot Platform (https://bot.zaloplatforms.com/docs): a free pilot, for few people."""
