"""Writes Tests/ReinforcementTests/Goldens/losses.safetensors: losses of value and policy learning, element by element in float64.

Run from the repository's root, with torch and safetensors: python3 -P Tools/goldens/losses.py
Written from the papers' equations with loops over examples, atoms and quantiles; only gradients come from PyTorch. A case C has its
inputs under C/NAME, its result under C/out and, where something is learned, the gradient of sum(seed * out) under C/grad.
"""

import math
import pathlib

import torch
from safetensors.torch import save_file

METADATA = {"torch": torch.__version__, "script": "Tools/goldens/losses.py"}
B, A, N, M = 5, 4, 7, 6
torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
tensors = {}


def put(case, **named):
    for name, value in named.items():
        value = value.detach() if isinstance(value, torch.Tensor) else torch.tensor(value)
        tensors[f"{case}/{name}"] = value.clone().contiguous()


def learned(case, out, leaf, **named):
    seed = torch.randn(out.shape)
    (grad,) = torch.autograd.grad((seed * out).sum(), leaf)
    put(case, out=out, grad=grad, seed=seed, **named)


def huber(x, k):
    return 0.5 * x * x if abs(x) <= k else k * (abs(x) - 0.5 * k)


returns, actions = torch.randn(B), torch.randint(A, (B,))
discounts = torch.tensor([0.97, 0.97, 0.0, 0.99, 0.9])
selector, values = torch.randn(B, A), torch.randn(B, A)


def argmax(row):
    best = 0
    for a in range(len(row)):
        if row[a] > row[best]:
            best = a
    return best


# Q-learning, Mnih et al. 2015, and double, van Hasselt et al. 2016.
common = dict(returns=returns, discounts=discounts, selector=selector)
put("q", values=values, returns=returns, discounts=discounts,
    out=[float(returns[b] + discounts[b] * max(values[b])) for b in range(B)])
put("double_q", values=values, **common,
    out=[float(returns[b] + discounts[b] * values[b][argmax(selector[b])]) for b in range(B)])
predicted = (torch.randn(B) * 2).requires_grad_()
goal = torch.randn(B) * 2
for k in (1.0, 0.3):
    learned(f"huber_{k}", torch.stack([huber(predicted[b] - goal[b], k) for b in range(B)]), predicted, predicted=predicted, goal=goal)

# Categorical, Bellemare et al. 2017, algorithm 1: neighbours below and above, shares by distance.
low, high = -2.0, 3.0
support = [low + i * (high - low) / (N - 1) for i in range(N)]


def project(probabilities, atoms):
    mass = [0.0] * N
    step = (high - low) / (N - 1)
    for p, v in zip(probabilities, atoms):
        place = (min(max(v, low), high) - low) / step
        below, above = math.floor(place), math.ceil(place)
        if below == above:
            mass[below] += p
        else:
            mass[below] += p * (above - place)
            mass[above] += p * (place - below)
    return mass


probabilities = torch.softmax(torch.randn(B, M), 1)
atoms = torch.randn(B, M) * 3
atoms[0, 0], atoms[0, 1], atoms[0, 2] = low, high, support[3]
put("projection", probabilities=probabilities, values=atoms, support=support,
    out=[project(probabilities[b].tolist(), atoms[b].tolist()) for b in range(B)])
logits = torch.randn(B, A, N)
rows = []
for b in range(B):
    exps = [math.exp(x) for x in logits[b][argmax(selector[b])].tolist()]
    rows.append(project([e / sum(exps) for e in exps], [float(returns[b] + discounts[b] * z) for z in support]))
put("categorical", logits=logits, support=support, out=rows, **common)
put("categorical_means", logits=logits, support=support,
    out=[[sum(z * math.exp(x) for z, x in zip(support, row)) / sum(math.exp(x) for x in row) for row in example] for example in logits.tolist()])
learner = torch.randn(B, N).requires_grad_()
target = torch.tensor(rows)
learned("cross_entropy", torch.stack([
    sum(-target[b][i] * (learner[b][i] - torch.log(sum(torch.exp(learner[b][j]) for j in range(N)))) for i in range(N)) for b in range(B)]),
    learner, logits=learner, target=target)

# Quantiles, Dabney et al. 2018 (QR-DQN eq. 10, IQN eq. 3): sum over predicted i, mean over target j.
quantiles = torch.randn(B, A, M)
put("quantile_target", quantiles=quantiles, **common,
    out=[[float(returns[b] + discounts[b] * quantiles[b][argmax(selector[b])][j]) for j in range(M)] for b in range(B)])
predictions, goals = torch.randn(B, N).requires_grad_(), torch.randn(B, M) * 2


def quantile_loss(fractions, k):
    out = []
    for b in range(B):
        total = 0.0
        for i in range(N):
            for j in range(M):
                u = goals[b][j] - predictions[b][i]
                weight = abs(float(fractions[b][i]) - (1.0 if u < 0 else 0.0))
                total = total + weight * (huber(u, k) / k if k > 0 else abs(u)) / M
        out.append(total)
    return torch.stack(out)


