-- The functions of the hot path: one round trip each, and each locks before it reads [M1].
--
-- VOLATILE functions run under READ COMMITTED, where every statement takes a new snapshot: what is read
-- after the lock is what the holder before left. They lock the session first and messages after it.
-- STABLE functions see one snapshot, that of the statement that calls them.
-- Names carry a version: a rolling restart runs old and new programs together.

CREATE FUNCTION chat_instant_v1(p timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(p AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Session of the contract.
CREATE FUNCTION chat_session_json_v1(c "ChatSession") RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', c.id, 'personaId', c."personaId", 'title', c.title, 'revision', c.revision,
    'activeLeafId', c."activeLeafId", 'createdAt', chat_instant_v1(c."createdAt"),
    'updatedAt', chat_instant_v1(c."updatedAt"))
$$;

-- Message of the contract.
CREATE FUNCTION chat_message_json_v1(m "Message") RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', m.id, 'sender', m.sender, 'content', m.content, 'createdAt', chat_instant_v1(m."createdAt"),
    'sessionId', m."sessionId", 'parentId', m."parentId", 'seq', m.seq, 'revision', m.revision,
    'status', m.status, 'clientMessageId', m."clientMessageId", 'replyId', m."replyId",
    'personaVersionId', m."personaVersionId", 'finishReason', m."finishReason", 'error', m.error,
    'demo', m.demo,
    'siblingIds', CASE WHEN m."parentId" IS NULL
      THEN (SELECT jsonb_agg(x.id ORDER BY x.seq) FROM "Message" x
             WHERE x."sessionId" = m."sessionId" AND x."parentId" IS NULL)
      ELSE (SELECT jsonb_agg(x.id ORDER BY x.seq) FROM "Message" x
             WHERE x."sessionId" = m."sessionId" AND x."parentId" = m."parentId") END)
$$;

-- Change of the contract: every row that changed after p_prev and up to p_revision, without p_except.
CREATE FUNCTION chat_change_v1(p_session text, p_prev int, p_revision int, p_except text)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'prevRevision', p_prev, 'revision', p_revision,
    'session', (SELECT chat_session_json_v1(c) FROM "ChatSession" c WHERE c.id = p_session),
    'messages', coalesce((SELECT jsonb_agg(chat_message_json_v1(m) ORDER BY m.seq) FROM "Message" m
       WHERE m."sessionId" = p_session AND m.revision > p_prev AND m.revision <= p_revision
         AND m.id IS DISTINCT FROM p_except), '[]'::jsonb))
$$;

