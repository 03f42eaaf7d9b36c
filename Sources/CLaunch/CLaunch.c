#include "CLaunch.h"
