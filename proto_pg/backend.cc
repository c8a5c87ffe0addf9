#include "proto_pg/backend.h"
