#pragma once
#include <GraphBLAS.h>
