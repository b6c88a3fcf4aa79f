#!/usr/bin/env python3
"""Trains the vocabularies of Benchmarks/tokens, and times the reference libraries with them on one thread.

usage: peer_tokens.py FOLDER train|time
"""
import json, os, pathlib, sys, time

os.environ["TOKENIZERS_PARALLELISM"], os.environ["RAYON_NUM_THREADS"] = "false", "1"
import sentencepiece
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

folder = pathlib.Path(sys.argv[1])
texts = (folder / "text.txt").read_text().split("\0")
VOCABULARY = 8_000


def train():
    lines = [line for text in texts[:500] for line in text.splitlines() if line.strip()]
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(lines), model_prefix=str(folder / "unigram"),
                                             vocab_size=VOCABULARY, byte_fallback=True, minloglevel=2)
    gpt2 = Tokenizer(models.BPE())
    gpt2.pre_tokenizer, gpt2.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    gpt2.train_from_iterator(texts[:500], trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=["<|endoftext|>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    gpt2.save(str(folder / "gpt2.json"))
    llama = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    llama.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    llama.train_from_iterator(texts[:500], trainers.BpeTrainer(
        vocab_size=VOCABULARY, show_progress=False,
        special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]))
    file = json.loads(llama.to_str())
    file["added_tokens"] = file["added_tokens"][:3]
    llama = Tokenizer.from_str(json.dumps(file))
    llama.normalizer = normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    llama.pre_tokenizer = None
    llama.save(str(folder / "llama.json"))


def timed(name, encode):
    size = sum(len(text.encode()) for text in texts) / 1e6
    encode()
    start = time.process_time()
    encode()
    rate = size / (time.process_time() - start)
    print(f"tokens peer-{name} {rate:.2f} {rate:.2f} {rate:.2f} MB/s")


if sys.argv[2] == "train":
    train()
else:
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "unigram.model"))
    timed("sentencepiece", lambda: model.encode(texts, num_threads=1))
    for name in ("gpt2", "llama"):
        tokenizer = Tokenizer.from_file(str(folder / f"{name}.json"))
        timed(name, lambda: tokenizer.encode_batch(texts, add_special_tokens=False))
