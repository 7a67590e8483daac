-- A guest who signs up or in goes on as that user, and takes everything along.

-- Whom a guest became. The row is kept until nothing more can come for it.
ALTER TABLE "User" ADD COLUMN "movedTo" TEXT;
CREATE INDEX "User_movedTo_idx" ON "User"("movedTo");

-- Gives a guest's sessions to the user the guest became. With p_last the guest's row goes as well, and whatever
-- it still had by then is moved before: nobody can begin a session for a row that is locked FOR UPDATE.
CREATE FUNCTION chat_move_guest_v1(p_guest text, p_user text, p_last boolean) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE moved int;
BEGIN
  -- In order of id, as two moves may meet.
  PERFORM 1 FROM "User" u WHERE u.id IN (p_guest, p_user) ORDER BY u.id FOR UPDATE;
  UPDATE "User" SET "movedTo" = p_user WHERE id = p_guest AND "movedTo" IS NULL AND p_guest <> p_user
     AND EXISTS (SELECT 1 FROM "User" u WHERE u.id = p_user);
  IF NOT EXISTS (SELECT 1 FROM "User" u WHERE u.id = p_guest AND u."movedTo" = p_user) THEN RETURN 0; END IF;
  UPDATE "ChatSession" c SET "userId" = p_user,
      -- A request id of both is of no use any more to either.
      "clientRequestId" = CASE WHEN NOT EXISTS (
        SELECT 1 FROM "ChatSession" o WHERE o."userId" = p_user AND o."personaId" = c."personaId"
           AND o."clientRequestId" = c."clientRequestId") THEN c."clientRequestId" END
   WHERE c."userId" = p_guest;
  GET DIAGNOSTICS moved = ROW_COUNT;
  -- Made by the next migration.
  PERFORM chat_move_spend_v1(p_guest, p_user);
  IF p_last THEN DELETE FROM "User" WHERE id = p_guest; END IF;
  RETURN moved;
END $$;
