-- AlterTable
ALTER TABLE "Message" ADD COLUMN "clientRequestId" TEXT;

-- CreateIndex
CREATE UNIQUE INDEX "Message_sessionId_clientRequestId_key" ON "Message"("sessionId", "clientRequestId");

-- Edits, regenerations and the choice of a branch [M6]. As everywhere the session is locked first.
--
-- Of a session only one reply is live, so whoever holds the session's lock waits for one row that a flush
-- may hold, and a flush waits for nothing that is locked here after it.

-- Ends the live reply of a session and those that wait; returns their ids in order of seq. The caller holds
-- the session's lock and raises its revision to p_revision or more. The live one keeps the text that the
-- caller knows of it (p_texts: [{"replyId", "epoch", "text"}]), else what was saved of it. Its epoch is
-- raised, so that its writer can neither add to it nor end it again.
CREATE FUNCTION chat_stop_all_v1(p_session text, p_revision int, p_texts jsonb) RETURNS text[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE m "Message"; said text; stopped text[];
BEGIN
  SELECT * INTO m FROM "Message" x
   WHERE x."sessionId" = p_session AND x.status = 'live' FOR NO KEY UPDATE;
  IF FOUND THEN
    SELECT t.text INTO said FROM jsonb_to_recordset(p_texts) AS t("replyId" text, epoch int, text text)
     WHERE t."replyId" = m.id AND t.epoch = m.epoch AND t.text <> '' LIMIT 1;
    IF said IS NULL THEN
      SELECT string_agg(k.text, '' ORDER BY k."offset") INTO said FROM "ReplyChunk" k
       WHERE k."replyId" = m.id AND k.epoch = (SELECT max(e.epoch) FROM "ReplyChunk" e
                                                WHERE e."replyId" = m.id);
    END IF;
    DELETE FROM "ReplyChunk" WHERE "replyId" = m.id;
    UPDATE "Message" SET status = 'stopped', content = coalesce(said, ''), epoch = epoch + 1,
        revision = p_revision, "stopAt" = coalesce("stopAt", clock_timestamp()), owner = NULL,
        "leaseUntil" = NULL
     WHERE id = m.id;
    stopped := ARRAY[m.id];
  END IF;
  WITH ended AS (
    UPDATE "Message" SET status = 'stopped', revision = p_revision, "stopAt" = clock_timestamp()
     WHERE "sessionId" = p_session AND status = 'waiting' RETURNING id, seq)
  SELECT coalesce(stopped, '{}') || coalesce(array_agg(e.id ORDER BY e.seq), '{}') INTO stopped FROM ended e;
  RETURN stopped;
END $$;

-- The answer to a repeat. What the first call changed beside the rows that it made is not told again: the
-- change is that of the present revision, so a client that lacks something before it syncs [M3].
CREATE FUNCTION chat_repeated_v1(p_session text, p_reply text, p_node text, p_context int) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('outcome', 'duplicate', 'change', jsonb_build_object(
      'prevRevision', c.revision, 'revision', c.revision, 'session', chat_session_json_v1(c),
      'messages', jsonb_build_array(chat_message_json_v1(r))),
    -- The answer of the first call may have been lost, and with it the job that it gave to this node.
    'job', CASE WHEN r.status = 'live' AND r.owner = p_node THEN chat_job_v1(r.id, p_context) END)
  FROM "Message" r JOIN "ChatSession" c ON c.id = r."sessionId" WHERE r.id = p_reply
$$;

-- Replaces the first version: what an edit committed is found as well, as a change of the present revision.
CREATE OR REPLACE FUNCTION chat_find_turn_v1(p_user text, p_session text, p_client_id text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'prevRevision', CASE WHEN edits.it THEN c.revision ELSE u.seq - 1 END,
    'revision', CASE WHEN edits.it THEN c.revision ELSE r.seq END,
    'session', chat_session_json_v1(c),
    'messages', jsonb_build_array(chat_message_json_v1(u), chat_message_json_v1(r)))
  FROM "ChatSession" c
  JOIN "Message" u ON u."sessionId" = c.id AND u."clientMessageId" = p_client_id
  JOIN "Message" r ON r.id = u."replyId"
  -- Only an edit is born beside another message.
  CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM "Message" x WHERE x."sessionId" = c.id
    AND x."parentId" = u."parentId" AND x.seq < u.seq)) edits(it)
  WHERE c.id = p_session AND c."userId" = p_user
