"""Normalize-and-Project for PyTorch (Lyle et al. 2024, arXiv 2407.01800): one file to copy.

    import nap
    model = nap.normalize(model)                     # a normalization before every nonlinearity
    projection = nap.Projection(model, output="6")   # after the model is on its device; "6" names the head
    for x, y in batches:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
        projection.apply()                           # after every update
        print(projection.norms(), projection.angles())

Each projected weight keeps its initial Frobenius norm, so that the learning rate relative to the weight is what the
schedule says. The head, biases, scales, offsets and embeddings keep no norm.
"""
import torch
from torch import nn

NONLINEARITIES = (nn.ReLU, nn.LeakyReLU, nn.GELU, nn.SiLU, nn.ELU, nn.Tanh, nn.Sigmoid)
NEVER_PROJECTED = (nn.Embedding, nn.LayerNorm, nn.GroupNorm, nn.modules.batchnorm._BatchNorm)


class Normalization(nn.Module):
    """LayerNorm over all features of an example, without scale and offset; (B, ...) to (B, ...)."""

    def __init__(self, epsilon=1e-5):
        super().__init__()
        self.epsilon = epsilon

    def forward(self, x):
        return nn.functional.layer_norm(x, x.shape[1:], eps=self.epsilon)


def normalize(module, epsilon=1e-5):
    """Puts a normalization before every nonlinearity that is a module of its own, in place, and returns the module.

    In an nn.Sequential the layer before it loses its bias. Calls of torch.nn.functional are not seen: put Normalization()
    there by hand.
    """
    previous = None
    for name, child in list(module.named_children()):
        if isinstance(child, NONLINEARITIES):
            setattr(module, name, nn.Sequential(Normalization(epsilon), child))
            if isinstance(module, nn.Sequential) and getattr(previous, "bias", None) is not None:
                previous.bias = None
        else:
            normalize(child, epsilon)
        previous = child
    return module


class Projection:
    """Scales weights back to the norms that they have now.

    output names the head, whose weight stays free: the module's name in model.named_modules().
    """

    def __init__(self, model, output):
        modules = dict(model.named_modules())
        if output not in modules:
            raise ValueError(f"output: expected a module of the model such as {list(modules)[-1]!r}, found {output!r}")
        self.weights = {f"{name}.weight": module.weight for name, module in modules.items()
                        if isinstance(getattr(module, "weight", None), nn.Parameter)
                        and not isinstance(module, NEVER_PROJECTED) and name != output}
        self.initial = {name: weight.detach().norm() for name, weight in self.weights.items()}
        self.before = {name: weight.detach().clone() for name, weight in self.weights.items()}

    @torch.no_grad()
    def apply(self):
        """Restores the norms; reads nothing back from the device."""
        for name, weight in self.weights.items():
            weight.mul_(self.initial[name] / weight.norm())

    @torch.no_grad()
    def norms(self):
        """Each weight's norm by its initial one: 1 under projection; without it, the factor by which its rate shrank."""
        return {name: (weight.norm() / self.initial[name]).item() for name, weight in self.weights.items()}

    @torch.no_grad()
    def angles(self):
        """How far each weight has turned since the last call, in radians: what an update really changed."""
        turned = {}
        for name, weight in self.weights.items():
            cosine = nn.functional.cosine_similarity(self.before[name].flatten(), weight.flatten(), dim=0)
            turned[name] = torch.arccos(cosine.clamp(-1, 1)).item()
            self.before[name].copy_(weight)
        return turned
