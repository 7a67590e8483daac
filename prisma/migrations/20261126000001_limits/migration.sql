-- What one person may have under way and begin. Each function stands before the one that does the work, and
-- asks first, in statements of their own, so that each sees what was committed before the lock was given.

-- Live and waiting replies of a person, without those of p_except. A reply that is under way has changed its
-- session not long ago, so the sessions of one hour are looked at and not all of them.
CREATE FUNCTION chat_replies_of_v1(p_user text, p_except text) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(
      (SELECT count(*) FROM "Message" m WHERE m."sessionId" = c.id AND m.status = 'live')
    + (SELECT count(*) FROM "Message" m WHERE m."sessionId" = c.id AND m.status = 'waiting')), 0)::int
    FROM "ChatSession" c
   WHERE c."userId" = p_user AND c."updatedAt" > now() - interval '1 hour' AND c.id IS DISTINCT FROM p_except
$$;

-- Whether a new reply would be one too many, p_except being the session whose replies end first. Locks the
-- session if it is the person's, and after it the person: two sessions at once do not pass the last place.
CREATE FUNCTION chat_replies_full_v1(p_user text, p_session text, p_except text, p_max int) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM 1 FROM "ChatSession" c WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('chat_replies:' || p_user, 0));
  RETURN chat_replies_of_v1(p_user, p_except) >= p_max;
END $$;

CREATE FUNCTION chat_commit_turn_v2(
  p_user text, p_session text, p_client_id text, p_message text, p_reply text, p_content text,
  p_title text, p_demo boolean, p_node text, p_lease_ms int, p_max_waiting int, p_max_replies int,
  p_context int)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE is_full boolean := chat_replies_full_v1(p_user, p_session, NULL, p_max_replies);
BEGIN
  -- A repeat begins no reply.
  IF is_full AND NOT EXISTS (
      SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m."clientMessageId" = p_client_id) THEN
    RETURN '{"outcome": "busy"}';
  END IF;
  RETURN chat_commit_turn_v1(p_user, p_session, p_client_id, p_message, p_reply, p_content, p_title, p_demo,
    p_node, p_lease_ms, p_max_waiting, p_context);
END $$;

CREATE FUNCTION chat_edit_v2(
  p_user text, p_session text, p_target text, p_client_id text, p_message text, p_reply text,
  p_content text, p_demo boolean, p_node text, p_lease_ms int, p_max_siblings int, p_max_replies int,
  p_context int, p_texts jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE is_full boolean := chat_replies_full_v1(p_user, p_session, p_session, p_max_replies);
BEGIN
  IF is_full AND NOT EXISTS (
      SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m."clientMessageId" = p_client_id) THEN
    RETURN '{"outcome": "busy"}';
  END IF;
  RETURN chat_edit_v1(p_user, p_session, p_target, p_client_id, p_message, p_reply, p_content, p_demo, p_node,
    p_lease_ms, p_max_siblings, p_context, p_texts);
END $$;

CREATE FUNCTION chat_regenerate_v2(
  p_user text, p_session text, p_target text, p_request text, p_reply text, p_demo boolean, p_node text,
  p_lease_ms int, p_max_siblings int, p_max_replies int, p_context int, p_texts jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE is_full boolean := chat_replies_full_v1(p_user, p_session, p_session, p_max_replies);
BEGIN
  IF is_full AND NOT EXISTS (
      SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m."clientRequestId" = p_request) THEN
    RETURN '{"outcome": "busy"}';
  END IF;
  RETURN chat_regenerate_v1(p_user, p_session, p_target, p_request, p_reply, p_demo, p_node, p_lease_ms,
    p_max_siblings, p_context, p_texts);
END $$;

-- As before, or {"retryAfterMs"}: the person has begun p_max_begun sessions within a day; that is when the
-- oldest of them is a day old. Joining one that exists is never refused.
CREATE FUNCTION chat_open_session_v2(
  p_user text, p_persona text, p_session text, p_fresh boolean, p_request text, p_new_id text,
  p_greeting_id text, p_greeting text, p_version text, p_max_begun int)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE ends timestamptz;
BEGIN
  IF p_session IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('chat_begin:' || p_user, 0));
    -- What was begun within a day has also changed within it, which is what the index knows.
    SELECT c."createdAt" + interval '1 day' INTO ends FROM "ChatSession" c
     WHERE c."userId" = p_user AND c."updatedAt" > clock_timestamp() - interval '1 day'
       AND c."createdAt" > clock_timestamp() - interval '1 day'
     ORDER BY c."createdAt" DESC OFFSET p_max_begun - 1 LIMIT 1;
    IF FOUND AND NOT EXISTS (SELECT 1 FROM "ChatSession" c WHERE c."userId" = p_user
        AND c."personaId" = p_persona AND (NOT p_fresh OR c."clientRequestId" = p_request)) THEN
      RETURN jsonb_build_object('retryAfterMs',
        greatest(1, ceil(extract(epoch FROM ends - clock_timestamp()) * 1000))::bigint);
    END IF;
  END IF;
  RETURN chat_open_session_v1(p_user, p_persona, p_session, p_fresh, p_request, p_new_id, p_greeting_id,
    p_greeting, p_version);
END $$;
