#include "proto_pg/error.h"
