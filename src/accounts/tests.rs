//! The rules of R-PASSWORD, R-LOCKOUT, R-IDLE, R-SESSION, R-LEAVER and R-OVERREACH, as callers meet them.
