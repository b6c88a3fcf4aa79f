// NormalizeAndProject
