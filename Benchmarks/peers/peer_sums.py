#!/usr/bin/env python3
"""Times all-reduces of PyTorch over Gloo, with one thread a process.

usage: peer_sums.py BYTES,... REPEATS

Runs under RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT. Rank 0 prints "torch BYTES MEDIAN_MS LEAST_MS", a line a size.
"""
import statistics, sys, time
import torch, torch.distributed as dist

torch.set_num_threads(1)
dist.init_process_group("gloo")
for size in map(int, sys.argv[1].split(",")):
    values, times = torch.ones(size // 4), []
    for _ in range(int(sys.argv[2]) + 3):
        dist.barrier()
        start = time.perf_counter()
        dist.all_reduce(values)
        times.append((time.perf_counter() - start) * 1e3)
        if values[0].item() != dist.get_world_size(): sys.exit("peer_sums.py: a wrong sum")
        values.fill_(1)
    if not dist.get_rank(): print(f"torch {size} {statistics.median(times[3:]):.4f} {min(times[3:]):.4f}", flush=True)
dist.barrier()
dist.destroy_process_group()
