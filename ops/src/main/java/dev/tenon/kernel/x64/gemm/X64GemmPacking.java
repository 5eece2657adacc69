package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;

/**
 * The stage before {@link X64FloatGemm} where the right operand is not packed: packs it into shared memory, in the panels that
 * constants have. A left operand that is stored transposed is turned, too: into chunks of as many terms as a panel has columns,
 * each with all rows. Terms that the last chunk lacks are zeros in both operands. They change no sum, but for the sign of a zero.
 */
final class X64GemmPacking implements Kernel {
    private static final long ALIGNMENT = 64;

    /** The elements of a part. */
    private static final long PART_ELEMENTS = 1 << 17;

    /** The rows that are copied to all panels of a part at a time: they are read in the order of memory. */
    private static final int STRIP = 32;

    private static final double ELEMENTS_PER_NANO = 4;

    private final GemmProblem problem;
    private final int columns;
    private final int lanes;
    private final int matrices;
    /** Panels of all right matrices, and chunks of the left one. */
    private final int panels;

    private final int chunks;
    private final int partPieces;
    private final NativeFunction copy;
    private final NativeFunction turn;

    /**
     * A stage.
     *
     * @param p a problem of float32 whose right operand is not packed
     * @param bits the width of vectors: 256 or 512
     */
    X64GemmPacking(GemmProblem p, int bits) {
        problem = p;
        columns = FloatBlock.panelColumns(bits);
        lanes = bits / Float.SIZE;
        int most = 0;
        for (int matrix : p.bMatrix()) {
            most = Math.max(most, matrix + 1);
        }
        matrices = most;
        panels = Math.multiplyExact(matrices, Math.ceilDiv(p.n(), columns));
        chunks = p.transA() ? Math.ceilDiv(p.k(), columns) : 0;
        long piece = (long) columns * Math.max(1, p.transA() ? Math.max(p.m(), terms()) : terms());
        partPieces = (int) Math.max(1, PART_ELEMENTS / piece);
        copy = PackEmitter.copying(bits);
        turn = PackEmitter.transposing(bits);
    }

    /** The rows of a panel: the terms, and zeros after them if the left operand is turned. */
    int terms() {
        return problem.transA() ? Math.ceilDiv(problem.k(), columns) * columns : problem.k();
    }

    /** The chunks of a left operand that is turned; 0 if it is read as it is. */
    int chunks() {
        return chunks;
    }

    /** The bytes of a row of a chunk. */
    long chunkRowBytes() {
        return (long) columns * Float.BYTES;
    }

    private long panelBytes() {
        return terms() * chunkRowBytes();
    }

    /** Where chunks begin in shared memory. Panels come before them. */
    long chunksAt() {
        return Math.ceilDiv(panels * panelBytes(), ALIGNMENT) * ALIGNMENT;
    }

    private long chunkBytes() {
        return problem.m() * chunkRowBytes();
    }

    @Override
    public long sharedBytes() {
        return Math.max(ALIGNMENT, chunksAt() + chunks * chunkBytes());
    }

    @Override
    public String id() {
        return "gemm_f32_packing";
    }

    @Override
    public int parts() {
        return Math.max(1, Math.ceilDiv(panels + chunks, partPieces));
    }

    @Override
    public long partNanos() {
        return (long)
                (partPieces * (double) columns * Math.max(terms(), chunks == 0 ? 0 : problem.m()) / ELEMENTS_PER_NANO);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        GemmProblem p = problem;
        if (p.count() == 0 || p.m() == 0 || p.n() == 0 || p.k() == 0) {
            return;
        }
        MemorySegment shared = operands[operands.length - 1];
        int end = Math.min(panels + chunks, to * partPieces);
        try {
            int piece = from * partPieces;
            while (piece < Math.min(end, panels)) {
                int perMatrix = panels / matrices;
                int same = Math.min(end, (piece / perMatrix + 1) * perMatrix);
                pack(operands[1], piece, same, shared);
                piece = same;
            }
            for (; piece < end; piece++) {
                turnChunk(operands[0], piece - panels, shared);
            }
        } finally {
            OperandAddresses.fence(operands);
        }
    }

    /** Packs some panels of one matrix. */
    private void pack(MemorySegment b, int from, int to, MemorySegment shared) {
        GemmProblem p = problem;
        int perMatrix = panels / matrices;
        int first = from % perMatrix;
        long matrixBytes = (long) p.k() * p.n() * Float.BYTES;
        long source = OperandAddresses.address(b, from / perMatrix * matrixBytes, matrixBytes);
        long bytes = (to - from) * panelBytes();
        long target = OperandAddresses.address(shared, from * panelBytes(), bytes);
        for (int panel = 0; panel < to - from; panel++) {
            clear(width(first + panel), (from + panel) * panelBytes(), shared);
        }
        if (p.transB()) {
            long row = (long) p.k() * Float.BYTES;
            for (int panel = 0; panel < to - from; panel++) {
                long column = source + (long) (first + panel) * columns * row;
                turn.call(column, row, target + panel * panelBytes(), width(first + panel), p.k(), 0);
            }
            return;
        }
        for (int term = 0; term < p.k(); term += STRIP) {
            for (int panel = 0; panel < to - from; panel++) {
                copyRows(source, first + panel, term, target + panel * panelBytes());
            }
        }
    }

    /** The columns of a panel of a matrix that exist. */
    private int width(int panel) {
        return Math.min(columns, problem.n() - panel * columns);
    }

    /** Clears what packing leaves of a panel. Products read these numbers and use none; a tiny one would take time. */
    private void clear(int width, long at, MemorySegment shared) {
        if (width < columns) {
            shared.asSlice(at, panelBytes()).fill((byte) 0);
        } else if (problem.k() < terms()) {
            long rows = problem.k() * chunkRowBytes();
            shared.asSlice(at + rows, panelBytes() - rows).fill((byte) 0);
        }
    }

    /** Copies a strip of rows into a panel, a vector of columns after the other. */
    private void copyRows(long matrix, int panel, int term, long target) {
        long row = (long) problem.n() * Float.BYTES;
        long from = matrix + term * row + (long) panel * columns * Float.BYTES;
        long to = target + term * chunkRowBytes();
        int width = width(panel);
        for (int column = 0; column < width; column += lanes) {
            long skip = (long) column * Float.BYTES;
            int rows = Math.min(STRIP, problem.k() - term);
            copy.call(from + skip, row, to + skip, rows, Math.min(lanes, width - column), 0);
        }
    }

    private void turnChunk(MemorySegment a, int chunk, MemorySegment shared) {
        GemmProblem p = problem;
        long at = chunksAt() + chunk * chunkBytes();
        int width = Math.min(columns, p.k() - chunk * columns);
        if (width < columns) {
            shared.asSlice(at, chunkBytes()).fill((byte) 0);
        }
        long row = (long) p.m() * Float.BYTES;
        long source = OperandAddresses.address(a, (long) chunk * columns * row, width * row);
        turn.call(source, row, OperandAddresses.address(shared, at, chunkBytes()), width, p.m(), 0);
    }
}
