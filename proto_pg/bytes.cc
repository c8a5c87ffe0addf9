#include "proto_pg/bytes.h"
