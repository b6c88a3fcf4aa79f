#pragma once
#include "nap_core.h"
#include "nap_capture.h"
#include "nap_kernels.h"
#include "nap_operators.h"
#include "nap_processes.h"
