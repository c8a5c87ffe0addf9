#include "proto_pg/message_types.h"
