-- Whoever writes into the log looks whether the lock that it works under is still held: the portal's calls too.

SET search_path = letterpost, pg_temp;

GRANT EXECUTE ON FUNCTION is_locked(TEXT) TO letterpost_sign_in;
