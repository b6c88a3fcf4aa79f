// The Arcade Learning Environment's own headers are C++: only CArcade includes them.
#pragma once
