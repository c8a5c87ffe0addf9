#include "proto_pg/framer.h"
