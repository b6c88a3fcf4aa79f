// Work of a GPU, recorded once and replayed (CUDA graphs).
#pragma once
#include "nap_core.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct nap_graph_handle *nap_graph;

/// Why work on a device cannot be recorded; empty where it can.
const char *nap_graph_problem(nap_device device);
/// Begins to record what this thread asks of a device, instead of doing it. Of `generators` numbers may be drawn: each replay
/// draws those that follow.
int nap_graph_begin(nap_device device, const nap_generator *generators, nap_int count, nap_graph *out);
/// Ends the recording. To be called after every begin, also where something in between failed.
int nap_graph_end(nap_graph graph);
/// Does the recorded work, on the memory that was recorded.
int nap_graph_replay(nap_graph graph);
void nap_graph_free(nap_graph graph);

#ifdef __cplusplus
}
#endif
