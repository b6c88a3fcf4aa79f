"""Normalize-and-Project for JAX (Lyle et al. 2024, arXiv 2407.01800): one file to copy.

    import nap
    hidden = jax.nn.relu(nap.normalize(x @ params["hidden"]["weight"]))   # before every nonlinearity, no bias
    initial = nap.norms(params, nap.is_hidden_weight)                      # once, before training
    updates, state = optimizer.update(grads, state)
    params = nap.project(optax.apply_updates(params, updates), initial)    # after every update, inside jit
    print(nap.angles(before, params, initial))

Each projected weight keeps its initial Frobenius norm, so that the learning rate relative to the weight is what the
schedule says. The head, biases, scales, offsets and embeddings keep no norm: the predicate leaves them out.
"""
import jax
import jax.numpy as jnp


def normalize(x, epsilon=1e-5):
    """LayerNorm over all features of an example, without scale and offset; (B, ...) to (B, ...)."""
    axes = tuple(range(1, x.ndim))
    centred = x - x.mean(axes, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(axes, keepdims=True) + epsilon)


def is_hidden_weight(path, leaf):
    """Matrices and kernels, but of the part called "output". Write one's own where names differ."""
    names = [str(getattr(key, "key", getattr(key, "name", key))) for key in path]
    return leaf.ndim >= 2 and "output" not in names


def norms(params, predicate=is_hidden_weight):
    """A tree like params with the norm of each weight to project, and 0 for what stays free."""
    def norm(path, leaf):
        return jnp.linalg.norm(leaf.ravel()) if predicate(path, leaf) else jnp.zeros((), leaf.dtype)
    return jax.tree_util.tree_map_with_path(norm, params)


def project(params, initial):
    """Scales each weight back to its initial norm."""
    def scaled(leaf, norm):
        now = jnp.linalg.norm(leaf.ravel())
        return leaf * jnp.where(norm > 0, norm / jnp.where(now > 0, now, 1), 1)
    return jax.tree_util.tree_map(scaled, params, initial)


def angles(before, after, initial):
    """How far each projected weight turned, in radians, and 0 for the others: what an update really changed."""
    def angle(left, right, norm):
        lengths = jnp.linalg.norm(left.ravel()) * jnp.linalg.norm(right.ravel())
        cosine = jnp.vdot(left, right) / jnp.where(lengths > 0, lengths, 1)
        return jnp.where(norm > 0, jnp.arccos(jnp.clip(cosine, -1, 1)), 0)
    return jax.tree_util.tree_map(angle, before, after, initial)