fixed = torch.tensor([[(i + 0.5) / N for i in range(N)]] * B)
drawn = torch.rand(B, N)
for name, fractions, k in (("qr", fixed, 1.0), ("qr_0", fixed, 0.0), ("iqn", drawn, 1.0), ("iqn_half", drawn, 0.5)):
    learned(name, quantile_loss(fractions, k), predictions, predictions=predictions, goals=goals,
            fractions=fractions[0] if name.startswith("qr") else fractions)

# Munchausen, Vieillard et al. 2020, eq. 2, with temperature 0.03, share 0.9 and floor -1 (and milder ones).
for name, tau, alpha, floor in (("munchausen", 0.03, 0.9, -1.0), ("munchausen_mild", 0.7, 0.5, -0.4)):
    bonus, after = [], []
    for b in range(B):
        def policy(row):
            top = max(row)
            exps = [math.exp((x - top) / tau) for x in row]
            return [e / sum(exps) for e in exps], [(x - top) / tau - math.log(sum(exps)) for x in row]
        _, log = policy(values[b].tolist())
        bonus.append(alpha * min(max(tau * log[int(actions[b])], floor), 0.0))
        means = [float(quantiles[b][a].mean()) for a in range(A)]
        pi, log = policy(means)
        after.append([float(returns[b]) + bonus[b] + float(discounts[b]) * sum(
            pi[a] * (float(quantiles[b][a][j]) - tau * log[a]) for a in range(A)) for j in range(M)])
    put(name, values=values, actions=actions, returns=returns, discounts=discounts, outputs=quantiles, bonus=bonus, out=after,
        settings=[tau, alpha, floor])

# PPO, Schulman et al. 2017, eq. 7; values clipped as in its authors' code; entropy.
policy_logits = torch.randn(B, A).requires_grad_()


def log_policy(b, a):
    return policy_logits[b][a] - torch.log(sum(torch.exp(policy_logits[b][j]) for j in range(A)))


own = [log_policy(b, int(actions[b])) for b in range(B)]
old = torch.tensor([own[b].item() + shift for b, shift in enumerate((0.0, 0.5, -0.5, 0.05, -0.4))])
advantages = torch.tensor([1.0, 2.0, 1.5, -1.0, -0.7])
clipped = []
for b in range(B):
    ratio = torch.exp(own[b] - old[b])
    near = ratio if 0.8 <= ratio <= 1.2 else torch.tensor(0.8 if ratio < 0.8 else 1.2)
    one, other = ratio * advantages[b], near * advantages[b]
    clipped.append(-(one if one <= other else other))
learned("ppo", torch.stack(clipped), policy_logits, logits=policy_logits, actions=actions, old=old, advantages=advantages)
learned("entropy", torch.stack([-sum(torch.exp(log_policy(b, a)) * log_policy(b, a) for a in range(A)) for b in range(B)]),
        policy_logits, logits=policy_logits)
v, v_old, r = torch.randn(B).requires_grad_(), torch.randn(B), torch.randn(B)
learned("value", torch.stack([0.5 * (v[b] - r[b]) ** 2 for b in range(B)]), v, values=v, old=v_old, returns=r)
worst = []
for b in range(B):
    shift = v[b] - v_old[b]
    near = v_old[b] + (shift if abs(shift) <= 0.3 else torch.sign(shift.detach()) * 0.3)
    one, other = (v[b] - r[b]) ** 2, (near - r[b]) ** 2
    worst.append(0.5 * (one if one >= other else other))
learned("value_clipped", torch.stack(worst), v, values=v, old=v_old, returns=r)

# Generalized advantages, Schulman et al. 2016: the discounted sum of errors of each remaining step of the episode, written out.
T, E, gamma, lam = 8, 3, 0.95, 0.8
rewards, state_values, next_values = torch.randn(T, E), torch.randn(T, E), torch.randn(T, E)
zero, end = torch.zeros(T, E), torch.zeros(T, E)
end[2, 0] = zero[2, 0] = 1  # terminated
end[4, 1] = 1  # truncated
zero[5, 2] = 1  # a life lost while the episode goes on
out = torch.zeros(T, E)
for e in range(E):
    for t in range(T):
        total, factor = 0.0, 1.0
        for k in range(t, T):
            error = rewards[k, e] + (1 - zero[k, e]) * gamma * next_values[k, e] - state_values[k, e]
            total += factor * float(error)
            if end[k, e]:
                break
            factor *= gamma * lam
        out[t, e] = total
put("gae", rewards=rewards, values=state_values, next=next_values, zero=zero, end=end, out=out, settings=[gamma, lam])

save_file(tensors, pathlib.Path("Tests/ReinforcementTests/Goldens/losses.safetensors"), METADATA)
