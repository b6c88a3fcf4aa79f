// Functions of libraries that are opened at run time.
#pragma once
#include <dlfcn.h>

#include <string>

namespace nap {

/// Takes a function by its name. Where it is missing, `problem` says so, unless it says something already.
template <class Function>
void find_symbol(void *library, const char *library_name, const char *name, Function &function, std::string &problem) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (!function && problem.empty()) problem = std::string(library_name) + " has no " + name;
}

}  // namespace nap