$$;

-- Makes a live reply under p_parent, shows it, and raises the session's revision to the reply's own.
-- The caller holds the session's lock and has left nothing live or waiting.
CREATE FUNCTION chat_begin_reply_v1(
  p_session text, p_parent text, p_reply text, p_revision int, p_request text, p_demo boolean,
  p_node text, p_lease_ms int)
RETURNS void LANGUAGE sql VOLATILE AS $$
  INSERT INTO "Message" (id, "sessionId", "parentId", seq, revision, sender, content, status,
      "clientRequestId", "personaVersionId", demo, epoch, owner, "leaseUntil", "createdAt")
  SELECT p_reply, c.id, p_parent, p_revision, p_revision, 'ai', '', 'live', p_request, p."currentVersionId",
      p_demo, 1, p_node, clock_timestamp() + p_lease_ms * interval '1 ms', clock_timestamp()
    FROM "ChatSession" c JOIN "Persona" p ON p.id = c."personaId" WHERE c.id = p_session;
  UPDATE "ChatSession" SET revision = p_revision, "activeLeafId" = p_reply, "updatedAt" = clock_timestamp()
   WHERE id = p_session
$$;

-- Says something else in the place of a message of the person.
CREATE FUNCTION chat_edit_v1(
  p_user text, p_session text, p_target text, p_client_id text, p_message text, p_reply text,
  p_content text, p_demo boolean, p_node text, p_lease_ms int, p_max_siblings int, p_context int,
  p_texts jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE s "ChatSession"; earlier jsonb; answer text; place text; beside int; stopped text[];
BEGIN
  SELECT * INTO s FROM "ChatSession" c
   WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN '{"outcome": "session_not_found"}'; END IF;

  IF p_client_id IS NOT NULL THEN
    SELECT u."replyId" INTO answer FROM "Message" u
     WHERE u."sessionId" = p_session AND u."clientMessageId" = p_client_id;
    IF FOUND THEN
      earlier := chat_find_turn_v1(p_user, p_session, p_client_id);
      RETURN chat_repeated_v1(p_session, answer, p_node, p_context) || jsonb_build_object('change', earlier);
    END IF;
  END IF;

  SELECT m."parentId" INTO place FROM "Message" m WHERE m.id = p_target AND m."sessionId" = p_session
     AND m.sender = 'user' AND m."parentId" IS NOT NULL;
  IF NOT FOUND THEN RETURN '{"outcome": "message_not_found"}'; END IF;
  SELECT count(*) INTO beside FROM "Message" m WHERE m."sessionId" = p_session AND m."parentId" = place;
  IF beside >= p_max_siblings THEN RETURN '{"outcome": "full"}'; END IF;

  stopped := chat_stop_all_v1(p_session, s.revision + 1, p_texts);
  UPDATE "Message" SET revision = s.revision + 1 WHERE "sessionId" = p_session AND "parentId" = place;
  INSERT INTO "Message" (id, "sessionId", "parentId", seq, revision, sender, content, status,
      "clientMessageId", "replyId", "createdAt")
    VALUES (p_message, p_session, place, s.revision + 1, s.revision + 1, 'user', p_content, 'complete',
      p_client_id, p_reply, clock_timestamp());
  PERFORM chat_begin_reply_v1(p_session, p_message, p_reply, s.revision + 2, NULL, p_demo, p_node, p_lease_ms);

  RETURN jsonb_build_object('outcome', 'committed', 'stopped', to_jsonb(stopped),
    'change', chat_change_v1(p_session, s.revision, s.revision + 2, NULL),
    'job', chat_job_v1(p_reply, p_context));
END $$;

-- Has a message of the person answered anew: that of p_target, or that which the reply p_target answers.
CREATE FUNCTION chat_regenerate_v1(
  p_user text, p_session text, p_target text, p_request text, p_reply text, p_demo boolean, p_node text,
  p_lease_ms int, p_max_siblings int, p_context int, p_texts jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE s "ChatSession"; earlier text; place text; beside int; stopped text[];
BEGIN
  SELECT * INTO s FROM "ChatSession" c
   WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN '{"outcome": "session_not_found"}'; END IF;

  IF p_request IS NOT NULL THEN
    SELECT m.id INTO earlier FROM "Message" m
     WHERE m."sessionId" = p_session AND m."clientRequestId" = p_request;
    IF FOUND THEN RETURN chat_repeated_v1(p_session, earlier, p_node, p_context); END IF;
  END IF;

  -- A greeting answers nobody.
  SELECT CASE m.sender WHEN 'user' THEN m.id ELSE m."parentId" END INTO place FROM "Message" m
   WHERE m.id = p_target AND m."sessionId" = p_session;
  IF place IS NULL THEN RETURN '{"outcome": "message_not_found"}'; END IF;
  SELECT count(*) INTO beside FROM "Message" m WHERE m."sessionId" = p_session AND m."parentId" = place;
  IF beside >= p_max_siblings THEN RETURN '{"outcome": "full"}'; END IF;

  stopped := chat_stop_all_v1(p_session, s.revision + 1, p_texts);
  UPDATE "Message" SET revision = s.revision + 1 WHERE "sessionId" = p_session AND "parentId" = place;
  PERFORM chat_begin_reply_v1(p_session, place, p_reply, s.revision + 1, p_request, p_demo, p_node, p_lease_ms);

  RETURN jsonb_build_object('outcome', 'committed', 'stopped', to_jsonb(stopped),
    'change', chat_change_v1(p_session, s.revision, s.revision + 1, NULL),
    'job', chat_job_v1(p_reply, p_context));
END $$;

-- Shows the branch that leads through p_target and on through the newest child of each message. What is
-- live or waits is stopped, so that it is always on the shown branch. Showing what is shown changes nothing.
CREATE FUNCTION chat_select_v1(p_user text, p_session text, p_target text, p_limit int, p_texts jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE s "ChatSession"; leaf text; rev int; stopped text[] := '{}';
BEGIN
  SELECT * INTO s FROM "ChatSession" c
   WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN '{"outcome": "session_not_found"}'; END IF;
  WITH RECURSIVE down(id, seq) AS (
    SELECT m.id, m.seq FROM "Message" m WHERE m.id = p_target AND m."sessionId" = p_session
    UNION ALL
    SELECT child.id, child.seq FROM down d CROSS JOIN LATERAL (
      SELECT m.id, m.seq FROM "Message" m WHERE m."sessionId" = p_session AND m."parentId" = d.id
       ORDER BY m.seq DESC LIMIT 1) child)
  SELECT d.id INTO leaf FROM down d ORDER BY d.seq DESC LIMIT 1;
  IF leaf IS NULL THEN RETURN '{"outcome": "message_not_found"}'; END IF;

  rev := s.revision;
  IF leaf IS DISTINCT FROM s."activeLeafId" THEN
    rev := s.revision + 1;
    stopped := chat_stop_all_v1(p_session, rev, p_texts);
    UPDATE "ChatSession" SET revision = rev, "activeLeafId" = leaf WHERE id = p_session;
  END IF;
  RETURN jsonb_build_object('outcome', 'selected', 'stopped', to_jsonb(stopped),
    'change', chat_change_v1(p_session, s.revision, rev, NULL), 'page', chat_page_v1(leaf, p_limit));
END $$;
