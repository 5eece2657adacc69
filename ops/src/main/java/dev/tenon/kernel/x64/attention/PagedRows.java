package dev.tenon.kernel.x64.attention;

import static dev.tenon.kernel.attention.PagedProblem.PAGE;

import dev.tenon.kernel.ScratchPool;
import dev.tenon.kernel.attention.PagedProblem;
import java.lang.foreign.MemorySegment;

/**
 * The rows of queries that {@link X64PagedAttention} works on together, and the positions that it has come to. Instances come from a
 * pool. An instance belongs to one thread from {@link #take} to {@link #give}.
 */
final class PagedRows {
    private static final ScratchPool<PagedRows> POOL = new ScratchPool<>(PagedRows::new);

    private PagedProblem p;
    MemorySegment[] operands;
    MemorySegment scratch;
    int keyHead;
    int sequence;

    /** The first row, and the row after the last: the token times the group, plus the query head within the group. */
    int row;

    int endRow;

    /** The first position of the segment. */
    int segment;

    /** The first position of the segment that any row sees, and the one after the last. */
    int from;

    int to;

    private PagedRows() {}

    static PagedRows take(PagedProblem p, MemorySegment[] operands, MemorySegment scratch) {
        PagedRows t = POOL.take();
        t.p = p;
        t.operands = operands;
        t.scratch = scratch;
        return t;
    }

    void give() {
        p = null;
        operands = null;
        scratch = null;
        POOL.give(this);
    }

    /**
     * Begins with the rows from one on, before another, that are of one sequence and of neighbouring positions. Positions do not fall.
     */
    void begin(int first, int stop) {
        int group = p.dims().group();
        row = first;
        int token = first / group;
        sequence = p.sequence(operands, token);
        int position = p.position(operands, token++);
        while (token * group < stop && p.sequence(operands, token) == sequence) {
            int next = p.position(operands, token);
            if (next != position && next != position + 1) {
                break;
            }
            position = next;
            token++;
        }
        endRow = token * group;
    }

    int rows() {
        return endRow - row;
    }

    /** The first position that a row sees. */
    int first(int r) {
        return p.firstPosition(end(r) - 1);
    }

    /** The position after the last one that a row sees. */
    int end(int r) {
        return p.position(operands, r / p.dims().group()) + 1;
    }

    /** The address of the row of a position, in the pages of an operand. */
    long address(int operand, int position) {
        long at = position % PAGE;
        long page = p.pageOffset(p.page(operands, sequence, position / PAGE), keyHead);
        return operands[operand].address() + page + at * p.pageRowBytes();
    }
}
