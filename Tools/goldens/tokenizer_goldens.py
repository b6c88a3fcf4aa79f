#!/usr/bin/env python3
"""Trains small tokenizers on real text and writes what the reference libraries make of odd texts with them.

usage: Tools/goldens/tokenizer_goldens.py [text to train on] [output folder]
       (default $NAP_DATA/text/tinyshakespeare.txt, Tests/DatasetsTests/Goldens/tokenizers)

Needs PyPI's `tokenizers` and `sentencepiece`. The files of the tokenizers are written beside `ids.json`, which has for each
of them the ids and the decoded text of every sample.
"""
import json
import os
import pathlib
import sys

import sentencepiece
import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

ROOT = pathlib.Path(__file__).resolve().parents[2]

# What a vocabulary should have of other scripts. The letters e with an accent stand as one character and as two, the kelvin
# sign beside K: canonically equivalent, but other tokens.
ODD = ["Les élèves ont été à l'école.", "Les e\u0301le\u0300ves ont e\u0301te\u0301.", "300 \u212a und 300 K",
       "Größe, Straße, Übung", "Съешь же ещё этих мягких французских булок", "青い空と白い雲", "안녕하세요 세계",
       "x = x + 1; // 42\n\tif (a < b) { return 3.14e-10; }", "naïve café, 12,345.67 €", "😀 👍🏽 👨‍👩‍👧 🇩🇪"] * 30

SAMPLES = [
    "", " ", "  ", "   a", "a", "a ", " a", "a  b", "a   b   ", "\n", "\n\n", " \n ", "a\n\nb\n", "\t\tx\t", "\r\n",
    "Hello world", "hello, world! it's we're they'll I'd I've I'm don't 'tis 'S 'LL", "''' ''s '", "'s", "'r", "'re'l'll",
    "First Citizen:\nBefore we proceed any further, hear me speak.", "KING RICHARD III:\nA horse! a horse!",
    "0", "007", "3.14159", "12,345.67", "1a2b3c", "½ ² Ⅷ ٣ 四", "x=1+2*3;", "foo_bar.baz(qux)[0] -> {}",
    "élève", "e\u0301le\u0300ve", "\u212a K \u212b Å \u2126 Ω", "Größe Straße ẞ", "ﬁ ﬃ ① ㎏ Ａ", "\ufdfa",
    "Съешь же ещё", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดี", "青い空", "안녕", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𐍈𐍉",
    "😀", "👍🏽", "👨‍👩‍👧", "🇩🇪🇫🇷", "a😀b", " 😀 ", "\u200b", "a\u200bb", "\ufeff", "\u00a0a\u00a0", "\u2003wide\u3000", "\u0085",
    "\u2028\u2029", "\u0000", "a\u0000b", "\u0001\u001f\u007f", "\ufffd", "\U0010ffff", "\u0301", "a\u0301\u0302\u0303",
    "▁", "▁a", "a▁b", " ▁ ", "<0x0A>", "<unk>", "<s>", "</s>", "a</s>b", " </s> ", "<|endoftext|>", "a <|endoftext|> b",
    "<|endoftext|><|endoftext|>", "<|endoftex", "</s", "<<s>>", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "the " * 20, "ab" * 100, "\n" * 9, " " * 33, "Antidisestablishmentarianism", "supercalifragilisticexpialidocious",
    "http://example.org/a?b=c&d=%20#e", "“quotes” — and … dashes", "MiXeD cAsE", "tab\tand space", "trailing space ",
]


def byte_level(lines, add_prefix_space):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=900, special_tokens=["<|endoftext|>"], show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def llama(lines, old):
    """Llama 2's file: a normalizer that prepends, or, as newer conversions have it, a pre-tokenizer Metaspace."""
    special = [AddedToken(text, normalized=False, special=True) for text in ("<unk>", "<s>", "</s>")]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    mark = "\u2581"
    # Trained over words, since merges of whole texts would cross spaces; used over whole texts, as Llama is.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=mark, prepend_scheme="always", split=True)
    trainer = trainers.BpeTrainer(vocab_size=1000, special_tokens=[str(token.content) for token in special]
                                  + [f"<0x{byte:02X}>" for byte in range(256)], show_progress=False, limit_alphabet=200)
    tokenizer.train_from_iterator(lines, trainer)
    text = json.loads(tokenizer.to_str())
    # The names of bytes are tokens of the vocabulary, no special ones.
    text["added_tokens"] = [dict(id=index, content=token.content, single_word=False, lstrip=False, rstrip=False,
                                 normalized=False, special=True) for index, token in enumerate(special)]
    tokenizer = Tokenizer.from_str(json.dumps(text))
    if old:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(mark), normalizers.Replace(" ", mark)])
        tokenizer.pre_tokenizer = None
        tokenizer.decoder = decoders.Sequence([decoders.Replace(mark, " "), decoders.ByteFallback(), decoders.Fuse(),
                                               decoders.Strip(" ", 1, 0)])
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=mark, prepend_scheme="first", split=False)
        tokenizer.decoder = decoders.Sequence([decoders.Replace(mark, " "), decoders.ByteFallback(), decoders.Fuse(),
                                               decoders.Strip(" ", 1, 0)])
    return tokenizer


def main():
    data = os.environ.get("NAP_DATA", str(ROOT.parent / "shared" / "data"))
    text = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else f"{data}/text/tinyshakespeare.txt").read_text()
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "Tests/DatasetsTests/Goldens/tokenizers")
    folder.mkdir(parents=True, exist_ok=True)
    lines = text[:300_000].splitlines(keepends=True) + ODD
    found = {}
    for name, tokenizer in [("gpt2", byte_level(lines, False)), ("gpt2-prefix", byte_level(lines, True)),
                            ("llama", llama(lines, True)), ("llama-metaspace", llama(lines, False))]:
        tokenizer.save(str(folder / f"{name}.json"), pretty=False)
        ids = [tokenizer.encode(sample, add_special_tokens=False).ids for sample in SAMPLES]
        found[f"{name}.json"] = dict(
            vocabulary=tokenizer.get_vocab_size(), ids=ids,
            texts=[tokenizer.decode(row, skip_special_tokens=False) for row in ids])
    for name, kind, fallback, rule in [("unigram", "unigram", True, "nmt_nfkc"), ("bpe", "bpe", False, "identity")]:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([line.strip() for line in lines if line.strip()]),
            model_prefix=str(folder / name), vocab_size=900, model_type=kind, byte_fallback=fallback,
            normalization_rule_name=rule, minloglevel=2)
        (folder / f"{name}.vocab").unlink()
        model = sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{name}.model"))
        ids = [model.encode(sample) for sample in SAMPLES]
        found[f"{name}.model"] = dict(vocabulary=model.get_piece_size(), ids=ids,
                                      texts=[model.decode(row) for row in ids])
    note = dict(tokenizers=tokenizers.__version__, sentencepiece=sentencepiece.__version__, samples=SAMPLES, files=found)
    (folder / "ids.json").write_text(json.dumps(note, separators=(",", ":")) + "\n")
    for name, entry in found.items():
        print(f"{name}: {entry['vocabulary']} tokens, {sum(map(len, entry['ids']))} ids")


main()