-- Page of the contract: p_from and its ancestors, oldest first; at most p_limit, and fewer when they are
-- long: no more than 200,000 characters before the oldest one, so that a page stays a few hundred kilobytes.
CREATE FUNCTION chat_page_v1(p_from text, p_limit int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH RECURSIVE branch(id, n, chars) AS (
    SELECT p_from, 1, 0 WHERE p_from IS NOT NULL
    UNION ALL
    SELECT m."parentId", b.n + 1, b.chars + length(m.content) FROM branch b JOIN "Message" m ON m.id = b.id
     WHERE m."parentId" IS NOT NULL AND b.n <= p_limit AND b.chars < 200000),
  judged AS (SELECT b.id, b.n <= p_limit AND b.chars < 200000 AS fits FROM branch b)
  SELECT jsonb_build_object(
    'messages', coalesce((SELECT jsonb_agg(chat_message_json_v1(m) ORDER BY m.seq)
       FROM judged j JOIN "Message" m ON m.id = j.id WHERE j.fits), '[]'::jsonb),
    'hasMore', EXISTS (SELECT 1 FROM judged j WHERE NOT j.fits))
$$;

-- LiveReply of the contract, or null.
CREATE FUNCTION chat_live_v1(p_session text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('replyId', m.id, 'epoch', m.epoch, 'text', coalesce(
    (SELECT string_agg(k.text, '' ORDER BY k."offset") FROM "ReplyChunk" k
      WHERE k."replyId" = m.id AND k.epoch = m.epoch), ''))
  FROM "Message" m WHERE m."sessionId" = p_session AND m.status = 'live'
$$;

CREATE FUNCTION chat_snapshot_v1(p_user text, p_session text, p_limit int) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT chat_page_v1(c."activeLeafId", p_limit) || jsonb_build_object(
    'session', chat_session_json_v1(c), 'live', chat_live_v1(c.id))
  FROM "ChatSession" c WHERE c.id = p_session AND c."userId" = p_user
$$;

-- Null: no such session of this user. {"found": false}: no message with this seq in it.
CREATE FUNCTION chat_history_v1(p_user text, p_session text, p_before int, p_limit int) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_before IS NULL THEN chat_page_v1(c."activeLeafId", p_limit) ELSE coalesce(
    (SELECT chat_page_v1(m."parentId", p_limit) FROM "Message" m
      WHERE m."sessionId" = c.id AND m.seq = p_before), '{"found": false}'::jsonb) END
  FROM "ChatSession" c WHERE c.id = p_session AND c."userId" = p_user
$$;

CREATE FUNCTION chat_sync_v1(p_user text, p_session text, p_after int, p_max int, p_limit int)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN p_after > c.revision OR c.revision - p_after > p_max OR (
      SELECT coalesce(sum(length(m.content)), 0) > 200000 FROM "Message" m
       WHERE m."sessionId" = c.id AND m.revision > p_after)
    THEN chat_snapshot_v1(p_user, p_session, p_limit) || '{"reset": true}'::jsonb
    ELSE jsonb_build_object('reset', false, 'live', chat_live_v1(c.id),
      'change', chat_change_v1(c.id, p_after, c.revision, NULL)) END
  FROM "ChatSession" c WHERE c.id = p_session AND c."userId" = p_user
$$;

-- What a node needs to write a reply: the newest p_context ancestors that say something, oldest first.
-- The walk is bounded, so that a long run of empty replies cannot make it long, and ends with the message
-- that passes 48,000 characters, which is what a prompt may hold in all (`limits.promptCodePoints`).
CREATE FUNCTION chat_job_v1(p_reply text, p_context int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH RECURSIVE above("parentId", sender, content, says, n, said, chars) AS (
    SELECT m."parentId", NULL::text, NULL::text, false, 0, 0, 0 FROM "Message" m WHERE m.id = p_reply
    UNION ALL
    SELECT m."parentId", m.sender, m.content, said.it, a.n + 1, a.said + said.it::int,
           a.chars + CASE WHEN said.it THEN length(m.content) ELSE 0 END
      FROM above a JOIN "Message" m ON m.id = a."parentId"
      CROSS JOIN LATERAL (SELECT m.content <> '' AND m.status <> 'blocked') said(it)
     WHERE a.said < p_context AND a.n < 4 * p_context AND a.chars < 48000),
  said AS (SELECT a.n, a.sender, a.content FROM above a WHERE a.says)
  SELECT jsonb_build_object(
    'replyId', m.id, 'sessionId', m."sessionId", 'userId', c."userId", 'epoch', m.epoch,
    'personaVersionId', m."personaVersionId",
    'context', coalesce((SELECT jsonb_agg(jsonb_build_object('sender', s.sender, 'content', s.content)
                                          ORDER BY s.n DESC) FROM said s), '[]'::jsonb))
  FROM "Message" m JOIN "ChatSession" c ON c.id = m."sessionId" WHERE m.id = p_reply
$$;

-- The turn that this id committed, as a change: its own revisions, its rows as they stand now.
CREATE FUNCTION chat_find_turn_v1(p_user text, p_session text, p_client_id text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'prevRevision', u.seq - 1, 'revision', r.seq, 'session', chat_session_json_v1(c),
    'messages', jsonb_build_array(chat_message_json_v1(u), chat_message_json_v1(r)))
  FROM "ChatSession" c
  JOIN "Message" u ON u."sessionId" = c.id AND u."clientMessageId" = p_client_id
  JOIN "Message" r ON r.id = u."replyId"
  WHERE c.id = p_session AND c."userId" = p_user
$$;

CREATE FUNCTION chat_commit_turn_v1(
  p_user text, p_session text, p_client_id text, p_message text, p_reply text, p_content text,
  p_title text, p_demo boolean, p_node text, p_lease_ms int, p_max_waiting int, p_context int)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE s "ChatSession"; earlier jsonb; version text; queue int; live boolean; starts boolean;
BEGIN
  SELECT * INTO s FROM "ChatSession" c
   WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN '{"outcome": "not_found"}'; END IF;

  IF p_client_id IS NOT NULL THEN
    earlier := chat_find_turn_v1(p_user, p_session, p_client_id);
    IF earlier IS NOT NULL THEN
      -- The answer of the first call may have been lost, and with it the job that it gave to this node.
      RETURN jsonb_build_object('outcome', 'duplicate', 'change', earlier, 'job',
        (SELECT chat_job_v1(r.id, p_context) FROM "Message" u JOIN "Message" r ON r.id = u."replyId"
          WHERE u."sessionId" = p_session AND u."clientMessageId" = p_client_id
            AND r.status = 'live' AND r.owner = p_node));
    END IF;
  END IF;

  -- Two questions, so that each is answered from its partial index and not by reading the session.
  SELECT count(*) INTO queue FROM "Message" m WHERE m."sessionId" = p_session AND m.status = 'waiting';
  live := EXISTS (SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m.status = 'live');
  IF queue >= p_max_waiting THEN RETURN '{"outcome": "busy"}'; END IF;
  starts := NOT live AND queue = 0;

  SELECT p."currentVersionId" INTO version FROM "Persona" p WHERE p.id = s."personaId";
  INSERT INTO "Message" (id, "sessionId", "parentId", seq, revision, sender, content, status,
      "clientMessageId", "replyId", "createdAt")
    VALUES (p_message, p_session, s."activeLeafId", s.revision + 1, s.revision + 1, 'user', p_content,
      'complete', p_client_id, p_reply, clock_timestamp());
  INSERT INTO "Message" (id, "sessionId", "parentId", seq, revision, sender, content, status,
      "personaVersionId", demo, epoch, owner, "leaseUntil", "createdAt")
    VALUES (p_reply, p_session, p_message, s.revision + 2, s.revision + 2, 'ai', '',
      CASE WHEN starts THEN 'live' ELSE 'waiting' END, version, p_demo,
      CASE WHEN starts THEN 1 ELSE 0 END, CASE WHEN starts THEN p_node END,
      CASE WHEN starts THEN clock_timestamp() + p_lease_ms * interval '1 ms' END, clock_timestamp());
  UPDATE "ChatSession" SET revision = s.revision + 2, "activeLeafId" = p_reply,
      title = coalesce(title, p_title), "updatedAt" = clock_timestamp() WHERE id = p_session;

  RETURN jsonb_build_object('outcome', 'committed',
    'change', chat_change_v1(p_session, s.revision, s.revision + 2, NULL),
    'job', CASE WHEN starts THEN chat_job_v1(p_reply, p_context) END, 'titled', s.title IS NULL);
END $$;

-- Makes the oldest waiting reply of a session live, if nothing is. The caller holds the session's lock
-- and raises its revision to p_revision. Returns the reply, or null.
CREATE FUNCTION chat_start_next_v1(p_session text, p_revision int, p_node text, p_lease_ms int)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE started text;
BEGIN
  UPDATE "Message" SET status = 'live', epoch = epoch + 1, owner = p_node, revision = p_revision,
      "leaseUntil" = clock_timestamp() + p_lease_ms * interval '1 ms'
   WHERE id = (SELECT m.id FROM "Message" m WHERE m."sessionId" = p_session AND m.status = 'waiting'
                ORDER BY m.seq LIMIT 1)
     AND NOT EXISTS (SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m.status = 'live')
  RETURNING id INTO started;
  RETURN started;
END $$;

CREATE FUNCTION chat_finish_reply_v1(
  p_reply text, p_epoch int, p_status text, p_content text, p_reason text, p_error text,
  p_prompt_tokens int, p_completion_tokens int, p_demo boolean, p_node text, p_lease_ms int,
  p_context int)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE sid text; rev int; m "Message"; started text;
BEGIN
  SELECT x."sessionId" INTO sid FROM "Message" x WHERE x.id = p_reply;
  SELECT c.revision + 1 INTO rev FROM "ChatSession" c WHERE c.id = sid FOR NO KEY UPDATE;
  UPDATE "Message" x SET status = p_status, content = p_content, "finishReason" = p_reason,
      error = p_error, "promptTokens" = p_prompt_tokens, "completionTokens" = p_completion_tokens,
      demo = p_demo, revision = rev, owner = NULL, "leaseUntil" = NULL
   WHERE x.id = p_reply AND x.epoch = p_epoch AND x.status = 'live' RETURNING * INTO m;

  IF FOUND THEN
    DELETE FROM "ReplyChunk" WHERE "replyId" = p_reply;
    -- Without a node nobody is there to write the next one; it goes on waiting.
    IF p_node IS NOT NULL THEN started := chat_start_next_v1(sid, rev, p_node, p_lease_ms); END IF;
    UPDATE "ChatSession" SET revision = rev, "updatedAt" = clock_timestamp() WHERE id = sid;
  ELSE
    -- Either somebody else's by now, or a repeat of a call whose answer was lost.
    SELECT * INTO m FROM "Message" x WHERE x.id = p_reply AND x.epoch = p_epoch
       AND x.status = p_status AND x.content = p_content;
    IF NOT FOUND THEN RETURN '{"outcome": "fenced"}'; END IF;
    SELECT x.id INTO started FROM "Message" x WHERE x."sessionId" = sid AND x.status = 'live'
       AND x.owner = p_node AND x.revision = m.revision;
  END IF;

  RETURN jsonb_build_object('outcome', 'saved', 'message', chat_message_json_v1(m),
    'change', chat_change_v1(sid, m.revision - 1, m.revision, p_reply),
    'next', chat_job_v1(started, p_context));
END $$;

-- One statement for all live replies of a node; rows are locked in order of id, so that two nodes
-- cannot wait for each other. Returns a row for each reply that is still the caller's.
CREATE FUNCTION chat_flush_v1(p_rows jsonb, p_lease_ms int)
RETURNS TABLE (reply_id text, stop boolean) LANGUAGE sql VOLATILE AS $$
  WITH given AS (
    SELECT * FROM jsonb_to_recordset(p_rows) AS r("replyId" text, epoch int, "offset" int, text text)),
  held AS (
    SELECT m.id, m."stopAt", g.epoch, g."offset", g.text FROM "Message" m JOIN given g ON g."replyId" = m.id
     WHERE m.status = 'live' AND m.epoch = g.epoch ORDER BY m.id FOR NO KEY UPDATE OF m),
  renewed AS (
    UPDATE "Message" m SET "leaseUntil" = clock_timestamp() + p_lease_ms * interval '1 ms'
      FROM held h WHERE m.id = h.id),
  saved AS (
    INSERT INTO "ReplyChunk" ("replyId", epoch, "offset", text)
    SELECT h.id, h.epoch, h."offset", h.text FROM held h WHERE h.text <> ''
    -- A repeat holds at least what was saved at its offset; a late one must not take text away again.
    ON CONFLICT ("replyId", epoch, "offset") DO UPDATE SET text = excluded.text
      WHERE length(excluded.text) > length("ReplyChunk".text))
  SELECT h.id, h."stopAt" IS NOT NULL FROM held h
$$;

CREATE FUNCTION chat_stop_reply_v1(p_user text, p_session text, p_reply text)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE rev int; m "Message";
BEGIN
  SELECT c.revision INTO rev FROM "ChatSession" c
   WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN '{"outcome": "session_not_found"}'; END IF;
  SELECT * INTO m FROM "Message" x
   WHERE x.id = p_reply AND x."sessionId" = p_session AND x.sender = 'ai';
  IF NOT FOUND THEN RETURN '{"outcome": "message_not_found"}'; END IF;

  IF m.status = 'live' THEN
    UPDATE "Message" SET "stopAt" = coalesce("stopAt", clock_timestamp()) WHERE id = p_reply;
    RETURN '{"outcome": "live"}';
  ELSIF m.status = 'waiting' THEN
    UPDATE "Message" SET status = 'stopped', "stopAt" = clock_timestamp(), revision = rev + 1
     WHERE id = p_reply RETURNING * INTO m;
    UPDATE "ChatSession" SET revision = rev + 1, "updatedAt" = clock_timestamp() WHERE id = p_session;
    RETURN jsonb_build_object('outcome', 'cancelled', 'message', chat_message_json_v1(m),
      'change', chat_change_v1(p_session, rev, rev + 1, p_reply));
  END IF;
  RETURN jsonb_build_object('outcome', 'ended', 'message', chat_message_json_v1(m));
END $$;

-- Takes over replies whose lease ran out. p_alone: nobody else lives, so no lease counts.
CREATE FUNCTION chat_claim_v1(
  p_node text, p_limit int, p_lease_ms int, p_held text[], p_alone boolean, p_context int)
RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE r record;
BEGIN
  FOR r IN SELECT m.id, m."stopAt" FROM "Message" m
            WHERE m.status = 'live' AND (p_alone OR m."leaseUntil" < clock_timestamp())
              AND NOT (m.id = ANY (p_held))
            ORDER BY m.id LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED LOOP
    UPDATE "Message" SET epoch = epoch + 1, owner = p_node,
        "leaseUntil" = clock_timestamp() + p_lease_ms * interval '1 ms' WHERE id = r.id;
    RETURN NEXT chat_job_v1(r.id, p_context) || jsonb_build_object('stopped', r."stopAt" IS NOT NULL,
      'prefix', coalesce((SELECT string_agg(k.text, '' ORDER BY k."offset") FROM "ReplyChunk" k
         WHERE k."replyId" = r.id AND k.epoch = (SELECT max(e.epoch) FROM "ReplyChunk" e
                                                  WHERE e."replyId" = r.id)), ''));
  END LOOP;
END $$;

-- Starts replies that wait although nothing of their session is live.
CREATE FUNCTION chat_start_stranded_v1(p_node text, p_limit int, p_lease_ms int, p_context int)
RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE sid text; rev int; started text;
BEGIN
  FOR sid IN SELECT DISTINCT w."sessionId" FROM "Message" w WHERE w.status = 'waiting'
       AND NOT EXISTS (SELECT 1 FROM "Message" l WHERE l."sessionId" = w."sessionId" AND l.status = 'live')
      LIMIT p_limit LOOP
    SELECT c.revision INTO rev FROM "ChatSession" c WHERE c.id = sid FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    started := chat_start_next_v1(sid, rev + 1, p_node, p_lease_ms);
    CONTINUE WHEN started IS NULL;
    UPDATE "ChatSession" SET revision = rev + 1 WHERE id = sid;
    RETURN NEXT jsonb_build_object('change', chat_change_v1(sid, rev, rev + 1, NULL),
      'job', chat_job_v1(started, p_context));
  END LOOP;
END $$;

CREATE FUNCTION chat_open_session_v1(
  p_user text, p_persona text, p_session text, p_fresh boolean, p_request text, p_new_id text,
  p_greeting_id text, p_greeting text, p_version text)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE found_id text;
BEGIN
  IF p_session IS NOT NULL THEN
    SELECT c.id INTO found_id FROM "ChatSession" c
     WHERE c.id = p_session AND c."userId" = p_user AND c."personaId" = p_persona;
    RETURN CASE WHEN FOUND THEN jsonb_build_object('sessionId', found_id, 'created', false) END;
  END IF;

  -- Two joins at once create one session; the lock ends with the transaction.
  PERFORM pg_advisory_xact_lock(hashtextextended('chat_open_session:' || p_user || ':' || p_persona, 0));
  SELECT c.id INTO found_id FROM "ChatSession" c
   WHERE c."userId" = p_user AND c."personaId" = p_persona
     AND (NOT p_fresh OR c."clientRequestId" = p_request)
   ORDER BY c."createdAt" DESC, c.id DESC LIMIT 1;
  IF FOUND THEN RETURN jsonb_build_object('sessionId', found_id, 'created', false); END IF;

  INSERT INTO "ChatSession" (id, "userId", "personaId", revision, "activeLeafId", "clientRequestId",
      "createdAt", "updatedAt")
    VALUES (p_new_id, p_user, p_persona, 1, p_greeting_id, CASE WHEN p_fresh THEN p_request END,
      clock_timestamp(), clock_timestamp());
  INSERT INTO "Message" (id, "sessionId", seq, revision, sender, content, status, "personaVersionId",
      "createdAt")
    VALUES (p_greeting_id, p_new_id, 1, 1, 'ai', p_greeting, 'complete', p_version, clock_timestamp());
  RETURN jsonb_build_object('sessionId', p_new_id, 'created', true);
END $$;
