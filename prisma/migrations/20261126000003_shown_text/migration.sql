-- What was shown of a reply is kept, also when another process stops it [R6].

-- Replaces the first version, which only functions call: whoever ends a reply that another process writes
-- knows no more of it than was saved. Then the row goes on naming that process, whose text is longer.
CREATE OR REPLACE FUNCTION chat_stop_all_v1(p_session text, p_revision int, p_texts jsonb) RETURNS text[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE m "Message"; said text; knows boolean; stopped text[];
BEGIN
  SELECT * INTO m FROM "Message" x
   WHERE x."sessionId" = p_session AND x.status = 'live' FOR NO KEY UPDATE;
  IF FOUND THEN
    SELECT t.text INTO said FROM jsonb_to_recordset(p_texts) AS t("replyId" text, epoch int, text text)
     WHERE t."replyId" = m.id AND t.epoch = m.epoch AND t.text <> '' LIMIT 1;
    knows := said IS NOT NULL;
    IF NOT knows THEN
      SELECT string_agg(k.text, '' ORDER BY k."offset") INTO said FROM "ReplyChunk" k
       WHERE k."replyId" = m.id AND k.epoch = (SELECT max(e.epoch) FROM "ReplyChunk" e
                                                WHERE e."replyId" = m.id);
    END IF;
    DELETE FROM "ReplyChunk" WHERE "replyId" = m.id;
    UPDATE "Message" SET status = 'stopped', content = coalesce(said, ''), epoch = epoch + 1,
        revision = p_revision, "stopAt" = coalesce("stopAt", clock_timestamp()),
        owner = CASE WHEN NOT knows THEN owner END, "leaseUntil" = NULL
     WHERE id = m.id;
    stopped := ARRAY[m.id];
  END IF;
  WITH ended AS (
    UPDATE "Message" SET status = 'stopped', revision = p_revision, "stopAt" = clock_timestamp()
     WHERE "sessionId" = p_session AND status = 'waiting' RETURNING id, seq)
  SELECT coalesce(stopped, '{}') || coalesce(array_agg(e.id ORDER BY e.seq), '{}') INTO stopped FROM ended e;
  RETURN stopped;
END $$;

-- Adds what its writer had shown of a reply that another process stopped under it, once. Null: there is
-- nothing to add, or the reply went to somebody else.
CREATE FUNCTION chat_add_shown_v1(p_node text, p_reply text, p_epoch int, p_text text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE sid text; rev int;
BEGIN
  SELECT x."sessionId" INTO sid FROM "Message" x WHERE x.id = p_reply;
  SELECT c.revision + 1 INTO rev FROM "ChatSession" c WHERE c.id = sid FOR NO KEY UPDATE;
  UPDATE "Message" x SET content = p_text, owner = NULL, revision = rev
   WHERE x.id = p_reply AND x.status = 'stopped' AND x.owner = p_node AND x.epoch = p_epoch + 1
     AND starts_with(p_text, x.content) AND p_text <> x.content;
  IF NOT FOUND THEN RETURN NULL; END IF;
  UPDATE "ChatSession" SET revision = rev, "updatedAt" = clock_timestamp() WHERE id = sid;
  RETURN chat_change_v1(sid, rev - 1, rev, NULL);
END $$;
