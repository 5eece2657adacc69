package dev.tenon.kernel.scalar.attention;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.attention.PagedProblem;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The first stage of attention over pages: writes the keys and values of all tokens into the pages, which it copies before if the
 * results have memory of their own. Nothing is written if any token sees a page that does not exist. A part is a key head.
 */
public final class PageAppend implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final ValueLayout.OfShort F16 = ValueLayout.JAVA_SHORT;
    private static final long BYTES_PER_NANO = 8;
    private static final long TOKEN_NANOS = 10;

    private final PagedProblem p;
    private final PagedProblem.Dims d;
    private final Kernel attention;

    /**
     * Makes the stage.
     *
     * @param p the problem
     * @param attention the next stage, which reads the changed pages only
     */
    public PageAppend(PagedProblem p, Kernel attention) {
        this.p = p;
        this.d = p.dims();
        this.attention = attention;
    }

    @Override
    public String id() {
        return attention.id();
    }

    @Override
    public Kernel nextStage() {
        return attention;
    }

    @Override
    public long scratchBytes() {
        return attention.scratchBytes();
    }

    @Override
    public int parts() {
        return d.keyHeads();
    }

    @Override
    public long partNanos() {
        return 1 + d.tokens() * (2 * p.rowBytes() / BYTES_PER_NANO + TOKEN_NANOS);
    }

    @Override
    public boolean inPlace(int input, int output) {
        return output > 0 && input == PagedProblem.PAGES + output - 1;
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        check(operands);
        for (int head = from; head < to; head++) {
            for (int i = 0; i < 2; i++) {
                MemorySegment given = operands[PagedProblem.PAGES + i];
                MemorySegment pages = operands[PagedProblem.RESULT + 1 + i];
                if (given.address() != pages.address()) {
                    copy(given, pages, head);
                }
                append(operands, operands[1 + i], pages, head);
            }
        }
    }

    private void check(MemorySegment[] operands) {
        for (int t = 0; t < d.tokens(); t++) {
            int position = p.position(operands, t);
            int sequence = p.sequence(operands, t);
            for (int c = p.firstPosition(position) / PagedProblem.PAGE; c <= position / PagedProblem.PAGE; c++) {
                p.page(operands, sequence, c);
            }
        }
    }

    private void copy(MemorySegment given, MemorySegment pages, int head) {
        long bytes = PagedProblem.PAGE * p.pageRowBytes();
        for (int page = 0; page < d.pages(); page++) {
            MemorySegment.copy(given, p.pageOffset(page, head), pages, p.pageOffset(page, head), bytes);
        }
    }

    private void append(MemorySegment[] operands, MemorySegment rows, MemorySegment pages, int head) {
        for (int t = 0; t < d.tokens(); t++) {
            int position = p.position(operands, t);
            int page = p.page(operands, p.sequence(operands, t), position / PagedProblem.PAGE);
            long at = p.pageOffset(page, head) + position % PagedProblem.PAGE * p.pageRowBytes();
            long from = ((long) t * d.keyHeads() + head) * p.rowBytes();
            if (p.half()) {
                round(rows, from, pages, at);
            } else {
                MemorySegment.copy(rows, from, pages, at, p.rowBytes());
            }
        }
    }

    private void round(MemorySegment row, long from, MemorySegment pages, long at) {
        for (long i = 0; i < d.size(); i++) {
            pages.set(F16, at + i * Short.BYTES, Float.floatToFloat16(row.get(F32, from + i * Float.BYTES)));
        }
    }
}
