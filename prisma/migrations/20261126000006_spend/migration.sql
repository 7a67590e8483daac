-- CreateTable
CREATE TABLE "DailySpend" (
    "userId" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "tokens" BIGINT NOT NULL,

    CONSTRAINT "DailySpend_pkey" PRIMARY KEY ("userId","day")
);

-- CreateTable
CREATE TABLE "SpendHold" (
    "replyId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "tokens" BIGINT NOT NULL,
    "promptTokens" INTEGER NOT NULL,

    CONSTRAINT "SpendHold_pkey" PRIMARY KEY ("replyId")
);

-- CreateIndex
CREATE INDEX "SpendHold_userId_idx" ON "SpendHold"("userId");

-- AddForeignKey
ALTER TABLE "SpendHold" ADD CONSTRAINT "SpendHold_replyId_fkey" FOREIGN KEY ("replyId") REFERENCES "Message"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What a person may spend of the model within a day (UTC), in tokens.
--
-- A reply that begins holds the most that it can cost, and its end puts what it did cost in the place of that.
-- One begins only while what is spent and held is below the budget, so all that run at once pass it by one reply
-- at most. Whoever begins one holds the person's lock of the limits, after the session's; ends need no lock of the
-- person, since what is spent and what is held are read in one statement.
--
-- p_spend is {"guest", "account", "reply"}: tokens of a day for either, 0 for any number, and the longest reply.
-- Null: nobody has a budget, and nothing is held or counted.
--
-- Neither table has a foreign key to the person: an end would wait for the move of a guest, and that for the end.

-- As chat/tokens.ts estimates: three bytes to a token are fewer than most texts have.
CREATE FUNCTION chat_estimate_v1(p_text text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT ceil(octet_length(p_text) / 3.0)::int
$$;

-- Null: any number. In PL/pgSQL, as what is asked before every reply is then planned once for a connection.
CREATE FUNCTION chat_budget_v1(p_user text, p_spend jsonb) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT nullif((CASE WHEN u."isAnonymous" THEN p_spend->>'guest' ELSE p_spend->>'account' END)::bigint, 0)
    FROM "User" u WHERE u.id = p_user);
END $$;

CREATE FUNCTION chat_today_v1() RETURNS date LANGUAGE sql STABLE AS $$
  SELECT (statement_timestamp() AT TIME ZONE 'UTC')::date
$$;

-- 'free', 'spent', or 'held': there may be room when a reply that is under way has ended. p_except is a reply that
-- ends first, and p_instead what it will have cost.
CREATE FUNCTION chat_room_v1(p_user text, p_spend jsonb, p_except text, p_instead int) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE budget bigint := chat_budget_v1(p_user, p_spend); spent bigint; held bigint;
BEGIN
  IF budget IS NULL THEN RETURN 'free'; END IF;
  SELECT p_instead + coalesce((SELECT d.tokens FROM "DailySpend" d
           WHERE d."userId" = p_user AND d.day = chat_today_v1()), 0),
         coalesce((SELECT sum(h.tokens) FROM "SpendHold" h
           WHERE h."userId" = p_user AND h."replyId" IS DISTINCT FROM p_except), 0) INTO spent, held;
  RETURN CASE WHEN spent + held < budget THEN 'free' WHEN spent >= budget THEN 'spent' ELSE 'held' END;
END $$;

