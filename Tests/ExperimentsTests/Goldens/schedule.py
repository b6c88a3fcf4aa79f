"""A learning rate that grows with the weights' norms, so that the effective rate stays what it was at its highest.

    scheduler = pytorch(optimizer)          # scheduler.step() after every optimizer.step()
    optimizer = optax.adam(optax_schedule(3e-4))

Written by nap diagnose from the norms of 1 weights at 4 checkpoints. With a projection the rate
is what the schedule says: leave this out, or take 1 / factor(step) to keep the decay that there was.
"""
STEPS = [10000, 20000, 30000]
FACTORS = [1, 4, 12]


def factor(step):
    """What the learning rate is multiplied by after this many steps: linear between STEPS."""
    if step <= STEPS[0]:
        return FACTORS[0]
    for (left, low), (right, high) in zip(zip(STEPS, FACTORS), zip(STEPS[1:], FACTORS[1:])):
        if step <= right:
            return low + (high - low) * (step - left) / (right - left)
    return FACTORS[-1]


def pytorch(optimizer, last_step=-1):
    """Multiplies the optimizer's learning rates; last_step as for torch's schedulers, to go on."""
    import torch
    return torch.optim.lr_scheduler.LambdaLR(optimizer, factor, last_epoch=last_step)


def optax_schedule(learning_rate):
    """A schedule for any optimizer of optax."""
    import jax.numpy
    steps, factors = jax.numpy.array(STEPS, float), jax.numpy.array(FACTORS)
    return lambda step: learning_rate * jax.numpy.interp(step, steps, factors)
