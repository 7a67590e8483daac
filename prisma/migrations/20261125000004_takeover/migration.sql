-- A reply outlives the process that writes it [R4].

-- How often its writing was begun, a planned hand-over not counted.
ALTER TABLE "Message" ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 1;

-- LiveReply of the contract, or null. After a claim the text of the earlier epoch is shown, under that
-- epoch, until the new one has some: that is what everybody who was there all the time sees [S1].
CREATE OR REPLACE FUNCTION chat_live_v1(p_session text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('replyId', m.id, 'epoch', coalesce(t.epoch, m.epoch), 'text', coalesce(
    (SELECT string_agg(k.text, '' ORDER BY k."offset") FROM "ReplyChunk" k
      WHERE k."replyId" = m.id AND k.epoch = t.epoch), ''))
  FROM "Message" m
  CROSS JOIN LATERAL (SELECT max(k.epoch) AS epoch FROM "ReplyChunk" k WHERE k."replyId" = m.id) t
  WHERE m."sessionId" = p_session AND m.status = 'live'
$$;

DROP FUNCTION chat_claim_v1;

-- Takes over replies whose lease ran out. p_alone: nobody else lives, so no lease counts. p_continue: the
-- caller goes on from the saved text, which therefore becomes the beginning of the new epoch.
CREATE FUNCTION chat_claim_v2(
  p_node text, p_limit int, p_lease_ms int, p_held text[], p_alone boolean, p_continue boolean,
  p_context int)
RETURNS SETOF jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE r record; m "Message"; prefix text;
BEGIN
  FOR r IN SELECT x.id FROM "Message" x
            WHERE x.status = 'live' AND (p_alone OR x."leaseUntil" < clock_timestamp())
              AND NOT (x.id = ANY (p_held))
            ORDER BY x.id LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED LOOP
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
    RETURN NEXT chat_job_v1(m.id, p_context) || jsonb_build_object(
      'prefix', prefix, 'attempt', m.attempts, 'stopped', m."stopAt" IS NOT NULL);
  END LOOP;
END $$;

-- Lets go of the replies of a process that leaves; what it began does not count as an attempt [S2].
CREATE FUNCTION chat_release_v1(p_node text) RETURNS int LANGUAGE sql VOLATILE AS $$
  WITH mine AS (
    SELECT m.id FROM "Message" m WHERE m.status = 'live' AND m.owner = p_node
     ORDER BY m.id FOR NO KEY UPDATE),
  released AS (
    UPDATE "Message" m SET "leaseUntil" = clock_timestamp() - interval '1 ms', attempts = m.attempts - 1
      FROM mine WHERE m.id = mine.id RETURNING m.id)
  SELECT count(*)::int FROM released
$$;
