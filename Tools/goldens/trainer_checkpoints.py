#!/usr/bin/env python3
"""Writes checkpoints of transformers' Trainer and the rates that their optimizer's state makes.

Run from the repository's root, with torch, transformers, accelerate and safetensors:
python3 -P Tools/goldens/trainer_checkpoints.py
Tests/PlasticityTests/Goldens/trainer-KIND has a model, its configuration and optimizer.pt as the Trainer saves them after
three updates, `rates.safetensors` the root mean square of the step on each parameter over its norm.
"""
import pathlib
import shutil
import tempfile

import torch
import transformers
from safetensors.torch import save_file

GOLDENS = pathlib.Path("Tests/PlasticityTests/Goldens")


class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, index):
        tokens = torch.randint(0, 20, (8,), generator=torch.Generator().manual_seed(index))
        return {"input_ids": tokens, "labels": tokens}


def write(kind, model):
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            folder, max_steps=3, save_steps=3, per_device_train_batch_size=4, learning_rate=2e-3, weight_decay=0.1, warmup_steps=0,
            lr_scheduler_type="constant", report_to=[], use_cpu=True, disable_tqdm=True, logging_strategy="no", seed=1)
        trainer = transformers.Trainer(model=model, args=arguments, train_dataset=Rows())
        trainer.train()
        target = GOLDENS / f"trainer-{kind}"
        target.mkdir(exist_ok=True)
        for name in ["model.safetensors", "config.json", "optimizer.pt"]:
            shutil.copy(pathlib.Path(folder) / "checkpoint-3" / name, target / name)
    optimizer = trainer.optimizer.optimizer if hasattr(trainer.optimizer, "optimizer") else trainer.optimizer
    rates = {}
    for group in optimizer.param_groups:
        beta1, beta2 = group["betas"]
        for parameter in group["params"]:
            name = next(name for name, other in model.named_parameters() if other is parameter)
            state = optimizer.state[parameter]
            count = float(state["step"])
            first = state["exp_avg"].double() / (1 - beta1 ** count)
            root = (state["exp_avg_sq"].double() / (1 - beta2 ** count)).sqrt()
            step = group["lr"] * first / (root + group["eps"])
            rates[name] = step.norm() / (parameter.numel() ** 0.5 * parameter.detach().double().norm())
    save_file(rates, target / "rates.safetensors",
              {"torch": torch.__version__, "transformers": transformers.__version__,
               "script": "Tools/goldens/trainer_checkpoints.py"})


transformers.set_seed(1)
write("gpt2", transformers.GPT2LMHeadModel(transformers.GPT2Config(
    vocab_size=20, n_positions=9, n_embd=12, n_layer=2, n_head=3)))
# As many keys as queries: the four matrices of an attention have one shape, and another order by name.
write("llama", transformers.LlamaForCausalLM(transformers.LlamaConfig(
    vocab_size=20, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=3,
    max_position_embeddings=9)))
