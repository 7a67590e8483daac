-- AlterTable
ALTER TABLE "Message" ADD COLUMN     "depth" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "jumpId" TEXT,
ADD COLUMN     "leafId" TEXT;

-- To show another branch costs the same however long the branches are [M6].
--
-- Which way a branch went on is not looked for, it is remembered: where the shown branch is left, the first
-- message that is left keeps the leaf that was shown ("leafId"). Where two branches part is found by jumps:
-- every message knows its depth and one far ancestor ("jumpId"), chosen so that any ancestor is reached in
-- a number of steps that grows with the logarithm of the depth (the jump pointers of a skew-binary list).
--
-- Both are kept by triggers, so that programs of the version before keep them as well.

-- Depth and jump of a message under p_parent. Three rows are read.
CREATE FUNCTION chat_place_v1(p_parent text, OUT place_depth int, OUT place_jump text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT p.depth + 1, CASE WHEN p.depth - j.depth = j.depth - jj.depth THEN jj.id ELSE p.id END
    INTO place_depth, place_jump FROM "Message" p
    LEFT JOIN "Message" j ON j.id = p."jumpId" LEFT JOIN "Message" jj ON jj.id = j."jumpId"
   WHERE p.id = p_parent;
END $$;

CREATE FUNCTION chat_message_place() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NEW."parentId" IS NULL THEN
    NEW.depth := 0;
    NEW."jumpId" := NEW.id;
  ELSE
    SELECT p.place_depth, p.place_jump INTO NEW.depth, NEW."jumpId" FROM chat_place_v1(NEW."parentId") p;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER chat_message_place BEFORE INSERT ON "Message"
  FOR EACH ROW EXECUTE FUNCTION chat_message_place();

-- What is there already; a parent is always older than its children.
DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT m.id, m."parentId" FROM "Message" m ORDER BY m."sessionId", m.seq LOOP
    IF r."parentId" IS NULL THEN
      UPDATE "Message" SET "jumpId" = id WHERE id = r.id;
    ELSE
      UPDATE "Message" SET (depth, "jumpId") = (SELECT place_depth, place_jump FROM chat_place_v1(r."parentId"))
       WHERE id = r.id;
    END IF;
  END LOOP;
END $$;

-- The ancestor of a message at a depth, or itself.
CREATE FUNCTION chat_ancestor_v1(p_message text, p_depth int) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE at record; far record;
BEGIN
  SELECT m.id, m."parentId", m.depth, m."jumpId" INTO at FROM "Message" m WHERE m.id = p_message;
  WHILE at.depth > p_depth LOOP
    SELECT m.id, m."parentId", m.depth, m."jumpId" INTO far FROM "Message" m WHERE m.id = at."jumpId";
    IF far.depth >= p_depth THEN
      at := far;
    ELSE
      SELECT m.id, m."parentId", m.depth, m."jumpId" INTO at FROM "Message" m WHERE m.id = at."parentId";
    END IF;
  END LOOP;
  RETURN at.id;
END $$;

-- The two messages, one above or at p_one and one above or at p_other, in which their branches part; null if
-- one of them is on the branch of the other.
CREATE FUNCTION chat_parting_v1(p_one text, p_other text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE level int; a record; b record;
BEGIN
  SELECT min(m.depth) INTO level FROM "Message" m WHERE m.id IN (p_one, p_other);
  SELECT m.id, m."parentId", m."jumpId" INTO a FROM "Message" m WHERE m.id = chat_ancestor_v1(p_one, level);
  SELECT m.id, m."parentId", m."jumpId" INTO b FROM "Message" m WHERE m.id = chat_ancestor_v1(p_other, level);
  IF a.id IS NULL OR b.id IS NULL OR a.id = b.id THEN RETURN NULL; END IF;
  -- Of one depth, so their jumps go equally far.
  WHILE a."parentId" <> b."parentId" LOOP
    IF a."jumpId" <> b."jumpId" THEN
      SELECT m.id, m."parentId", m."jumpId" INTO a FROM "Message" m WHERE m.id = a."jumpId";
      SELECT m.id, m."parentId", m."jumpId" INTO b FROM "Message" m WHERE m.id = b."jumpId";
    ELSE
      SELECT m.id, m."parentId", m."jumpId" INTO a FROM "Message" m WHERE m.id = a."parentId";
      SELECT m.id, m."parentId", m."jumpId" INTO b FROM "Message" m WHERE m.id = b."parentId";
    END IF;
  END LOOP;
  RETURN ARRAY[a.id, b.id];
END $$;

-- Where the shown branch is left, the leaf that was shown is remembered. A branch that was hidden and is
-- shown another way than it was left is itself left where the two ways part.
CREATE FUNCTION chat_session_leaf() RETURNS trigger LANGUAGE plpgsql VOLATILE AS $$
DECLARE leaf text := OLD."activeLeafId"; parting text[];
BEGIN
  -- A turn goes on from the leaf and leaves nothing.
  PERFORM 1 FROM "Message" r JOIN "Message" u ON u.id = r."parentId"
    WHERE r.id = NEW."activeLeafId" AND u."parentId" = leaf;
  IF FOUND THEN RETURN NEW; END IF;
  WHILE leaf IS NOT NULL LOOP
    parting := chat_parting_v1(leaf, NEW."activeLeafId");
    EXIT WHEN parting IS NULL;
    UPDATE "Message" SET "leafId" = leaf WHERE id = parting[1];
    SELECT m."leafId" INTO leaf FROM "Message" m WHERE m.id = parting[2];
  END LOOP;
  RETURN NEW;
END $$;

CREATE TRIGGER chat_session_leaf BEFORE UPDATE OF "activeLeafId" ON "ChatSession"
  FOR EACH ROW WHEN (OLD."activeLeafId" IS DISTINCT FROM NEW."activeLeafId")
  EXECUTE FUNCTION chat_session_leaf();

-- The leaf to show so that p_target is shown: p_shown if it is already, else the one that was shown last.
-- Only what was left before anybody remembered is walked down, by the newest child of each message.
CREATE FUNCTION chat_leaf_v1(p_session text, p_shown text, p_target text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE leaf text := p_shown; parting text[];
BEGIN
  WHILE leaf IS NOT NULL LOOP
    parting := chat_parting_v1(leaf, p_target);
    IF parting IS NULL THEN RETURN leaf; END IF;
    SELECT m."leafId" INTO leaf FROM "Message" m WHERE m.id = parting[2];
  END LOOP;
  WITH RECURSIVE down(id, seq) AS (
    SELECT m.id, m.seq FROM "Message" m WHERE m.id = p_target
    UNION ALL
    SELECT child.id, child.seq FROM down d CROSS JOIN LATERAL (
      SELECT m.id, m.seq FROM "Message" m WHERE m."sessionId" = p_session AND m."parentId" = d.id
       ORDER BY m.seq DESC LIMIT 1) child)
  SELECT d.id INTO leaf FROM down d ORDER BY d.seq DESC LIMIT 1;
  RETURN leaf;
END $$;

-- Shows the branch that p_target is on, as it was shown last. What is live or waits is stopped, so that it
-- is always on the shown branch. Showing what is shown changes nothing.
CREATE FUNCTION chat_select_v2(p_user text, p_session text, p_target text, p_limit int, p_texts jsonb)
RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE s "ChatSession"; leaf text; rev int; stopped text[] := '{}';
BEGIN
  SELECT * INTO s FROM "ChatSession" c
   WHERE c.id = p_session AND c."userId" = p_user FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN '{"outcome": "session_not_found"}'; END IF;
  PERFORM 1 FROM "Message" m WHERE m.id = p_target AND m."sessionId" = p_session;
  IF NOT FOUND THEN RETURN '{"outcome": "message_not_found"}'; END IF;

  leaf := chat_leaf_v1(p_session, s."activeLeafId", p_target);
  rev := s.revision;
  IF leaf IS DISTINCT FROM s."activeLeafId" THEN
    rev := s.revision + 1;
    stopped := chat_stop_all_v1(p_session, rev, p_texts);
    UPDATE "ChatSession" SET revision = rev, "activeLeafId" = leaf WHERE id = p_session;
  END IF;
  RETURN jsonb_build_object('outcome', 'selected', 'stopped', to_jsonb(stopped),
    'change', chat_change_v1(p_session, s.revision, rev, NULL), 'page', chat_page_v1(leaf, p_limit));
END $$;
