package dev.tenon.kernel.attention;

import dev.tenon.error.InvalidOperandException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Attention over pages of keys and values, as {@link dev.tenon.op.attention.PagedAttention} defines it. Operands are queries, keys,
 * values, pages of keys, pages of values, the page table, sequences, positions, the result, and the changed pages of keys and of
 * values. The first stage of a kernel makes the changed pages; only these are read afterwards, so they may be in the memory of the
 * pages that are given.
 *
 * <p>The keys of a row are joined in segments of {@link #SEGMENT} that begin at multiples of it. Each segment has a maximum of its
 * own, and the results of segments are added in their order. So a row has the same bits whatever else is in the step.
 *
 * @param dims the sizes of the operands
 * @param scale the factor of the products
 * @param window how many positions a token sees; 0 for all
 * @param softcap bounds scaled products to (-softcap, softcap) by tanh; 0 for no bound
 * @param longPositions whether positions are int64
 * @param half whether pages are float16, else they are float32
 */
public record PagedProblem(Dims dims, float scale, long window, float softcap, boolean longPositions, boolean half) {
    /** The tokens of a page. */
    public static final int PAGE = 64;

    /** The keys of a segment, whole pages. */
    public static final int SEGMENT = 512;

    /** The index of the pages of keys among the operands; those of values follow. */
    public static final int PAGES = 3;

    /** The index of the result; the changed pages of keys and of values follow. */
    public static final int RESULT = 8;

    private static final int TABLE = 5;
    private static final int SEQUENCES = 6;
    private static final int POSITIONS = 7;

    /** Rows of queries that a part has about. */
    private static final int PART_ROWS = 48;

    /** The positions that a token is expected to see: their number is not known before the run. */
    private static final long TYPICAL_KEYS = 1024;

    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG;

    /**
     * The sizes of the operands.
     *
     * @param tokens rows of queries, keys and values
     * @param queryHeads heads of queries, a multiple of the key heads
     * @param keyHeads heads of keys and values, at least 1
     * @param size elements of a head
     * @param pages the number of pages
     * @param sequences rows of the page table
     * @param columns pages of a sequence
     */
    public record Dims(int tokens, int queryHeads, int keyHeads, int size, int pages, int sequences, int columns) {
        /** {@return the query heads that share a key head} */
        public int group() {
            return queryHeads / keyHeads;
        }
    }

    /** {@return how many tokens a part of the second stage has} */
    public int partTokens() {
        return Math.max(1, PART_ROWS / dims.group());
    }

    /** {@return the parts of the second stage: some tokens and a key head each} */
    public int parts() {
        return Math.ceilDiv(dims.tokens(), partTokens()) * dims.keyHeads();
    }

    /** {@return how many pairs of rows of queries and keys a part is expected to have} */
    public long partPairs() {
        long keys =
                Math.min(window > 0 ? window : Long.MAX_VALUE, Math.min(TYPICAL_KEYS, (long) dims.columns() * PAGE));
        return keys * dims.group() * Math.min(dims.tokens(), partTokens());
    }

    /**
     * The sequence of a token.
     *
     * @param operands the operands of a run
     * @param token the token
     * @return the sequence, as it is given
     */
    public int sequence(MemorySegment[] operands, int token) {
        return operands[SEQUENCES].getAtIndex(I32, token);
    }

    /**
     * The position of a token.
     *
     * @param operands the operands of a run
     * @param token the token
     * @return the position
     * @throws InvalidOperandException if no page of a sequence has it
     */
    public int position(MemorySegment[] operands, int token) {
        long position =
                longPositions ? operands[POSITIONS].getAtIndex(I64, token) : operands[POSITIONS].getAtIndex(I32, token);
        if (position < 0 || position / PAGE >= dims.columns()) {
            throw refused(
                    "positions[" + token + "] is " + position,
                    (long) dims.columns() * PAGE - 1,
                    "give sequences more pages");
        }
        return (int) position;
    }

    /**
     * The first position that a token sees.
     *
     * @param position its own position
     * @return the position
     */
    public int firstPosition(int position) {
        return window == 0 ? 0 : (int) Math.max(0, position - window + 1);
    }

    /**
     * The page that holds some positions of a sequence.
     *
     * @param operands the operands of a run
     * @param sequence the sequence of a token
     * @param column the position, divided by {@link #PAGE}
     * @return the page, one of those that there are
     * @throws InvalidOperandException if there is no such sequence or page
     */
    public int page(MemorySegment[] operands, int sequence, int column) {
        if (sequence < 0 || sequence >= dims.sequences()) {
            throw refused("an element of sequences is " + sequence, dims.sequences() - 1L, null);
        }
        int page = operands[TABLE].getAtIndex(I32, (long) sequence * dims.columns() + column);
        if (page < 0 || page >= dims.pages()) {
            throw refused("page_table[" + sequence + "," + column + "] is " + page, dims.pages() - 1L, null);
        }
        return page;
    }

    private static InvalidOperandException refused(String found, long most, String cure) {
        return new InvalidOperandException("dev.tenon.PagedAttention", found, "[0, " + most + "]", cure);
    }

    /**
     * The place of the first row of a page.
     *
     * @param page the page
     * @param keyHead the head
     * @return the byte offset in the pages
     */
    public long pageOffset(int page, int keyHead) {
        return ((long) page * dims.keyHeads() + keyHead) * PAGE * pageRowBytes();
    }

    /** {@return the bytes of a row of a head in queries, keys, values and results} */
    public long rowBytes() {
        return (long) dims.size() * Float.BYTES;
    }

    /** {@return the bytes of a row of a head in pages} */
    public long pageRowBytes() {
        return (long) dims.size() * (half ? Short.BYTES : Float.BYTES);
    }

    /**
     * The place of a row of queries or results.
     *
     * @param keyHead the key head
     * @param row the token times the group, plus the query head within the group
     * @return the byte offset in the operand
     */
    public long queryOffset(int keyHead, int row) {
        int group = dims.group();
        return ((long) (row / group) * dims.queryHeads() + (long) keyHead * group + row % group) * rowBytes();
    }
}