-- The answer to a request for which there is no room.
CREATE FUNCTION chat_no_room_v1(p_room text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT CASE p_room WHEN 'held' THEN '{"outcome": "busy"}'::jsonb ELSE jsonb_build_object('outcome', 'spent',
    'retryAfterMs', greatest(1, ceil(extract(epoch FROM
      chat_today_v1() + interval '1 day' - (clock_timestamp() AT TIME ZONE 'UTC')) * 1000))::bigint) END
$$;

-- Holds what the reply of a job can cost at most: no text has more tokens than bytes, and every message of a prompt
-- has a few around it. p_prefix is what the model is given of the reply itself.
CREATE FUNCTION chat_hold_v1(p_job jsonb, p_spend jsonb, p_prefix text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE bytes int; around int;
BEGIN
  IF chat_budget_v1(p_job->>'userId', p_spend) IS NULL THEN RETURN; END IF;
  SELECT coalesce(sum(octet_length(c->>'content')), 0) + octet_length(p_prefix), 8 * (count(*) + 2)
    INTO bytes, around FROM jsonb_array_elements(p_job->'context') c;
  -- A persona may be gone by now; its reply then ends without a call.
  bytes := bytes + coalesce((SELECT octet_length(v.instructions) FROM "PersonaVersion" v
    WHERE v.id = p_job->>'personaVersionId'), 0);
  INSERT INTO "SpendHold" ("replyId", "userId", tokens, "promptTokens")
    VALUES (p_job->>'replyId', p_job->>'userId', bytes + around + (p_spend->>'reply')::int,
      ceil(bytes / 3.0)::int + around);
END $$;

-- Puts what a reply did cost in the place of what it held; p_tokens null: as estimated from p_text, its answer. Does
-- nothing for one that holds nothing, so nothing is counted twice.
CREATE FUNCTION chat_settle_v1(p_reply text, p_tokens bigint, p_text text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE hold "SpendHold";
BEGIN
  DELETE FROM "SpendHold" h WHERE h."replyId" = p_reply RETURNING * INTO hold;
  IF NOT FOUND THEN RETURN; END IF;
  INSERT INTO "DailySpend" AS d ("userId", day, tokens)
    SELECT c."userId", chat_today_v1(), coalesce(p_tokens, hold."promptTokens" + chat_estimate_v1(p_text))
      FROM "Message" m JOIN "ChatSession" c ON c.id = m."sessionId" WHERE m.id = p_reply
    ON CONFLICT ("userId", day) DO UPDATE SET tokens = d.tokens + excluded.tokens;
END $$;

-- Whoever ends a reply without saying what it did cost: a new branch, or a program of the version before.
CREATE FUNCTION chat_message_spend() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM chat_settle_v1(NEW.id, NEW."promptTokens"::bigint + NEW."completionTokens", NEW.content);
  RETURN NULL;
END $$;

CREATE TRIGGER chat_message_spend AFTER UPDATE OF status ON "Message"
  FOR EACH ROW WHEN (OLD.status = 'live' AND NEW.status <> 'live') EXECUTE FUNCTION chat_message_spend();

-- Nothing of a person is left when the person goes. Comes after the deletion of the sessions, which runs by name.
CREATE FUNCTION chat_user_spend() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  DELETE FROM "DailySpend" WHERE "userId" = OLD.id;
  RETURN NULL;
END $$;

CREATE TRIGGER chat_user_spend AFTER DELETE ON "User" FOR EACH ROW EXECUTE FUNCTION chat_user_spend();

-- Part of the move of a guest, after the sessions: whoever ends a reply of theirs by then is waited for.
CREATE FUNCTION chat_move_spend_v1(p_guest text, p_user text) RETURNS void LANGUAGE sql VOLATILE AS $$
  UPDATE "SpendHold" SET "userId" = p_user WHERE "userId" = p_guest;
  WITH gone AS (DELETE FROM "DailySpend" WHERE "userId" = p_guest RETURNING day, tokens)
  INSERT INTO "DailySpend" AS d ("userId", day, tokens) SELECT p_user, g.day, g.tokens FROM gone g
    ON CONFLICT ("userId", day) DO UPDATE SET tokens = d.tokens + excluded.tokens;
$$;

-- As before, or {"outcome": "spent", "retryAfterMs"}. What only waits holds nothing until it starts.
CREATE FUNCTION chat_commit_turn_v3(
  p_user text, p_session text, p_client_id text, p_message text, p_reply text, p_content text,
  p_title text, p_demo boolean, p_node text, p_lease_ms int, p_max_waiting int, p_max_replies int,
  p_context int, p_spend jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE room text := 'free'; result jsonb;
BEGIN
  IF p_spend IS NOT NULL THEN
    PERFORM 1 FROM "ChatSession" c WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
    IF FOUND THEN
      PERFORM pg_advisory_xact_lock(hashtextextended('chat_replies:' || p_user, 0));
      room := chat_room_v1(p_user, p_spend, NULL, 0);
    END IF;
  END IF;
  IF room = 'held' AND (
      EXISTS (SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m.status = 'live')
      OR EXISTS (SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m.status = 'waiting')) THEN
    room := 'free';
  END IF;
  -- A repeat begins no reply.
  IF room <> 'free' AND NOT EXISTS (
      SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m."clientMessageId" = p_client_id) THEN
    RETURN chat_no_room_v1(room);
  END IF;
  result := chat_commit_turn_v2(p_user, p_session, p_client_id, p_message, p_reply, p_content, p_title, p_demo,
    p_node, p_lease_ms, p_max_waiting, p_max_replies, p_context);
  IF p_spend IS NOT NULL AND result->>'outcome' = 'committed' AND result->'job' <> 'null' THEN
    PERFORM chat_hold_v1(result->'job', p_spend, '');
  END IF;
  RETURN result;
END $$;

-- Whether there is room for a new branch, which first ends the live reply of the session: with the text that the
-- caller knows of it, as chat_stop_all_v1 does. Its row is locked, so that no more of it is saved in between.
CREATE FUNCTION chat_branch_room_v1(p_user text, p_session text, p_spend jsonb, p_texts jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE m record; cost int;
BEGIN
  IF p_spend IS NULL THEN RETURN 'free'; END IF;
  PERFORM 1 FROM "ChatSession" c WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN 'free'; END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('chat_replies:' || p_user, 0));
  SELECT x.id, x.epoch INTO m FROM "Message" x
   WHERE x."sessionId" = p_session AND x.status = 'live' FOR NO KEY UPDATE;
  SELECT h."promptTokens" + chat_estimate_v1(coalesce(
      (SELECT t.text FROM jsonb_to_recordset(p_texts) AS t("replyId" text, epoch int, text text)
        WHERE t."replyId" = m.id AND t.epoch = m.epoch AND t.text <> '' LIMIT 1),
      (SELECT string_agg(k.text, '' ORDER BY k."offset") FROM "ReplyChunk" k
        WHERE k."replyId" = m.id
          AND k.epoch = (SELECT max(e.epoch) FROM "ReplyChunk" e WHERE e."replyId" = m.id)),
      '')) INTO cost FROM "SpendHold" h WHERE h."replyId" = m.id;
  RETURN chat_room_v1(p_user, p_spend, m.id, coalesce(cost, 0));
END $$;

CREATE FUNCTION chat_edit_v3(
  p_user text, p_session text, p_target text, p_client_id text, p_message text, p_reply text,
  p_content text, p_demo boolean, p_node text, p_lease_ms int, p_max_siblings int, p_max_replies int,
  p_context int, p_texts jsonb, p_spend jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE room text := chat_branch_room_v1(p_user, p_session, p_spend, p_texts); result jsonb;
BEGIN
  IF room <> 'free' AND NOT EXISTS (
      SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m."clientMessageId" = p_client_id) THEN
    RETURN chat_no_room_v1(room);
  END IF;
  result := chat_edit_v2(p_user, p_session, p_target, p_client_id, p_message, p_reply, p_content, p_demo, p_node,
    p_lease_ms, p_max_siblings, p_max_replies, p_context, p_texts);
  IF p_spend IS NOT NULL AND result->>'outcome' = 'committed' THEN
    PERFORM chat_hold_v1(result->'job', p_spend, '');
  END IF;
  RETURN result;
END $$;

CREATE FUNCTION chat_regenerate_v3(
  p_user text, p_session text, p_target text, p_request text, p_reply text, p_demo boolean, p_node text,
  p_lease_ms int, p_max_siblings int, p_max_replies int, p_context int, p_texts jsonb, p_spend jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE room text := chat_branch_room_v1(p_user, p_session, p_spend, p_texts); result jsonb;
BEGIN
  IF room <> 'free' AND NOT EXISTS (
      SELECT 1 FROM "Message" m WHERE m."sessionId" = p_session AND m."clientRequestId" = p_request) THEN
    RETURN chat_no_room_v1(room);
  END IF;
  result := chat_regenerate_v2(p_user, p_session, p_target, p_request, p_reply, p_demo, p_node, p_lease_ms,
    p_max_siblings, p_max_replies, p_context, p_texts);
  IF p_spend IS NOT NULL AND result->>'outcome' = 'committed' THEN
    PERFORM chat_hold_v1(result->'job', p_spend, '');
  END IF;
  RETURN result;
END $$;

-- Makes the oldest waiting reply of a session live, if nothing is; those that have no room any more end as failed.
-- While other replies hold what is left they go on waiting, and are looked for as stranded ones. The caller holds
-- the locks of the session and, with p_spend, of the person.
CREATE FUNCTION chat_start_next_v2(
  p_session text, p_user text, p_revision int, p_node text, p_lease_ms int, p_context int, p_spend jsonb)
RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE first text; room text := 'free';
BEGIN
  LOOP
    SELECT w.id INTO first FROM "Message" w WHERE w."sessionId" = p_session AND w.status = 'waiting'
       AND NOT EXISTS (SELECT 1 FROM "Message" l WHERE l."sessionId" = p_session AND l.status = 'live')
     ORDER BY w.seq LIMIT 1;
    IF first IS NULL THEN RETURN NULL; END IF;
    IF p_spend IS NOT NULL THEN room := chat_room_v1(p_user, p_spend, NULL, 0); END IF;
    EXIT WHEN room = 'free';
    IF room = 'held' THEN RETURN NULL; END IF;
    UPDATE "Message" SET status = 'failed', error = 'RATE_LIMITED', revision = p_revision WHERE id = first;
  END LOOP;
  PERFORM chat_start_next_v1(p_session, p_revision, p_node, p_lease_ms);
  IF p_spend IS NOT NULL THEN PERFORM chat_hold_v1(chat_job_v1(first, p_context), p_spend, ''); END IF;
  RETURN first;
END $$;

-- As the first version, and p_tokens says what the reply did cost.
CREATE FUNCTION chat_finish_reply_v2(
  p_reply text, p_epoch int, p_status text, p_content text, p_reason text, p_error text,
  p_prompt_tokens int, p_completion_tokens int, p_tokens bigint, p_demo boolean, p_node text, p_lease_ms int,
  p_context int, p_spend jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE sid text; who text; rev int; m "Message"; started text;
BEGIN
  SELECT x."sessionId" INTO sid FROM "Message" x WHERE x.id = p_reply;
  SELECT c.revision + 1, c."userId" INTO rev, who FROM "ChatSession" c WHERE c.id = sid FOR NO KEY UPDATE;
  -- Before the row of what is spent: whoever begins a reply takes them in this order too.
  IF p_spend IS NOT NULL THEN PERFORM pg_advisory_xact_lock(hashtextextended('chat_replies:' || who, 0)); END IF;
  PERFORM 1 FROM "Message" x
    WHERE x.id = p_reply AND x.epoch = p_epoch AND x.status = 'live' FOR NO KEY UPDATE;
  IF FOUND THEN
    PERFORM chat_settle_v1(p_reply, p_tokens, p_content);
    UPDATE "Message" x SET status = p_status, content = p_content, "finishReason" = p_reason,
        error = p_error, "promptTokens" = p_prompt_tokens, "completionTokens" = p_completion_tokens,
        demo = p_demo, revision = rev, owner = NULL, "leaseUntil" = NULL
     WHERE x.id = p_reply RETURNING * INTO m;
    DELETE FROM "ReplyChunk" WHERE "replyId" = p_reply;
    -- Without a node nobody is there to write the next one; it goes on waiting.
    IF p_node IS NOT NULL THEN
      started := chat_start_next_v2(sid, who, rev, p_node, p_lease_ms, p_context, p_spend);
    END IF;
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

-- As before; what the dead owner spent is estimated and counted, and the next attempt holds anew. 'overBudget':
-- there is no room for it. A person whose lock is taken is left for the next time, so that two calls that each hold
-- one cannot wait for each other.
CREATE FUNCTION chat_claim_v3(
  p_node text, p_limit int, p_lease_ms int, p_held text[], p_alone boolean, p_continue boolean,
  p_context int, p_spend jsonb)
RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE r record; m "Message"; prefix text; job jsonb; room text;
BEGIN
  FOR r IN SELECT x.id, c."userId" FROM "Message" x JOIN "ChatSession" c ON c.id = x."sessionId"
            WHERE x.status = 'live' AND (p_alone OR x."leaseUntil" < clock_timestamp())
              AND NOT (x.id = ANY (p_held))
            ORDER BY x.id LIMIT p_limit FOR NO KEY UPDATE OF x SKIP LOCKED LOOP
    CONTINUE WHEN p_spend IS NOT NULL
      AND NOT pg_try_advisory_xact_lock(hashtextextended('chat_replies:' || r."userId", 0));
    UPDATE "Message" x SET epoch = x.epoch + 1, attempts = x.attempts + 1, owner = p_node,
        "leaseUntil" = clock_timestamp() + p_lease_ms * interval '1 ms'
     WHERE x.id = r.id RETURNING * INTO m;
    prefix := coalesce((SELECT string_agg(k.text, '' ORDER BY k."offset") FROM "ReplyChunk" k
       WHERE k."replyId" = m.id AND k.epoch = (SELECT max(e.epoch) FROM "ReplyChunk" e
                                                WHERE e."replyId" = m.id)), '');
    IF p_continue AND prefix <> '' THEN
      DELETE FROM "ReplyChunk" WHERE "replyId" = m.id;
      INSERT INTO "ReplyChunk" ("replyId", epoch, "offset", text) VALUES (m.id, m.epoch, 0, prefix);
    END IF;
    job := chat_job_v1(m.id, p_context);
    PERFORM chat_settle_v1(m.id, NULL, prefix);
    room := chat_room_v1(job->>'userId', p_spend, NULL, 0);
    IF room = 'free' THEN
      PERFORM chat_hold_v1(job, p_spend, CASE WHEN p_continue THEN prefix ELSE '' END);
    END IF;
    RETURN NEXT job || jsonb_build_object('prefix', prefix, 'attempt', m.attempts,
      'stopped', m."stopAt" IS NOT NULL, 'overBudget', room <> 'free');
  END LOOP;
END $$;

-- As before; without a job where waiting replies had no room and ended.
CREATE FUNCTION chat_start_stranded_v2(
  p_node text, p_limit int, p_lease_ms int, p_context int, p_spend jsonb)
RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE sid text; s record; started text; given int := 0;
BEGIN
  -- Those that go on waiting must not keep others from being looked at.
  FOR sid IN SELECT DISTINCT w."sessionId" FROM "Message" w WHERE w.status = 'waiting'
       AND NOT EXISTS (SELECT 1 FROM "Message" l WHERE l."sessionId" = w."sessionId" AND l.status = 'live') LOOP
    EXIT WHEN given >= p_limit;
    SELECT c.revision, c."userId" INTO s FROM "ChatSession" c WHERE c.id = sid FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    CONTINUE WHEN p_spend IS NOT NULL
      AND NOT pg_try_advisory_xact_lock(hashtextextended('chat_replies:' || s."userId", 0));
    started := chat_start_next_v2(sid, s."userId", s.revision + 1, p_node, p_lease_ms, p_context, p_spend);
    CONTINUE WHEN started IS NULL AND NOT EXISTS (
      SELECT 1 FROM "Message" m WHERE m."sessionId" = sid AND m.revision = s.revision + 1);
    UPDATE "ChatSession" SET revision = s.revision + 1 WHERE id = sid;
    given := given + 1;
    RETURN NEXT jsonb_build_object('change', chat_change_v1(sid, s.revision, s.revision + 1, NULL),
      'job', chat_job_v1(started, p_context));
  END LOOP;
END $$;
